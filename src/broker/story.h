#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "mqtt/decoder.h"
#include "mqtt/encoder.h"

/// For tests: a broker in a world without sockets and clocks, and clients who talk to it in packets. What a client
/// hears is told as text, so that a story reads like the lines of a play.
namespace mqttio::broker::story {

using mqtt::Version;

inline std::string tell(const mqtt::Connack& p) {
  return "CONNACK " + std::string(p.session_present ? "present " : "new ") + std::string(to_text(p.reason));
}
inline std::string tell(const mqtt::Publish& p) {
  std::ostringstream text;
  text << "PUBLISH " << p.topic << " " << as_text(p.payload) << " q" << int{p.qos};
  if (p.packet_id != 0) text << " #" << p.packet_id;
  if (p.dup) text << " dup";
  if (p.retain) text << " retain";
  for (auto ids = p.subscription_ids; !ids.empty();) text << " sub" << ids.take_id();
  if (p.properties.message_expiry_interval) text << " expires" << *p.properties.message_expiry_interval;
  return text.str();
}
inline std::string tell_ack(const char* name, const mqtt::Ack& p) {
  return std::string(name) + " #" + std::to_string(p.packet_id) +
         (p.reason == mqtt::Reason::success ? "" : " " + std::string(to_text(p.reason)));
}
inline std::string tell(const mqtt::Puback& p) { return tell_ack("PUBACK", p); }
inline std::string tell(const mqtt::Pubrec& p) { return tell_ack("PUBREC", p); }
inline std::string tell(const mqtt::Pubrel& p) { return tell_ack("PUBREL", p); }
inline std::string tell(const mqtt::Pubcomp& p) { return tell_ack("PUBCOMP", p); }
inline std::string tell_reasons(const char* name, uint16_t id, std::span<const mqtt::Reason> reasons) {
  std::ostringstream text;
  text << name << " #" << id << std::hex;
  for (const mqtt::Reason reason : reasons) text << " " << static_cast<int>(reason);
  return text.str();
}
inline std::string tell(const mqtt::Suback& p) { return tell_reasons("SUBACK", p.packet_id, p.reasons); }
inline std::string tell(const mqtt::Unsuback& p) { return tell_reasons("UNSUBACK", p.packet_id, p.reasons); }
inline std::string tell(const mqtt::Pingresp&) { return "PINGRESP"; }
inline std::string tell(const mqtt::Disconnect& p) { return "DISCONNECT " + std::string(to_text(p.reason)); }
template <class Other>
std::string tell(const Other&) {
  return "something that only clients send";
}

class OpenDoor : public Authenticator {
 public:
  mqtt::Reason verdict = mqtt::Reason::success;
  mqtt::Reason authenticate(const Login&) override { return verdict; }
};

class NoNeighbours : public Bus {
 public:
  void subscribed(std::string_view) override {}
  void unsubscribed(std::string_view) override {}
  void forward(const Message&, bool) override {}
  void flush() override {}
  bool claim(std::string_view, bool, ClaimTicket) override { return true; }
  void released(std::string_view) override {}
};

class Notes : public Observer {
 public:
  std::vector<std::string> lines;
  void connected(std::string_view, const Peer&) override {}
  void refused(std::string_view client_id, const Peer&, mqtt::Reason reason, std::string_view) override {
    lines.push_back(std::string(client_id) + " refused: " + std::string(to_text(reason)));
  }
  void disconnected(std::string_view, const Peer&, mqtt::Reason, std::string_view) override {}
  void dropped(std::string_view client_id, std::string_view topic, Drop why) override {
    static constexpr const char* kWhy[kDrops] = {"queue_full",          "expired",       "packet_too_large",
                                                 "not_authorized",      "topic_invalid", "group_retained",
                                                 "subscription_refused"};
    lines.push_back(std::string(client_id) + " " + std::string(topic) + " " + kWhy[static_cast<int>(why)]);
  }
};

/// The broker, its ports, and the time.
struct World {
  explicit World(const Options& options = {}, Bus* neighbours = nullptr)
      : broker(options, {.bus = neighbours != nullptr ? *neighbours : solo,
                         .authenticator = door,
                         .observer = notes,
                         .make_client_id = [this] { return "made-" + std::to_string(++made_ids); }}) {}

  /// Time passes, and what is due happens.
  void wait(Duration duration) {
    now += duration;
    broker.begin_turn();
    broker.expire(now);
  }

  Time now{std::chrono::hours(1)};
  int made_ids = 0;
  NoNeighbours solo;
  OpenDoor door;
  Notes notes;
  Broker broker;
};

/// How a client connects.
struct Hello {
  Version version = Version::v311;
  bool clean = true;
  uint16_t keep_alive = 0;
  std::optional<uint32_t> expiry;
  std::optional<uint16_t> receive_maximum;
  std::optional<uint32_t> maximum_packet_size;
  std::optional<mqtt::Will> will;
  bool group_send = false;
  bool bridge = false;
};

/// One client over one connection.
class Client {
 public:
  Client(World& world, const std::string& id, Hello hello = {})
      : world_(world),
        version_(hello.version),
        channel_(std::make_unique<Channel>(world.broker,
                                           Peer{.address = id, .transport = "story", .group_send = hello.group_send},
                                           nullptr, world.now)),
        decoder_({}, mqtt::Decoder::Hears::server) {
    decoder_.set_version(version_);
    mqtt::Connect connect{.version = version_,
                          .bridge = hello.bridge,
                          .clean_start = hello.clean,
                          .keep_alive_seconds = hello.keep_alive,
                          .client_id = id,
                          .will = hello.will};
    connect.session_expiry_interval = hello.expiry;
    connect.receive_maximum = hello.receive_maximum;
    connect.maximum_packet_size = hello.maximum_packet_size;
    says(connect);
  }
  /// Its connection breaks when it goes out of scope, if it has not ended.
  ~Client() {
    if (channel_ != nullptr) breaks();
  }

  void says(const mqtt::Packet& packet) {
    world_.broker.begin_turn();
    if (const auto handled = channel_->handle(packet, world_.now); !handled)
      channel_->refuse(handled.error(), world_.now);
  }
  void publishes(std::string_view topic, std::string_view payload, uint8_t qos = 0, uint16_t id = 0,
                 bool retain = false) {
    says(mqtt::Publish{.topic = topic, .payload = as_bytes(payload), .packet_id = id, .qos = qos, .retain = retain});
  }
  void subscribes(std::string_view filter, uint8_t qos = 0, mqtt::SubscriptionOptions options = {},
                  std::optional<uint32_t> identifier = std::nullopt) {
    options.qos = qos;
    Buffer encoded;
    encoded.put_u16(static_cast<uint16_t>(filter.size()));
    encoded.append(filter);
    encoded.put_u8(static_cast<uint8_t>(options.qos | options.no_local << 2 | options.retain_as_published << 3 |
                                        static_cast<int>(options.retain_handling) << 4));
    mqtt::Subscribe packet{.packet_id = 77, .filters = {encoded.view(), true, version_}};
    packet.subscription_identifier = identifier;
    says(packet);
  }
  void unsubscribes(std::string_view filter) {
    Buffer encoded;
    encoded.put_u16(static_cast<uint16_t>(filter.size()));
    encoded.append(filter);
    says(mqtt::Unsubscribe{.packet_id = 78, .filters = {encoded.view(), false, version_}});
  }
  void acks(uint16_t id) { says(mqtt::Puback{{.packet_id = id}}); }

  /// The connection breaks without a word.
  void breaks() {
    channel_->lost("the story wants it", world_.now);
    channel_ = nullptr;
  }
  void leaves(mqtt::Reason reason = mqtt::Reason::success) {
    says(mqtt::Disconnect{.reason = reason});
    channel_ = nullptr;
  }
  bool ended() const { return channel_ == nullptr || channel_->ended(); }

  /// Everything it has been sent since it was asked last.
  std::vector<std::string> hears() {
    Buffer out;
    while (channel_->next_outbound(out, world_.now)) {
    }
    Bytes bytes = out.view();
    std::vector<std::string> lines;
    while (!bytes.empty()) {
      const auto packet = decoder_.next(bytes);
      if (!packet || !*packet) return lines.emplace_back("NOT MQTT"), lines;
      lines.push_back(std::visit([](const auto& p) { return tell(p); }, **packet));
    }
    return lines;
  }

  Channel& channel() { return *channel_; }

 private:
  World& world_;
  Version version_;
  std::unique_ptr<Channel> channel_;
  mqtt::Decoder decoder_;
};

using Lines = std::vector<std::string>;

}  // namespace mqttio::broker::story
