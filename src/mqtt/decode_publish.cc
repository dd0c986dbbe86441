// PUBLISH and its four acknowledgements.

#include "mqtt/decode_packet.h"
#include "mqtt/topic.h"

namespace mqttio::mqtt {
namespace {

void read_publish_properties(Reader& in, const Rules& rules, Publish& publish) {
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    if (*id == PropertyId::topic_alias) {
      publish.topic_alias = properties.u16();
      if (*publish.topic_alias == 0) properties.fault(Reason::topic_alias_invalid, "topic alias 0");  // [MQTT-3.3.2-8]
    } else if (*id == PropertyId::subscription_identifier) {
      if (!rules.from_server)
        properties.fault(Reason::protocol_error,
                         "a client's PUBLISH with a subscription identifier");  // [MQTT-3.3.4-6]
      properties.subscription_identifier();
    } else {
      read_message_property(*id, properties, publish.properties, rules.strict_utf8);
    }
  }
  publish.properties.user_properties = properties.user_properties();
  publish.subscription_ids = properties.subscription_ids();
}

template <size_t N>
void read_ack(Reader& in, const Rules& rules, Ack& ack, const Reason (&allowed)[N]) {
  ack.packet_id = in.packet_id();
  if (rules.version != Version::v5 || in.empty()) return;
  ack.reason = static_cast<Reason>(in.u8());
  check_reason(in, ack.reason, allowed);  // [MQTT-3.4.2-1, 3.5.2-1, 3.6.2-1, 3.7.2-1]
  if (!in.empty()) read_acknowledgement_properties(in, ack);
}

constexpr Reason kPublishReasons[] = {Reason::success,
                                      Reason::no_matching_subscribers,
                                      Reason::unspecified_error,
                                      Reason::implementation_specific_error,
                                      Reason::not_authorized,
                                      Reason::topic_name_invalid,
                                      Reason::packet_identifier_in_use,
                                      Reason::quota_exceeded,
                                      Reason::payload_format_invalid};
constexpr Reason kReleaseReasons[] = {Reason::success, Reason::packet_identifier_not_found};

}  // namespace

void read_message_property(PropertyId id, PropertyReader& properties, MessageProperties& message, bool strict) {
  switch (id) {
    case PropertyId::payload_format_indicator: message.payload_format_indicator = properties.flag(); break;
    case PropertyId::message_expiry_interval: message.message_expiry_interval = properties.u32(); break;
    case PropertyId::content_type: message.content_type = properties.text(); break;
    case PropertyId::correlation_data: message.correlation_data = properties.binary(); break;
    case PropertyId::response_topic:
      message.response_topic = properties.text(strict);
      if (!is_topic_name(*message.response_topic))  // [MQTT-3.3.2-14]
        properties.fault(Reason::protocol_error, "the response topic is no topic name");
      break;
    default: properties.refuse();
  }
}

void decode(Reader& in, const Rules& rules, Publish& publish) {
  publish.retain = (rules.flags & 0x01) != 0;
  publish.qos = static_cast<uint8_t>((rules.flags >> 1) & 0x03);
  publish.dup = (rules.flags & 0x08) != 0;
  if (publish.qos == 3) return in.malformed("a PUBLISH at QoS 3");           // [MQTT-3.3.1-4]
  if (publish.qos == 0 && publish.dup) return in.malformed("DUP at QoS 0");  // [MQTT-3.3.1-2]
  publish.topic = in.text(rules.strict_utf8);                                // [MQTT-3.3.2-1]
  if (publish.qos > 0) publish.packet_id = in.packet_id();
  if (rules.version == Version::v5) read_publish_properties(in, rules, publish);
  if (!in.good()) return;
  if (publish.topic.empty() && !publish.topic_alias)
    return in.fault(Reason::protocol_error, "a PUBLISH without a topic");
  publish.payload = in.bytes(in.rest().size());
}

void decode(Reader& in, const Rules& rules, Puback& ack) { read_ack(in, rules, ack, kPublishReasons); }
void decode(Reader& in, const Rules& rules, Pubrec& ack) { read_ack(in, rules, ack, kPublishReasons); }
void decode(Reader& in, const Rules& rules, Pubrel& ack) { read_ack(in, rules, ack, kReleaseReasons); }
void decode(Reader& in, const Rules& rules, Pubcomp& ack) { read_ack(in, rules, ack, kReleaseReasons); }

}  // namespace mqttio::mqtt
