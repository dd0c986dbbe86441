#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "mqtt/decoder.h"
#include "mqtt/encoder.h"
#include "sim/network.h"

namespace mqttio::sim {

/// A well-behaved client with a session, as the standard asks for it: sends again what was not acknowledged, completes
/// what was begun, never does either twice. Publishes numbered messages and notes what it receives.
class Device {
 public:
  Device(Network& network, Random& random, std::string id, mqtt::Version version)
      : network_(network), random_(random), id_(std::move(id)), version_(version) {}

  void wants(std::string filter, uint8_t qos) { filter_ = std::move(filter), filter_qos_ = qos; }
  void publish(const std::string& topic, const std::string& payload, uint8_t qos) {
    outgoing_.push_back({topic, payload, qos, next_id_, State::fresh});
    next_id_ = next_id_ == UINT16_MAX ? 1 : static_cast<uint16_t>(next_id_ + 1);
  }

  /// One step of its life: connects if it is not connected, hears, answers, and publishes what waits.
  void step() {
    if (wire_ != nullptr && wire_->over() && wire_->received().empty()) lose();
    if (wire_ == nullptr) connect();
    hear();
    if (wire_ != nullptr && ready_) push();
  }
  /// Its connection ends; the server is told at once, or not at all.
  void cut() {
    if (wire_ == nullptr) return;
    chance(random_, 0.7) ? wire_->cut() : wire_->vanish();
    lose();
  }

  bool idle() const { return outgoing_.empty() && ready_; }
  bool subscribed() const { return subscribed_; }
  /// Payloads in the order of their first arrival here, duplicates included where the level allows them.
  const std::vector<std::string>& received() const { return received_; }
  /// What it saw that no server may do; empty if all is well.
  const std::string& complaint() const { return complaint_; }

 private:
  enum class State : uint8_t { fresh, sent, released };
  struct Outgoing {
    std::string topic, payload;
    uint8_t qos;
    uint16_t id;
    State state;
    bool dup = false;
  };

  void connect() {
    wire_ = &network_.connect();
    decoder_ = mqtt::Decoder({}, mqtt::Decoder::Hears::server);
    decoder_.set_version(version_);
    ready_ = false;
    mqtt::Connect packet{.version = version_, .clean_start = false, .client_id = id_};
    if (version_ == mqtt::Version::v5) packet.session_expiry_interval = 3600;
    send(packet);
  }
  void lose() {
    network_.forget(*wire_);
    wire_ = nullptr;
    ready_ = false;
  }

  /// After CONNACK: what was open comes first, in order. [MQTT-4.4.0-1]
  void resume(bool present) {
    ready_ = true;
    if (!present) received_ids_.clear();
    for (Outgoing& out : outgoing_) {
      if (out.state == State::released) send(mqtt::Pubrel{{.packet_id = out.id}});
      if (out.state == State::sent) send_publish(out, present);
    }
    if (!filter_.empty() && (!present || !subscribed_)) subscribe();
  }
  void subscribe() {
    Buffer filter;
    filter.put_u16(static_cast<uint16_t>(filter_.size()));
    filter.append(filter_);
    filter.put_u8(filter_qos_);
    send(mqtt::Subscribe{.packet_id = 60'000, .filters = {filter.view(), true, version_}});
  }
  void push() {
    for (Outgoing& out : outgoing_)
      if (out.state == State::fresh && chance(random_, 0.5))
        send_publish(out, false);
      else if (out.state == State::fresh)
        break;  // in order
  }
  void send_publish(Outgoing& out, bool dup) {
    out.state = State::sent;
    send(mqtt::Publish{
        .topic = out.topic, .payload = as_bytes(out.payload), .packet_id = out.id, .qos = out.qos, .dup = dup});
  }
  void send(const mqtt::Packet& packet) {
    Buffer bytes;
    mqtt::encode(bytes, packet, version_);
    wire_->send(bytes.view());
  }

  void hear() {
    while (wire_ != nullptr) {
      Bytes bytes = wire_->received().view();
      const auto packet = decoder_.next(bytes);
      if (!packet) return complain(std::string("not MQTT: ") + std::string(packet.error().what));
      if (!*packet) return;
      std::visit([this](const auto& p) { on(p); }, **packet);
      wire_->received().consume(wire_->received().size() - bytes.size());
    }
  }
  void on(const mqtt::Connack& p) {
    if (p.reason != mqtt::Reason::success) return complain("refused");
    resume(p.session_present);
  }
  void on(const mqtt::Suback&) { subscribed_ = true; }
  void on(const mqtt::Publish& p) {
    if (p.qos == 1) send(mqtt::Puback{{.packet_id = p.packet_id}});
    if (p.qos == 2) send(mqtt::Pubrec{{.packet_id = p.packet_id}});
    if (p.qos == 2 && !received_ids_.insert(p.packet_id).second) return;
    received_.emplace_back(as_text(p.payload));
  }
  void on(const mqtt::Pubrel& p) {
    received_ids_.erase(p.packet_id);
    send(mqtt::Pubcomp{{.packet_id = p.packet_id}});
  }
  void on(const mqtt::Puback& p) { settle(p.packet_id); }
  void on(const mqtt::Pubcomp& p) { settle(p.packet_id); }
  void on(const mqtt::Pubrec& p) {
    for (Outgoing& out : outgoing_)
      if (out.id == p.packet_id) out.state = State::released;
    send(mqtt::Pubrel{{.packet_id = p.packet_id}});
  }
  /// An earlier connection of ours may have arrived late and taken the session over: it is dead already.
  void on(const mqtt::Disconnect& p) {
    if (p.reason == mqtt::Reason::session_taken_over) return;
    complain("sent away: " + std::string(p.reason_string.value_or(mqtt::to_text(p.reason))));
  }
  template <class Other>
  void on(const Other&) {
    complain("a packet that has no place here");
  }
  void settle(uint16_t id) {
    std::erase_if(outgoing_, [&](const Outgoing& out) { return out.id == id; });
  }
  void complain(std::string what) {
    if (complaint_.empty()) complaint_ = id_ + ": " + std::move(what);
  }

  Network& network_;
  Random& random_;
  std::string id_;
  mqtt::Version version_;
  std::string filter_;
  uint8_t filter_qos_ = 0;
  Wire* wire_ = nullptr;
  mqtt::Decoder decoder_{{}, mqtt::Decoder::Hears::server};
  bool ready_ = false;
  bool subscribed_ = false;
  uint16_t next_id_ = 1;
  std::vector<Outgoing> outgoing_;
  std::set<uint16_t> received_ids_;
  std::vector<std::string> received_;
  std::string complaint_;
};

}  // namespace mqttio::sim
