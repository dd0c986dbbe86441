#pragma once

#include "socketio.h"

namespace mqttio::load {

/// HTTP requests on one connection that is kept, one at a time.
class HttpClient final : public Wire::Owner {
 public:
  class Owner {
   public:
    virtual void answered(HttpClient& client, Bytes body) = 0;
    virtual void closed() = 0;

   protected:
    ~Owner() = default;
  };

  HttpClient(Poller& poller, uint16_t port, Owner& owner) : poller_(poller), port_(port), owner_(owner) {}

  void get(const std::string& target) { request("GET", target, {}); }
  void post(const std::string& target, Bytes body) { request("POST", target, body); }
  bool busy() const { return busy_; }
  void hang_up() { Wire::bury(std::move(wire_)); }

 private:
  void request(const char* method, const std::string& target, Bytes body) {
    if (wire_ == nullptr) wire_ = std::make_unique<Wire>(poller_, port_, *this);
    busy_ = true;
    Buffer out;
    out.append(method);
    out.append(" " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
               "\r\nUser-Agent: load\r\nAccept: */*\r\n");
    if (*method == 'P')
      out.append("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n");
    out.append("\r\n");
    out.append(body);
    wire_->write(out.view());
  }

  void read(Wire&, std::span<std::byte> bytes) override {
    input_.append(bytes);
    const std::string_view text = input_.text();
    const size_t head = text.find("\r\n\r\n");
    if (head == text.npos) return;
    if (!text.starts_with("HTTP/1.1 200")) die("refused: " + std::string(text));
    static constexpr std::string_view kLength = "\r\nContent-Length: ";
    const size_t length_at = text.find(kLength);
    if (length_at > head) die("an answer without Content-Length");
    const size_t length = std::strtoul(text.data() + length_at + kLength.size(), nullptr, 10);
    if (text.size() < head + 4 + length) return;
    Buffer whole;
    whole.swap(input_);
    busy_ = false;
    owner_.answered(*this, whole.view().subspan(head + 4, length));
  }
  void closed(Wire&) override {
    hang_up();
    owner_.closed();
  }

  Poller& poller_;
  uint16_t port_;
  Owner& owner_;
  std::unique_ptr<Wire> wire_;
  bool busy_ = false;
  Buffer input_;
};

/// MQTT in Socket.IO events by long polling: one GET is always held, one POST at most is under way.
class Polling final : public Transport, public HttpClient::Owner {
 public:
  Polling(Poller& poller, uint16_t port, Listener& listener)
      : Transport(poller, listener), get_(poller, port, *this), post_(poller, port, *this) {
    get_.get(target_);
  }

  /// An idle client holds its poll and nothing else.
  void settle() override {
    settled_ = true;
    if (!post_.busy()) post_.hang_up();
  }

 private:
  /// Clients do not put more than this into a POST; servers need not take more.
  static constexpr size_t kBodyMax = 500'000;

  void send() override {
    if (post_.busy() || (!pong_due_ && !join_due_ && (!joined_ || out_.empty()))) return;
    Buffer body;
    engineio::PayloadWriter writer(kRevision, engineio::Form::separated, body);
    if (std::exchange(pong_due_, false)) writer.add({engineio::PacketType::pong, false, {}});
    if (std::exchange(join_due_, false)) writer.add(text_packet(socketio_connect()));
    if (joined_ && !out_.empty()) {
      const size_t size = std::min(out_.size(), kBodyMax);
      writer.add(text_packet(socketio_event()));
      writer.add({engineio::PacketType::message, true, out_.view().first(size)});
      out_.consume(size);
    }
    post_.post(target_, body.view());
  }

  void answered(HttpClient& client, Bytes body) override {
    if (&client == &post_) {
      if (settled_) post_.hang_up();
      return wake();
    }
    engineio::PayloadDecoder packets(kRevision, engineio::Form::separated, body);
    for (;;) {
      const auto packet = packets.next();
      if (!packet) die("no Engine.IO payload");
      if (!*packet) break;
      hear(**packet);
    }
    if (!closed_) get_.get(target_);
  }

  void hear(const engineio::Packet& packet) {
    switch (packet.type) {
      case engineio::PacketType::open: return start(as_text(packet.data));
      case engineio::PacketType::close: return closed();
      case engineio::PacketType::ping: pong_due_ = true; return wake();
      default: break;
    }
    if (packet.binary) return listener_.received(packet.data);
    if (joined_ || !as_text(packet.data).starts_with("0/mqtt,")) return;
    joined_ = true;
    listener_.opened();
  }

  void start(std::string_view open) {
    static constexpr std::string_view kSid = R"({"sid":")";
    if (!open.starts_with(kSid)) die("an open packet without sid");
    open.remove_prefix(kSid.size());
    target_ += "&sid=" + std::string(open.substr(0, open.find('"')));
    join_due_ = true;
    wake();
  }

  void closed() override {
    if (std::exchange(closed_, true)) return;
    get_.hang_up();
    post_.hang_up();
    listener_.closed();
  }

  std::string target_ = "/socket.io/?EIO=4&transport=polling";
  bool joined_ = false;
  bool join_due_ = false;
  bool pong_due_ = false;
  bool settled_ = false;
  bool closed_ = false;
  HttpClient get_;
  HttpClient post_;
};

}  // namespace mqttio::load
