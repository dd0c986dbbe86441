#pragma once

#include "mqtt/decoder.h"
#include "mqtt/encoder.h"
#include "polling.h"
#include "tcp.h"

namespace mqttio::load {

/// Where to, and by what.
struct Target {
  std::string transport = "tcp";  ///< tcp, ws, socketio, polling
  uint16_t port = 1883;
};

inline std::unique_ptr<Transport> make_transport(Poller& poller, const Target& target, Transport::Listener& listener) {
  if (target.transport == "tcp") return std::make_unique<Tcp>(poller, target.port, listener);
  if (target.transport == "ws") return std::make_unique<MqttOverWebSocket>(poller, target.port, listener);
  if (target.transport == "socketio") return std::make_unique<SocketIo>(poller, target.port, listener);
  if (target.transport == "polling") return std::make_unique<Polling>(poller, target.port, listener);
  die("--transport is tcp, ws, socketio or polling");
}

/// An MQTT 3.1.1 client: connects, subscribes to at most one topic, and acknowledges what it hears.
class Client final : private Transport::Listener {
 public:
  class Owner {
   public:
    /// Connected, and subscribed if it was to be.
    virtual void ready(Client& client) = 0;
    virtual void heard(Client&, const mqtt::Publish&) {}
    /// The flow of a publish of ours is over, as far as its QoS has one.
    virtual void settled(Client&, uint16_t /*packet_id*/) {}

   protected:
    ~Owner() = default;
  };

  Client(Poller& poller, const Target& target, Owner& owner, std::string id, std::string subscribe_to = "",
         uint8_t qos = 0)
      : owner_(owner), id_(std::move(id)), filter_(std::move(subscribe_to)), qos_(qos) {
    transport_ = make_transport(poller, target, *this);
    if (open_) connect();
  }

  void publish(const mqtt::Publish& packet) { mqtt::encode(transport_->out(), packet, kVersion); }
  void settle() { transport_->settle(); }
  /// Says good-bye; `gone` when the server has closed the connection.
  void leave() {
    leaving_ = true;
    mqtt::encode(transport_->out(), mqtt::Disconnect{}, kVersion);
  }
  bool gone() const { return gone_; }

  size_t place = 0;  ///< Its owner's note.

 private:
  static constexpr auto kVersion = mqtt::Version::v311;

  // ---- Transport::Listener
  void opened() override {
    open_ = true;
    if (transport_ != nullptr) connect();
  }
  void received(Bytes bytes) override {
    const bool kept = !input_.empty();
    if (kept) {
      input_.append(bytes);
      bytes = input_.view();
    }
    for (;;) {
      const auto packet = decoder_.next(bytes);
      if (!packet) die("no MQTT from the server");
      if (!*packet) break;
      std::visit([this](const auto& p) { on(p); }, **packet);
    }
    if (kept)
      input_.consume(input_.size() - bytes.size());
    else
      input_.append(bytes);
    if (input_.empty()) input_.release();
  }
  void closed() override {
    if (!leaving_) die("the server closed the connection of " + id_);
    gone_ = true;
  }

  void connect() {
    mqtt::encode(transport_->out(), mqtt::Connect{.keep_alive_seconds = 60, .client_id = id_}, kVersion);
  }

  // ---- packets
  void on(const mqtt::Connack& packet) {
    if (packet.reason != mqtt::Reason::success) die("the server refused " + id_);
    if (filter_.empty()) return owner_.ready(*this);
    Buffer filter;
    filter.put_u16(static_cast<uint16_t>(filter_.size()));
    filter.append(filter_);
    filter.put_u8(qos_);
    mqtt::encode(transport_->out(), mqtt::Subscribe{.packet_id = 1, .filters = {filter.view(), true, kVersion}},
                 kVersion);
  }
  void on(const mqtt::Suback& packet) {
    if (packet.reasons.front() != static_cast<mqtt::Reason>(qos_)) die("the server refused a subscription");
    owner_.ready(*this);
  }
  void on(const mqtt::Publish& packet) {
    owner_.heard(*this, packet);
    if (packet.qos == 1) acknowledge(mqtt::PacketType::puback, packet.packet_id);
    if (packet.qos == 2) acknowledge(mqtt::PacketType::pubrec, packet.packet_id);
  }
  void on(const mqtt::Pubrel& packet) { acknowledge(mqtt::PacketType::pubcomp, packet.packet_id); }
  void on(const mqtt::Puback& packet) { owner_.settled(*this, packet.packet_id); }
  void on(const mqtt::Pubrec& packet) { acknowledge(mqtt::PacketType::pubrel, packet.packet_id); }
  void on(const mqtt::Pubcomp& packet) { owner_.settled(*this, packet.packet_id); }
  template <class Other>
  void on(const Other&) {}

  void acknowledge(mqtt::PacketType type, uint16_t packet_id) {
    mqtt::encode(transport_->out(), type, mqtt::Ack{.packet_id = packet_id}, kVersion);
  }

  Owner& owner_;
  std::string id_;
  std::string filter_;
  uint8_t qos_;
  bool open_ = false;
  bool leaving_ = false;
  bool gone_ = false;
  mqtt::Decoder decoder_{{}, mqtt::Decoder::Hears::server};
  Buffer input_;  ///< A packet that is not all here.
  std::unique_ptr<Transport> transport_;
};

}  // namespace mqttio::load
