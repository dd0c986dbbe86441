#include "transport/engine_endpoint.h"

#include <algorithm>

#include "base/random.h"
#include "transport/engine_session.h"
#include "transport/http_connection.h"

namespace mqttio::transport {
namespace {

using engineio::Refusal;
using engineio::Revision;

/// A session id is all that stands between a stranger and the session: more than 128 random bits.
constexpr size_t kSidLength = 22;

/// What stands in `EIO`; old clients send 2 for what is 3, or nothing.
std::optional<Revision> revision_of(const http::Request& request) {
  const auto value = request.parameter("EIO");
  if (!value || *value == "3" || *value == "2") return Revision::v3;
  if (*value == "4") return Revision::v4;
  return std::nullopt;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::vector<http::Header> EngineEndpoint::headers_for(const HttpConnection& connection) {
  std::vector<http::Header> headers = {
      {"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}, {"X-Accel-Buffering", "no"}};
  if (connection.origin().empty()) return headers;
  headers.push_back({"Access-Control-Allow-Origin", connection.origin()});
  headers.push_back({"Access-Control-Allow-Credentials", "true"});
  headers.push_back({"Vary", "Origin"});
  return headers;
}

bool EngineEndpoint::is_for(const http::Request& request) {
  return request.path == "/socket.io/" || request.path == "/socket.io";
}

void EngineEndpoint::hear_body_of(const http::Request& request) {
  if (!is_for(request)) return;
  if (const auto sid = request.parameter("sid"))
    if (EngineSession* session = find(*sid)) session->heard();
}

void EngineEndpoint::answer_lost(const std::string& sid) {
  if (EngineSession* session = find(sid)) session->answer_lost();
}

void EngineEndpoint::close_all() {
  std::vector<EngineSession*> sessions;  // some end at once
  for (const auto& [sid, session] : sessions_) sessions.push_back(session);
  for (EngineSession* session : sessions) session->close(websocket::close_code::going_away);
}

void EngineEndpoint::handle(HttpConnection& connection, const http::Request& request) {
  const std::string transport = request.parameter("transport").value_or("");
  const bool websocket = transport == "websocket";
  if (has_control_characters(request.find("origin").value_or("")))
    return refuse(connection, request, Refusal::bad_request);
  if (!hub_.fence().admits_origin(request)) return refuse(connection, request, Refusal::forbidden);
  if (request.method == "OPTIONS" && request.find("access-control-request-method"))
    return answer_preflight(connection, request);
  if (transport != "polling" && !websocket) return refuse(connection, request, Refusal::transport_unknown);
  if (request.parameter("j")) return refuse(connection, request, Refusal::bad_request);  // JSONP: no browser needs it

  if (const auto sid = request.parameter("sid")) {
    EngineSession* session = find(*sid);
    if (session == nullptr) return refuse(connection, request, Refusal::session_id_unknown);
    if (websocket && !check_websocket_handshake(request)) return refuse(connection, request, Refusal::bad_request);
    if (websocket) return session->upgrade(connection, request);
    if (session->carrier() == engineio::Carrier::websocket) return refuse(connection, request, Refusal::bad_request);
    return session->poll(connection, request);
  }
  if (request.method != "GET") return refuse(connection, request, Refusal::bad_handshake_method);
  if (websocket && !check_websocket_handshake(request)) return refuse(connection, request, Refusal::bad_request);
  if (!revision_of(request)) return refuse(connection, request, Refusal::unsupported_protocol_version);
  if (hub_.stopping()) return connection.respond(unavailable());
  open(connection, request, websocket);
}

void EngineEndpoint::refuse(HttpConnection& connection, const http::Request& request, Refusal refusal) {
  const bool handshake = http::has_token(request.find("upgrade").value_or(""), "websocket");
  http::Response response{.status = refusal == Refusal::forbidden && !handshake ? 403 : 400,
                          .content_type = handshake ? "text/html" : "application/json",
                          .body = handshake ? std::string(to_text(refusal)) : to_json(refusal),
                          .headers = headers_for(connection),
                          .close = handshake};
  connection.respond(response);
}

void EngineEndpoint::answer_preflight(HttpConnection& connection, const http::Request& request) {
  http::Response response{.status = 204, .content_type = "", .body = "", .headers = headers_for(connection)};
  response.headers.push_back({"Access-Control-Allow-Methods", "GET,POST,OPTIONS"});
  if (const auto wanted = request.find("access-control-request-headers"))
    response.headers.push_back({"Access-Control-Allow-Headers", std::string(*wanted)});
  response.headers.push_back({"Access-Control-Max-Age", "600"});
  connection.respond(response);
}

EngineSession* EngineEndpoint::find(const std::string& sid) {
  const auto found = sessions_.find(sid);
  return found == sessions_.end() ? nullptr : found->second;
}

void EngineEndpoint::open(HttpConnection& connection, const http::Request& request, bool websocket) {
  const net::Address from = connection.peer();
  Peer peer{.address = from.text(), .kind = "socketio", .local = hub_.fence().is_local(from, &request)};
  const auto carrier = websocket ? engineio::Carrier::websocket : engineio::Carrier::polling;
  auto& session = hub_.add<EngineSession>(random_token(kSidLength), *revision_of(request), carrier, std::move(peer));
  sessions_.emplace(session.sid(), &session);
  session.begin(connection, request);
}

}  // namespace mqttio::transport
