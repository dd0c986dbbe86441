#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "engineio/session.h"
#include "transport/hub.h"

namespace mqttio::transport {

class EngineSession;
class HttpConnection;

/// `/socket.io/`: finds or makes the Engine.IO session that a request is for, and refuses the others in the reference
/// server's order and words.
class EngineEndpoint {
 public:
  EngineEndpoint(Hub& hub, const engineio::Options& options) : hub_(hub), options_(options) {}

  /// Whether a request is meant for this place.
  static bool is_for(const http::Request& request);
  void handle(HttpConnection& connection, const http::Request& request);
  /// More of that request's body has come: a session that is being written to lives.
  void hear_body_of(const http::Request& request);
  /// The peer has not taken all of an answer with messages of that session.
  void answer_lost(const std::string& sid);
  /// Ends every session, after what is queued for it.
  void close_all();

  const engineio::Options& options() const { return options_; }
  /// Clients join packets to bodies without looking at `max_payload`; this much is borne.
  uint64_t max_body() const { return 4 * options_.max_payload.bytes; }
  void forget(const std::string& sid) { sessions_.erase(sid); }
  size_t session_count() const { return sessions_.size(); }

  /// What every answer to that request carries: it lets its page read it, and keeps proxies from keeping it.
  static std::vector<http::Header> headers_for(const HttpConnection& connection);

 private:
  void refuse(HttpConnection& connection, const http::Request& request, engineio::Refusal refusal);
  void answer_preflight(HttpConnection& connection, const http::Request& request);
  void open(HttpConnection& connection, const http::Request& request, bool websocket);
  EngineSession* find(const std::string& sid);

  Hub& hub_;
  engineio::Options options_;
  boost::unordered_flat_map<std::string, EngineSession*> sessions_;
};

}  // namespace mqttio::transport
