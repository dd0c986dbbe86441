#pragma once

#include "http/request_parser.h"
#include "transport/hub.h"

namespace mqttio::transport {

/// One HTTP connection: requests in, answers out, one after the other. Some requests are held by somebody who answers
/// later; some turn the connection into a WebSocket, which ends it here.
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

  /// Answers the request that is being handled, or held. The holder is released.
  void respond(const http::Response& response);
  /// The request that is being handled will be answered later.
  void hold(Holder& holder) { holder_ = &holder; }

  /// The same connection as a WebSocket, after the `101` that it begins with. `early`: what came behind the request.
  struct Upgraded {
    Outlet outlet;
    Buffer early;
  };
  /// Answers the handshake of the request that is being handled, and leaves. It must be one (`is_websocket_handshake`).
  Upgraded upgrade(const http::Request& request, std::string_view subprotocol);

 private:
  void ready(bool readable, bool writable) override;
  void expire(Time now) override;
  void read();
  void feed(Bytes bytes);
  bool serve_next(Bytes& bytes);
  void handle(const http::Request& request);
  void handle_websocket(const http::Request& request);
  void refuse(const http::Error& error);
  void await_request();
  void lost();

  Outlet outlet_;
  http::RequestParser parser_;
  Buffer input_;  ///< What cannot be parsed yet, or waits until the request before it is answered.
  Bytes early_;   ///< What stands behind the request that is being handled.
  Holder* holder_ = nullptr;
  http::Framing framing_;
  bool handling_ = false;  ///< A request is being handled: its answer may come from within.
};

/// Whether this request is a well-formed WebSocket handshake; else what is wrong with it. RFC 6455, section 4.2.1.
http::Result<void> check_websocket_handshake(const http::Request& request);

}  // namespace mqttio::transport
