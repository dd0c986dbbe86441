#include "transport/http_connection.h"

#include <utility>

#include "transport/engine_endpoint.h"
#include "transport/websocket_stream.h"
#include "websocket/handshake.h"

namespace mqttio::transport {
namespace {

/// Requests that a peer sends ahead of our answers; beyond it, the connection is not read. Protects memory.
constexpr size_t kPipelineMax = 64 * 1024;

constexpr std::string_view kNoUpgrade =
    "This address speaks WebSocket. If you see this through a proxy, it dropped the Upgrade header: pass on Upgrade\n"
    "and Connection, and speak HTTP/1.1 to the server. Socket.IO at /socket.io/ works without them.";
constexpr std::string_view kOnlyThisComputer =
    "This server was started without a configuration and serves only this computer, by the names localhost,\n"
    "127.0.0.1 and [::1]. To serve others, start it with --bind.";

/// Requests of one connection that are handled before others get their turn.
constexpr int kRequestsPerTurn = 16;

http::RequestParser::Options parser_options(Hub& hub) {
  http::RequestParser::Options options;
  options.max_body = hub.engine().max_body();
  return options;
}

}  // namespace

http::Response unavailable() {
  http::Response answer = http::plain(503, "The server is shutting down.");
  answer.headers = {{"Retry-After", "5"}};
  answer.close = true;
  return answer;
}

http::Result<void> check_websocket_handshake(const http::Request& request) {
  if (request.method != "GET" || request.minor_version < 1 ||
      !http::has_token(request.find("upgrade").value_or(""), "websocket") ||
      !http::has_token(request.find("connection").value_or(""), "upgrade"))
    return std::unexpected(http::Error{426, kNoUpgrade});
  if (request.find("sec-websocket-version") != "13")
    return std::unexpected(http::Error{426, "Only version 13 of WebSocket is spoken here."});
  if (!websocket::is_key(request.find("sec-websocket-key").value_or("")))
    return std::unexpected(http::Error{400, "Sec-WebSocket-Key is missing or is not base64 of 16 bytes."});
  return {};
}

HttpConnection::HttpConnection(Hub& hub, net::Socket socket)
    : Resident(hub), outlet_(std::move(socket)), parser_(parser_options(hub)) {
  outlet_.socket().set_waiter(*this);
  await_request();
}

void HttpConnection::await_request() { hub_.timers().arm(*this, hub_.now() + hub_.options().http_idle_timeout); }

void HttpConnection::serve_later() {
  resumes_ = true;
  hub_.timers().arm(*this, hub_.now());
}

void HttpConnection::expire(Time) {
  if (resumes_) {
    await_request();
    return feed({});
  }
  if (!parser_.busy()) return lost();
  refuse({408, "The request did not come to its end in time (http.request_timeout)."});
}

void HttpConnection::lost() {
  cancel();
  if (Holder* holder = std::exchange(holder_, nullptr)) holder->request_lost(*this);
  hub_.farewell(std::move(outlet_), std::move(answered_));
  hub_.remove(*this);
}

void HttpConnection::ready(bool readable, bool writable) {
  if (writable && outlet_.flush() && !outlet_.broken()) {
    answered_.clear();
    feed({});
  } else if (writable && holder_ == nullptr && !parser_.busy()) {
    await_request();  // it is slow, but it takes
  }
  if (!outlet_) return;
  if (outlet_.broken()) return lost();
  if (readable) read();
}

void HttpConnection::read() {
  const auto [size, ended] = outlet_.socket().read(hub_.scratch());
  if (ended) return lost();
  feed(hub_.scratch().first(size));
  if (!outlet_) return;
  if (const http::Request* request = parser_.arriving()) hub_.engine().hear_body_of(*request);
}

/// Serves what is whole and may be served, keeps the rest, and listens for more.
void HttpConnection::feed(Bytes bytes) {
  resumes_ = false;
  const bool kept = !input_.empty();
  if (kept) {
    input_.append(bytes);
    bytes = input_.view();
  }
  int served = 0;
  while (served < kRequestsPerTurn && may_serve() && serve_next(bytes)) ++served;
  if (!outlet_) return;  // it has become something else, or was closed
  if (kept)
    input_.consume(input_.size() - bytes.size());
  else
    input_.append(bytes);
  if (input_.empty()) input_.release();
  if (served == kRequestsPerTurn && may_serve() && !input_.empty()) serve_later();
  if (input_.size() < kPipelineMax) outlet_.socket().await_readable();
}

/// False: nothing more can be done with these bytes now.
bool HttpConnection::serve_next(Bytes& bytes) {
  const auto request = parser_.next(bytes);
  if (!request) {
    refuse(request.error());
    return false;
  }
  if (parser_.take_expectation()) outlet_.write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
  if (!*request) {
    if (parser_.busy() && !std::exchange(receiving_, true))
      hub_.timers().arm(*this, hub_.now() + hub_.options().http_request_timeout);
    return false;
  }
  receiving_ = false;
  framing_ = {.keep_alive = (*request)->keep_alive, .head_only = (*request)->method == "HEAD"};
  cancel();
  // If this becomes a WebSocket, what is behind the request belongs to that.
  early_ = bytes;
  handling_ = true;
  handle(**request);
  handling_ = false;
  return true;
}

void HttpConnection::refuse(const http::Error& error) {
  http::Response answer = http::plain(error.status, error.what);
  if (error.status == 413) answer.body += "See the option socketio.max_payload.\n";
  framing_ = {.keep_alive = false};
  respond(answer);
}

void HttpConnection::handle(const http::Request& request) {
  if (!hub_.fence().admits_host(request)) return respond(http::plain(403, kOnlyThisComputer));
  origin_ = hub_.fence().admits_origin(request) ? std::string(request.find("origin").value_or("")) : "";
  if (request.path == "/mqtt") return handle_websocket(request);
  if (EngineEndpoint::is_for(request)) return hub_.engine().handle(*this, request);
  respond(hub_.site()(request));
}

void HttpConnection::handle_websocket(const http::Request& request) {
  const auto turn_away = [this](http::Response answer) {
    answer.close = true;  // what comes behind a handshake is no HTTP
    respond(answer);
  };
  if (const auto good = check_websocket_handshake(request); !good) {
    http::Response answer = http::plain(good.error().status, good.error().what);
    if (answer.status == 426) answer.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
    return turn_away(answer);
  }
  if (hub_.stopping()) return turn_away(unavailable());
  if (!hub_.fence().admits_origin(request))
    return turn_away(http::plain(403, "Pages of this origin may not use this server."));
  const std::string_view offered = request.find("sec-websocket-protocol").value_or("");
  const std::string_view chosen = http::has_token(offered, "mqtt")       ? "mqtt"  // [MQTT-6.0.0-4]
                                  : http::has_token(offered, "mqttv3.1") ? "mqttv3.1"
                                                                         : "";
  if (chosen.empty() && !offered.empty())
    return turn_away(http::plain(400, "None of the subprotocols offered is `mqtt`."));
  const net::Address address = peer();
  Peer from{.address = address.text(), .kind = "websocket", .local = hub_.fence().is_local(address, &request)};
  Upgraded upgraded = upgrade(request, chosen);
  hub_.add<WebSocketStream>(std::move(upgraded.outlet), std::move(from), std::move(upgraded.early));
}

void HttpConnection::respond(const http::Response& response, std::string_view sid) {
  holder_ = nullptr;
  framing_.keep_alive &= !response.close;
  Buffer out;
  http::append_response(out, response, framing_);
  outlet_.write(out.view());
  if (!outlet_.empty() || outlet_.broken()) answered_ = sid;
  if (!framing_.keep_alive || outlet_.broken()) return lost();
  await_request();
  if (!handling_ && !input_.empty()) serve_later();
}

HttpConnection::Upgraded HttpConnection::upgrade(const http::Request& request, std::string_view subprotocol) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      websocket::accept_key(request.find("sec-websocket-key").value_or("")) + "\r\n";
  if (!subprotocol.empty()) head += "Sec-WebSocket-Protocol: " + std::string(subprotocol) + "\r\n";
  outlet_.write(as_bytes(head + "\r\n"));
  Upgraded upgraded{.outlet = std::move(outlet_), .early = {}};
  upgraded.early.append(early_);
  cancel();
  hub_.remove(*this);
  return upgraded;
}

}  // namespace mqttio::transport
