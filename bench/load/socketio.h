#pragma once

#include "engineio/payload.h"
#include "socketio/packet.h"
#include "websocket.h"

namespace mqttio::load {

/// The text of the event that announces MQTT bytes, and the namespace's packets, without the Engine.IO type.
inline const std::string& socketio_event() {
  static const std::string text = socketio::encode(
      {.type = socketio::PacketType::binary_event, .attachments = 1, .nsp = "/mqtt", .json = socketio::kMessageEvent});
  return text;
}
inline const std::string& socketio_connect() {
  static const std::string text = socketio::encode({.type = socketio::PacketType::connect, .nsp = "/mqtt"});
  return text;
}
inline engineio::Packet text_packet(std::string_view text) {
  return {engineio::PacketType::message, false, as_bytes(text)};
}

inline constexpr auto kRevision = engineio::Revision::v4;

/// MQTT in Socket.IO events on a WebSocket.
class SocketIo final : public Transport, public WebSocket::Owner {
 public:
  SocketIo(Poller& poller, uint16_t port, Listener& listener)
      : Transport(poller, listener), socket_(poller, port, "/socket.io/?EIO=4&transport=websocket", "", *this) {}

 private:
  void send() override {
    if (!joined_ || out_.empty()) return;
    frame_text(text_packet(socketio_event()));
    socket_.frame(websocket::Opcode::binary, out_.view());
    socket_.flush();
    out_.clear();
  }
  void opened() override {}
  void closed() override { listener_.closed(); }

  void message(bool text, Bytes bytes) override {
    if (!text) return listener_.received(bytes);
    Buffer scratch;
    const auto packet = engineio::decode_text(kRevision, as_text(bytes), scratch);
    if (!packet) die("no Engine.IO packet");
    switch (packet->type) {
      case engineio::PacketType::open: return answer(text_packet(socketio_connect()));
      case engineio::PacketType::ping: return answer({engineio::PacketType::pong, false, {}});
      default: break;
    }
    if (joined_ || !as_text(packet->data).starts_with("0/mqtt,")) return;
    joined_ = true;
    listener_.opened();
  }

  void answer(const engineio::Packet& packet) {
    frame_text(packet);
    socket_.flush();
  }
  void frame_text(const engineio::Packet& packet) {
    text_.clear();
    engineio::append_text(text_, kRevision, packet);
    socket_.frame(websocket::Opcode::text, text_.view());
  }

  bool joined_ = false;
  Buffer text_;
  WebSocket socket_;
};

}  // namespace mqttio::load
