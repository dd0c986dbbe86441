// CONNECT, CONNACK and AUTH: the packets around the beginning of a conversation.

#include "mqtt/decode_packet.h"
#include "mqtt/topic.h"

namespace mqttio::mqtt {
namespace {

// Connect Flags, section 3.1.2.3
constexpr uint8_t kReserved = 0x01;
constexpr uint8_t kCleanStart = 0x02;
constexpr uint8_t kWill = 0x04;
constexpr uint8_t kWillQos = 0x18;
constexpr uint8_t kWillRetain = 0x20;
constexpr uint8_t kPassword = 0x40;
constexpr uint8_t kUserName = 0x80;

std::optional<Version> version_of(std::string_view name, uint8_t level, bool& bridge) {
  bridge = (level & 0x80) != 0;
  const uint8_t bare = level & 0x7f;
  if (name == "MQIsdp" && bare == 3) return Version::v31;
  if (name == "MQTT" && bare == 4) return Version::v311;
  if (name == "MQTT" && level == 5) return Version::v5;
  return std::nullopt;
}

void read_connect_properties(Reader& in, Connect& connect, bool strict) {
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    switch (*id) {
      case PropertyId::session_expiry_interval: connect.session_expiry_interval = properties.u32(); break;
      case PropertyId::receive_maximum: connect.receive_maximum = properties.u16(); break;
      case PropertyId::maximum_packet_size: connect.maximum_packet_size = properties.u32(); break;
      case PropertyId::topic_alias_maximum: connect.topic_alias_maximum = properties.u16(); break;
      case PropertyId::request_response_information: connect.request_response_information = properties.flag(); break;
      case PropertyId::request_problem_information: connect.request_problem_information = properties.flag(); break;
      case PropertyId::authentication_method: connect.authentication_method = properties.text(strict); break;
      case PropertyId::authentication_data: connect.authentication_data = properties.binary(); break;
      default: properties.refuse();
    }
    if (connect.receive_maximum == 0u || connect.maximum_packet_size == 0u)
      properties.fault(Reason::protocol_error, "Receive Maximum or Maximum Packet Size is 0");
  }
  connect.user_properties = properties.user_properties();
  if (connect.authentication_data && !connect.authentication_method)
    in.fault(Reason::protocol_error, "authentication data without a method");
}

void read_will(Reader& in, Connect& connect, uint8_t flags, bool strict) {
  Will& will = connect.will.emplace();
  will.qos = static_cast<uint8_t>((flags & kWillQos) >> 3);
  will.retain = (flags & kWillRetain) != 0;
  if (will.qos > 2) in.malformed("a will at QoS 3");  // [MQTT-3.1.2-12]
  if (connect.version == Version::v5) {
    PropertyReader properties(in);
    while (const auto id = properties.next()) {
      if (*id == PropertyId::will_delay_interval)
        will.delay_interval = properties.u32();
      else
        read_message_property(*id, properties, will.properties, strict);
    }
    will.properties.user_properties = properties.user_properties();
  }
  will.topic = in.text(strict);
  will.payload = in.binary();
  if (in.good() && !is_topic_name(will.topic))
    in.fault(Reason::topic_name_invalid, "the will's topic is no topic name");  // [MQTT-3.1.3-11]
}

constexpr Reason kConnackReasons[] = {Reason::success,
                                      Reason::unspecified_error,
                                      Reason::malformed_packet,
                                      Reason::protocol_error,
                                      Reason::implementation_specific_error,
                                      Reason::unsupported_protocol_version,
                                      Reason::client_identifier_not_valid,
                                      Reason::bad_user_name_or_password,
                                      Reason::not_authorized,
                                      Reason::server_unavailable,
                                      Reason::server_busy,
                                      Reason::banned,
                                      Reason::bad_authentication_method,
                                      Reason::topic_name_invalid,
                                      Reason::packet_too_large,
                                      Reason::quota_exceeded,
                                      Reason::payload_format_invalid,
                                      Reason::retain_not_supported,
                                      Reason::qos_not_supported,
                                      Reason::use_another_server,
                                      Reason::server_moved,
                                      Reason::connection_rate_exceeded};
constexpr Reason kAuthReasons[] = {Reason::success, Reason::continue_authentication, Reason::reauthenticate};

/// [MQTT-3.1.2-3, -11, -13, -22]
void check_flags(Reader& in, uint8_t flags, Version version) {
  if (flags & kReserved) in.malformed("the reserved connect flag is set");
  if (!(flags & kWill) && (flags & (kWillQos | kWillRetain))) in.malformed("will QoS or retain without a will");
  if (version != Version::v5 && (flags & kPassword) && !(flags & kUserName))
    in.malformed("a password without a user name");
}

}  // namespace

void decode(Reader& in, const Rules& rules, Connect& connect, Version& version) {
  const std::string_view name = as_text(in.binary());
  const uint8_t level = in.u8();
  if (!in.good()) return;
  const auto known = version_of(name, level, connect.bridge);
  if (name != "MQTT" && name != "MQIsdp") return in.malformed("an unknown protocol name");  // [MQTT-3.1.2-1]
  if (!known) {
    const bool newest = name == "MQTT" ? level > 5 && level < 0x80 : level != 4;
    if (newest) version = Version::v5;  // whoever knows neither form is told in the newest one that we have
    return in.fault(Reason::unsupported_protocol_version, "an unknown protocol level");  // [MQTT-3.1.2-2]
  }
  version = connect.version = *known;
  const uint8_t flags = in.u8();
  check_flags(in, flags, version);
  connect.clean_start = (flags & kCleanStart) != 0;
  connect.keep_alive_seconds = in.u16();
  if (version == Version::v5) read_connect_properties(in, connect, rules.strict_utf8);
  connect.client_id = in.text(rules.strict_utf8);
  if (flags & kWill) read_will(in, connect, flags, rules.strict_utf8);
  if (flags & kUserName) connect.user_name = in.text(rules.strict_utf8);
  if (flags & kPassword) connect.password = in.binary();
}

void decode(Reader& in, const Rules& rules, Connack& connack) {
  const uint8_t flags = in.u8();
  if (rules.version != Version::v31) {  // which reserves the whole byte and says nothing of its value
    if (flags > 1) in.malformed("reserved acknowledge flags");  // [MQTT-3.2.2-1]
    connack.session_present = flags == 1;
  }
  connack.reason = static_cast<Reason>(in.u8());
  if (rules.version != Version::v5) {
    static constexpr Reason kReasons[] = {Reason::success,
                                          Reason::unsupported_protocol_version,
                                          Reason::client_identifier_not_valid,
                                          Reason::server_unavailable,
                                          Reason::bad_user_name_or_password,
                                          Reason::not_authorized};
    const auto code = static_cast<uint8_t>(connack.reason);
    if (code >= std::size(kReasons)) return in.malformed("an unknown return code");
    connack.reason = kReasons[code];
  } else {
    check_reason(in, connack.reason, kConnackReasons);  // [MQTT-3.2.2-8]
  }
  if (connack.session_present && connack.reason != Reason::success)
    in.fault(Reason::protocol_error, "a refusal with a session present");  // [MQTT-3.2.2-6]
  if (rules.version != Version::v5) return;
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    switch (*id) {
      case PropertyId::session_expiry_interval: connack.session_expiry_interval = properties.u32(); break;
      case PropertyId::receive_maximum: connack.receive_maximum = properties.u16(); break;
      case PropertyId::maximum_qos: connack.maximum_qos = properties.flag(); break;
      case PropertyId::retain_available: connack.retain_available = properties.flag(); break;
      case PropertyId::maximum_packet_size: connack.maximum_packet_size = properties.u32(); break;
      case PropertyId::assigned_client_identifier: connack.assigned_client_identifier = properties.text(); break;
      case PropertyId::topic_alias_maximum: connack.topic_alias_maximum = properties.u16(); break;
      case PropertyId::reason_string: connack.reason_string = properties.text(); break;
      case PropertyId::wildcard_subscription_available:
        connack.wildcard_subscription_available = properties.flag();
        break;
      case PropertyId::subscription_identifier_available:
        connack.subscription_identifiers_available = properties.flag();
        break;
      case PropertyId::shared_subscription_available: connack.shared_subscription_available = properties.flag(); break;
      case PropertyId::server_keep_alive: connack.server_keep_alive = properties.u16(); break;
      case PropertyId::response_information: connack.response_information = properties.text(); break;
      case PropertyId::server_reference: connack.server_reference = properties.text(); break;
      case PropertyId::authentication_method: connack.authentication_method = properties.text(); break;
      case PropertyId::authentication_data: connack.authentication_data = properties.binary(); break;
      default: properties.refuse();
    }
    if (connack.receive_maximum == 0u || connack.maximum_packet_size == 0u)
      properties.fault(Reason::protocol_error, "Receive Maximum or Maximum Packet Size is 0");
  }
  connack.user_properties = properties.user_properties();
}

void decode(Reader& in, const Rules& rules, Auth& auth) {
  const bool plain = in.empty();  // stands for success
  if (!plain) auth.reason = static_cast<Reason>(in.u8());
  check_reason(in, auth.reason, kAuthReasons);  // [MQTT-3.15.2-1]
  if (!rules.from_server && auth.reason == Reason::success)
    in.fault(Reason::protocol_error, "AUTH of a client that ends the exchange");  // [MQTT-4.12.0-3]
  if (!rules.from_client && auth.reason == Reason::reauthenticate)
    in.fault(Reason::protocol_error, "AUTH of a server that begins anew");
  if (plain) return;
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    switch (*id) {
      case PropertyId::authentication_method: auth.authentication_method = properties.text(); break;
      case PropertyId::authentication_data: auth.authentication_data = properties.binary(); break;
      case PropertyId::reason_string: auth.reason_string = properties.text(); break;
      default: properties.refuse();
    }
  }
  auth.user_properties = properties.user_properties();
  if (in.good() && !auth.authentication_method)
    in.fault(Reason::protocol_error, "AUTH without an authentication method");
}

}  // namespace mqttio::mqtt
