#pragma once

#include "base/buffer.h"
#include "mqtt/packet.h"
#include "mqtt/reader.h"

namespace mqttio::mqtt {

/// The identifiers of MQTT 5 properties (section 2.2.2.2).
enum class PropertyId : uint8_t {
  payload_format_indicator = 0x01,
  message_expiry_interval = 0x02,
  content_type = 0x03,
  response_topic = 0x08,
  correlation_data = 0x09,
  subscription_identifier = 0x0b,
  session_expiry_interval = 0x11,
  assigned_client_identifier = 0x12,
  server_keep_alive = 0x13,
  authentication_method = 0x15,
  authentication_data = 0x16,
  request_problem_information = 0x17,
  will_delay_interval = 0x18,
  request_response_information = 0x19,
  response_information = 0x1a,
  server_reference = 0x1c,
  reason_string = 0x1f,
  receive_maximum = 0x21,
  topic_alias_maximum = 0x22,
  topic_alias = 0x23,
  maximum_qos = 0x24,
  retain_available = 0x25,
  user_property = 0x26,
  maximum_packet_size = 0x27,
  wildcard_subscription_available = 0x28,
  subscription_identifier_available = 0x29,
  shared_subscription_available = 0x2a,
};

/// Takes one property off the front of `in`, which was checked before, whatever it is; gives its value's bytes.
std::pair<PropertyId, Bytes> take_property(Bytes& in);

/// The properties of a packet, walked one by one: the packet's decoder takes those it knows and refuses the others.
/// User properties are checked here and stay where they are, for forwarding as they came.
class PropertyReader {
 public:
  /// Takes the properties' length and the properties off the front of `packet`.
  explicit PropertyReader(Reader& packet) : packet_(packet), in_(packet.bytes(packet.varint())) {}

  /// The next property that is no user property; nullopt: no more, or a fault (which the packet's reader keeps).
  std::optional<PropertyId> next();

  // Values, once after each `next`. Doubled properties are a protocol error.
  uint8_t u8() { return in_.u8(); }
  uint16_t u16() { return in_.u16(); }
  uint32_t u32() { return in_.u32(); }
  Bytes binary() { return in_.binary(); }
  std::string_view text(bool strict = false) { return in_.text(strict); }
  bool flag();
  /// The one property of these that may stand several times; 0 is a fault.
  uint32_t subscription_identifier();
  void refuse() { in_.fault(Reason::protocol_error, "a property that this packet cannot have"); }
  void fault(Reason reason, std::string_view what) { in_.fault(reason, what); }

  /// All user properties, in their order.
  UserProperties user_properties() const { return {user_properties_}; }
  /// All subscription identifiers, likewise.
  SubscriptionIds subscription_ids() const { return {subscription_ids_}; }

 private:
  void extend(Bytes& region, const std::byte* from) const;
  static uint64_t bit(PropertyId id) { return uint64_t{1} << static_cast<uint8_t>(id); }

  Reader& packet_;
  Reader in_;
  uint64_t seen_ = 0;
  const std::byte* start_ = nullptr;  ///< Of the property that `next` gave last.
  Bytes user_properties_;
  Bytes subscription_ids_;
};

}  // namespace mqttio::mqtt
