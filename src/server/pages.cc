#include "server/pages.h"

#include <algorithm>

#include "web/files.h"

namespace mqttio::server {
namespace {

/// Pages load nothing from elsewhere and talk to nobody else.
constexpr std::string_view kPolicy =
    "default-src 'self'; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::Response plain(int status, std::string_view text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(text) + "\n"};
}

const web::File* find(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto files = web::files();
  const auto found = std::ranges::find(files, path, &web::File::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

http::Response serve_page(const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return plain(405, "GET or HEAD");
  if (request.path == "/") return {.status = 302, .headers = {{"Location", "/demo"}}};
  const web::File* file = find(request.path);
  if (file == nullptr)
    return plain(404, "Nothing is here. The demo is at /demo, WebSocket at /mqtt, Socket.IO at /socket.io/.");
  http::Response response{.content_type = std::string(file->content_type), .body = std::string(file->content)};
  if (request.find("if-none-match") == file->etag) response = {.status = 304};
  response.headers = {{"ETag", std::string(file->etag)},
                      {"Cache-Control", "no-cache"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Content-Security-Policy", std::string(kPolicy)}};
  return response;
}

}  // namespace mqttio::server
