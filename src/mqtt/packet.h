#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "mqtt/reason.h"

/// The packets of MQTT 3.1, 3.1.1 and 5.0: one struct a packet for all versions. Strings and bytes are views into what
/// was decoded, or into what the caller owns while it encodes. A decoded packet is well formed: every rule that needs
/// no memory of earlier packets has been checked.
namespace mqttio::mqtt {

enum class Version : uint8_t { v31 = 3, v311 = 4, v5 = 5 };

enum class PacketType : uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

/// User properties as they stand on the wire, from the first (0x26, key, value) to the last; other properties may stand
/// between them and are passed over. Checked when decoded: walking them cannot fail.
struct UserProperties {
  Bytes encoded;

  bool empty() const { return encoded.empty(); }
  /// Takes the next pair off the front.
  std::pair<std::string_view, std::string_view> take_pair();
};

/// Subscription identifiers, kept like user properties (0x0b, variable byte integer). Each is 1 to 268,435,455.
struct SubscriptionIds {
  Bytes encoded;

  bool empty() const { return encoded.empty(); }
  /// Takes the next one off the front.
  uint32_t take_id();
};

/// What a PUBLISH or a will says of its message beside topic and payload; passed on unaltered. [MQTT-3.3.2-4, -15..-20]
struct MessageProperties {
  std::optional<uint8_t> payload_format_indicator;  ///< 0 or 1
  std::optional<uint32_t> message_expiry_interval;  ///< Seconds.
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> response_topic;
  std::optional<Bytes> correlation_data;
  UserProperties user_properties;
};

struct Will {
  std::string_view topic;
  Bytes payload;
  uint8_t qos = 0;
  bool retain = false;
  uint32_t delay_interval = 0;  ///< Seconds. MQTT 5.
  MessageProperties properties;
};

struct Connect {
  Version version = Version::v311;
  bool bridge = false;  ///< MQTT 3 only: bit 0x80 of the protocol level, as mosquitto's bridges send it.
  bool clean_start = true;
  uint16_t keep_alive_seconds = 0;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<Bytes> password;
  // MQTT 5
  std::optional<uint32_t> session_expiry_interval;  ///< Seconds; 0xffffffff: never.
  std::optional<uint16_t> receive_maximum;          ///< Not 0.
  std::optional<uint32_t> maximum_packet_size;      ///< Not 0.
  std::optional<uint16_t> topic_alias_maximum;
  bool request_response_information = false;
  bool request_problem_information = true;
  std::optional<std::string_view> authentication_method;
  std::optional<Bytes> authentication_data;
  UserProperties user_properties;
};

struct Connack {
  bool session_present = false;
  Reason reason = Reason::success;  ///< MQTT 3 encoders map it by `connack_return_code`.
  // MQTT 5; absent optionals are not sent.
  std::optional<uint32_t> session_expiry_interval;
  std::optional<uint16_t> receive_maximum;
  std::optional<uint8_t> maximum_qos;
  std::optional<bool> retain_available;
  std::optional<uint32_t> maximum_packet_size;
  std::optional<std::string_view> assigned_client_identifier;
  std::optional<uint16_t> topic_alias_maximum;
  std::optional<std::string_view> reason_string;
  std::optional<bool> wildcard_subscription_available;
  std::optional<bool> subscription_identifiers_available;
  std::optional<bool> shared_subscription_available;
  std::optional<uint16_t> server_keep_alive;
  std::optional<std::string_view> response_information;
  std::optional<std::string_view> server_reference;
  std::optional<std::string_view> authentication_method;
  std::optional<Bytes> authentication_data;
  UserProperties user_properties;
};

struct Publish {
  std::string_view topic;
  Bytes payload;
  uint16_t packet_id = 0;  ///< 0 exactly when qos is 0.
  uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  std::optional<uint16_t> topic_alias;  ///< Never 0.
  SubscriptionIds subscription_ids;     ///< Only servers send them.
  MessageProperties properties;
};

/// The four acknowledgements of a PUBLISH share one shape.
struct Ack {
  uint16_t packet_id = 0;
  Reason reason = Reason::success;
  std::optional<std::string_view> reason_string;
  UserProperties user_properties;
};
struct Puback : Ack {};
struct Pubrec : Ack {};
struct Pubrel : Ack {};
struct Pubcomp : Ack {};

enum class RetainHandling : uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

struct SubscriptionOptions {
  uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;
};

struct TopicFilter {
  std::string_view filter;
  SubscriptionOptions options;
};

/// The filters of a SUBSCRIBE or UNSUBSCRIBE as they stand on the wire: checked, at least one, walking cannot fail.
/// Filters are valid UTF-8 strings; whether each is a valid *filter* is the broker's to say, filter by filter.
struct TopicFilters {
  Bytes encoded;
  bool with_options = false;      ///< SUBSCRIBE
  Version version = Version::v5;  ///< How an options byte is read.

  bool empty() const { return encoded.empty(); }
  TopicFilter take_filter();
};

struct Subscribe {
  uint16_t packet_id = 0;
  TopicFilters filters;
  std::optional<uint32_t> subscription_identifier;  ///< 1 to 268,435,455
  UserProperties user_properties;
};

/// Reason codes in the order of the filters; one byte each on the wire.
struct Suback {
  uint16_t packet_id = 0;
  std::span<const Reason> reasons;
  std::optional<std::string_view> reason_string;
  UserProperties user_properties;
};

struct Unsubscribe {
  uint16_t packet_id = 0;
  TopicFilters filters;
  UserProperties user_properties;
};

struct Unsuback {
  uint16_t packet_id = 0;
  std::span<const Reason> reasons;  ///< Not on the wire in MQTT 3.
  std::optional<std::string_view> reason_string;
  UserProperties user_properties;
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
  Reason reason = Reason::success;
  std::optional<uint32_t> session_expiry_interval;  ///< Clients only.
  std::optional<std::string_view> reason_string;
  std::optional<std::string_view> server_reference;
  UserProperties user_properties;
};

struct Auth {
  Reason reason = Reason::success;
  std::optional<std::string_view> authentication_method;
  std::optional<Bytes> authentication_data;
  std::optional<std::string_view> reason_string;
  UserProperties user_properties;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback, Unsubscribe,
                            Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

}  // namespace mqttio::mqtt
