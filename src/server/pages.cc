#include "server/pages.h"

#include <algorithm>
#include <utility>

#include "web/files.h"

namespace mqttio::server {
namespace {

/// Pages load nothing from elsewhere and talk to nobody else.
constexpr std::string_view kPolicy =
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Locations are relative: a proxy may have put us below a path of its own.
http::Response redirect(std::string location) {
  return {.status = 302, .headers = {{"Location", std::move(location)}}};
}

const web::File* find(std::string_view path) {
  const auto files = web::files();
  const auto found = std::ranges::find(files, path, &web::File::path);
  return found == files.end() ? nullptr : &*found;
}

/// Whether the peer has this very content. A proxy that compressed it made the tag a weak one; for us it is the same.
bool is_known(const http::Request& request, std::string_view etag) {
  const std::string_view known = request.find("if-none-match").value_or("");
  return http::has_token(known, etag) || http::has_token(known, "W/" + std::string(etag)) ||
         http::has_token(known, "*");
}

}  // namespace

http::Response serve_page(const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return http::plain(405, "GET or HEAD");
  if (request.path == "/") return redirect("demo");
  if (request.path == "/demo/") return redirect("../demo");
  const web::File* file = find(request.path);
  if (file == nullptr)
    return http::plain(404, "Nothing is here. The demo is at /demo, WebSocket at /mqtt, Socket.IO at /socket.io/.");
  http::Response response{.content_type = std::string(file->content_type), .body = std::string(file->content)};
  if (is_known(request, file->etag)) response = {.status = 304};
  response.headers = {{"ETag", std::string(file->etag)},
                      {"Cache-Control", "no-cache"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", std::string(kPolicy)}};
  return response;
}

}  // namespace mqttio::server
