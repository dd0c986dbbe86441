#pragma once

#include "transport/hub.h"
#include "websocket/decoder.h"

namespace mqttio::transport {

/// MQTT in the binary frames of a WebSocket: a byte stream, for frames need not align with packets. [MQTT-6.0.0-2]
class WebSocketStream final : public Resident, public Stream, private net::Waiter {
 public:
  WebSocketStream(Hub& hub, Outlet outlet, Peer peer, Buffer early);

  std::optional<Bytes> read(std::span<std::byte> scratch) override;
  size_t room() const override { return outlet_.empty() ? kRoom : 0; }
  void write(Buffer& out) override;
  void close(Close why, Buffer& last) override;

 private:
  void ready(bool readable, bool writable) override;
  Bytes unwrap(std::span<std::byte> in);
  void answer(const websocket::Event& control);
  void end(uint16_t code, std::string_view reason);

  Outlet outlet_;
  websocket::Decoder decoder_;
  Buffer early_;
  bool ended_ = false;  ///< A close frame was sent: nothing may follow it.
};

/// The close code that says why.
uint16_t to_close_code(Close why);
/// Sends the pong. False: the peer asks and does not take the answers.
bool answer_ping(Outlet& outlet, Bytes payload);

}  // namespace mqttio::transport
