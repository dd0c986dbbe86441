#pragma once

#include <string>

#include "http/request_parser.h"
#include "transport/hub.h"

namespace mqttio::transport {

/// One HTTP connection: requests in, answers out, one after the other, and none before its peer has taken the answer
/// to the one before. Some requests are held by somebody who answers later; some turn the connection into a WebSocket,
/// which ends it here.
class HttpConnection final : public Resident, private net::Waiter, private Timer {
 public:
  /// Whoever holds a request without an answer yet.
  class Holder {
   public:
    /// Its connection is gone; there is nobody to answer any more.
    virtual void request_lost(HttpConnection& connection) = 0;

   protected:
    ~Holder() = default;
  };

  HttpConnection(Hub& hub, net::Socket socket);
  /// Begins with what was read already.
  void start(Bytes early) { feed(early); }

  net::Address peer() const { return outlet_.socket().peer(); }

  /// The Origin of the request that is being handled, or held, if a page of it may read the answer; else "".
  const std::string& origin() const { return origin_; }

  /// Answers the request that is being handled, or held. The holder is released. The next request is never handled
  /// from within: its turn comes later. `sid`: the session whose messages are in the answer; should the peer not take
  /// all of it, `EngineEndpoint::answer_lost` is told.
  void respond(const http::Response& response, std::string_view sid = {});
  /// The request that is being handled will be answered later.
  void hold(Holder& holder) { holder_ = &holder; }

  /// The same connection as a WebSocket, after the `101` that it begins with. `early`: what came behind the request.
  struct Upgraded {
    Outlet outlet;
    Buffer early;
  };
  /// Answers the handshake of the request that is being handled, and leaves. `check_websocket_handshake` was happy.
  Upgraded upgrade(const http::Request& request, std::string_view subprotocol);

 private:
  void ready(bool readable, bool writable) override;
  void expire(Time now) override;
  void read();
  void feed(Bytes bytes);
  bool may_serve() const { return outlet_ && outlet_.empty() && holder_ == nullptr; }
  bool serve_next(Bytes& bytes);
  void handle(const http::Request& request);
  void handle_websocket(const http::Request& request);
  void refuse(const http::Error& error);
  void await_request();
  void serve_later();
  void lost();

  Outlet outlet_;
  http::RequestParser parser_;
  Buffer input_;  ///< What cannot be parsed yet, or waits until the request before it is answered.
  Bytes early_;   ///< What stands behind the request that is being handled.
  std::string origin_;
  std::string answered_;  ///< The session whose answer the peer has not taken whole; else "".
  Holder* holder_ = nullptr;
  http::Framing framing_;
  bool handling_ = false;   ///< A request is being handled: its answer may come from within.
  bool receiving_ = false;  ///< A request has begun to come, and its time is running.
  bool resumes_ = false;    ///< The timer is set to serve what waits in `input_`.
};

/// Whether this request is a well-formed WebSocket handshake; else what is wrong with it. RFC 6455, section 4.2.1.
http::Result<void> check_websocket_handshake(const http::Request& request);

/// To whoever comes anew while the server stops.
http::Response unavailable();

}  // namespace mqttio::transport
