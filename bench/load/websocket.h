#pragma once

#include "transport.h"
#include "websocket/frame.h"

namespace mqttio::load {

/// The client's end of a WebSocket: messages in, frames out.
class WebSocket final : public Wire::Owner {
 public:
  class Owner {
   public:
    virtual void opened() = 0;
    virtual void message(bool text, Bytes bytes) = 0;
    virtual void closed() = 0;

   protected:
    ~Owner() = default;
  };

  WebSocket(Poller& poller, uint16_t port, const std::string& target, const std::string& subprotocol, Owner& owner)
      : owner_(owner), wire_(std::make_unique<Wire>(poller, port, *this)) {
    std::string request = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
    if (!subprotocol.empty()) request += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
    wire_->write(as_bytes(request + "\r\n"));
  }

  /// Appends a client's frame to what the next `flush` sends.
  void frame(websocket::Opcode opcode, Bytes payload) {
    std::byte* header = frames_.prepare(websocket::kMaxServerHeader);
    const size_t size = websocket::write_server_header(header, opcode, payload.size());
    header[1] |= std::byte{0x80};
    frames_.commit(size);
    frames_.append(kMask);
    frames_.append(payload);
    websocket::unmask({frames_.data() + frames_.size() - payload.size(), payload.size()}, kMask, 0);
  }
  void flush() {
    if (wire_ != nullptr) wire_->write(frames_.view());
    frames_.clear();
  }

 private:
  /// Any will do; whoever unmasks cannot know that it is always the same.
  static constexpr std::array<std::byte, 4> kMask{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};

  void read(Wire&, std::span<std::byte> bytes) override {
    Bytes rest = bytes;
    const bool kept = !input_.empty();
    if (kept) {
      input_.append(bytes);
      rest = input_.view();
    }
    while (wire_ != nullptr && take(rest)) {
    }
    if (kept)
      input_.consume(input_.size() - rest.size());
    else
      input_.append(rest);
    if (input_.empty()) input_.release();
  }
  void closed(Wire&) override {
    Wire::bury(std::move(wire_));
    owner_.closed();
  }

  bool take(Bytes& rest) { return upgraded_ ? take_frame(rest) : take_answer(rest); }

  bool take_answer(Bytes& rest) {
    const size_t end = as_text(rest).find("\r\n\r\n");
    if (end == std::string_view::npos) return false;
    if (!as_text(rest).starts_with("HTTP/1.1 101")) die("no WebSocket: " + std::string(as_text(rest.first(end))));
    rest = rest.subspan(end + 4);
    upgraded_ = true;
    owner_.opened();
    return true;
  }

  bool take_frame(Bytes& rest) {
    if (rest.size() < 2) return false;
    const uint8_t second = to_u8(rest[1]);
    const size_t header = 2 + (second == 126 ? 2 : second == 127 ? 8 : 0);
    if (rest.size() < header) return false;
    const size_t length = second == 126 ? peek_u16(&rest[2]) : second == 127 ? peek_u32(&rest[6]) : second;
    if (rest.size() < header + length) return false;
    const auto opcode = static_cast<websocket::Opcode>(to_u8(rest[0]) & 0x0f);
    const Bytes payload = rest.subspan(header, length);
    rest = rest.subspan(header + length);
    if (opcode == websocket::Opcode::close)
      closed(*wire_);
    else if (!websocket::is_control(opcode))
      owner_.message(opcode == websocket::Opcode::text, payload);
    return true;
  }

  Owner& owner_;
  std::unique_ptr<Wire> wire_;
  bool upgraded_ = false;
  Buffer input_;  ///< A frame that is not all here.
  Buffer frames_;
};

/// MQTT in binary frames.
class MqttOverWebSocket final : public Transport, public WebSocket::Owner {
 public:
  MqttOverWebSocket(Poller& poller, uint16_t port, Listener& listener)
      : Transport(poller, listener), socket_(poller, port, "/mqtt", "mqtt", *this) {}

 private:
  void send() override {
    if (out_.empty()) return;
    socket_.frame(websocket::Opcode::binary, out_.view());
    socket_.flush();
    out_.clear();
  }
  void opened() override { listener_.opened(); }
  void message(bool, Bytes bytes) override { listener_.received(bytes); }
  void closed() override { listener_.closed(); }

  WebSocket socket_;
};

}  // namespace mqttio::load
