// SUBSCRIBE, UNSUBSCRIBE, their acknowledgements, PINGREQ, PINGRESP and DISCONNECT.

#include <algorithm>

#include "mqtt/decode_packet.h"
#include "mqtt/topic.h"

namespace mqttio::mqtt {
namespace {

/// [MQTT-3.8.3-4, -5]
void check_options(Reader& in, uint8_t options, std::string_view filter, Version version) {
  const uint8_t reserved = version == Version::v5 ? 0xc0 : 0xfc;
  if (options & reserved) return in.malformed("reserved subscription options");
  if ((options & 0x03) == 3) return in.fault(Reason::protocol_error, "a subscription at QoS 3");
  if ((options & 0x30) == 0x30) return in.fault(Reason::protocol_error, "retain handling 3");
  if ((options & 0x04) && is_shared(filter)) in.fault(Reason::protocol_error, "No Local on a shared subscription");
}

TopicFilters read_filters(Reader& in, const Rules& rules, bool with_options) {
  const TopicFilters filters{in.rest(), with_options, rules.version};
  if (in.empty()) in.fault(Reason::protocol_error, "no topic filter");  // [MQTT-3.8.3-2, 3.10.3-2]
  while (in.good() && !in.empty()) {
    const std::string_view filter = in.text(rules.strict_utf8);
    if (with_options) check_options(in, in.u8(), filter, rules.version);
  }
  return filters;
}

template <class SubscribeOrNot>
void read_reasons(Reader& in, const Rules& rules, SubscribeOrNot& ack, bool on_wire) {
  ack.packet_id = in.packet_id();
  if (rules.version == Version::v5) {
    PropertyReader properties(in);
    while (const auto id = properties.next()) {
      if (*id == PropertyId::reason_string)
        ack.reason_string = properties.text();
      else
        properties.refuse();
    }
    ack.user_properties = properties.user_properties();
  }
  if (!on_wire) return;
  const Bytes codes = in.bytes(in.rest().size());
  if (codes.empty()) in.fault(Reason::protocol_error, "no reason code");
  ack.reasons = {reinterpret_cast<const Reason*>(codes.data()), codes.size()};
}

constexpr Reason kClientDisconnects[] = {Reason::success,
                                         Reason::disconnect_with_will_message,
                                         Reason::unspecified_error,
                                         Reason::malformed_packet,
                                         Reason::protocol_error,
                                         Reason::implementation_specific_error,
                                         Reason::topic_name_invalid,
                                         Reason::receive_maximum_exceeded,
                                         Reason::topic_alias_invalid,
                                         Reason::packet_too_large,
                                         Reason::message_rate_too_high,
                                         Reason::quota_exceeded,
                                         Reason::administrative_action,
                                         Reason::payload_format_invalid};

}  // namespace

void decode(Reader& in, const Rules& rules, Subscribe& subscribe) {
  subscribe.packet_id = in.packet_id();
  if (rules.version == Version::v5) {
    PropertyReader properties(in);
    while (const auto id = properties.next()) {
      if (*id != PropertyId::subscription_identifier) {
        properties.refuse();
        continue;
      }
      if (subscribe.subscription_identifier) properties.fault(Reason::protocol_error, "two subscription identifiers");
      subscribe.subscription_identifier = properties.subscription_identifier();
    }
    subscribe.user_properties = properties.user_properties();
  }
  subscribe.filters = read_filters(in, rules, true);
}

void decode(Reader& in, const Rules& rules, Suback& suback) { read_reasons(in, rules, suback, true); }

void decode(Reader& in, const Rules& rules, Unsubscribe& unsubscribe) {
  unsubscribe.packet_id = in.packet_id();
  if (rules.version == Version::v5) {
    PropertyReader properties(in);
    while (properties.next()) properties.refuse();
    unsubscribe.user_properties = properties.user_properties();
  }
  unsubscribe.filters = read_filters(in, rules, false);
}

void decode(Reader& in, const Rules& rules, Unsuback& unsuback) {
  read_reasons(in, rules, unsuback, rules.version == Version::v5);
}

void decode(Reader&, const Rules&, Pingreq&) {}
void decode(Reader&, const Rules&, Pingresp&) {}

void decode(Reader& in, const Rules& rules, Disconnect& disconnect) {
  if (rules.version != Version::v5 || in.empty()) return;
  disconnect.reason = static_cast<Reason>(in.u8());
  if (rules.from_client && std::ranges::find(kClientDisconnects, disconnect.reason) == std::end(kClientDisconnects))
    return in.fault(Reason::protocol_error, "a DISCONNECT reason code that a client cannot have");  // [MQTT-3.14.2-1]
  if (in.empty()) return;
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    switch (*id) {
      case PropertyId::session_expiry_interval: disconnect.session_expiry_interval = properties.u32(); break;
      case PropertyId::reason_string: disconnect.reason_string = properties.text(); break;
      case PropertyId::server_reference: disconnect.server_reference = properties.text(); break;
      default: properties.refuse();
    }
  }
  disconnect.user_properties = properties.user_properties();
}

TopicFilter TopicFilters::take_filter() {
  TopicFilter taken;
  const size_t length = peek_u16(take(encoded, 2).data());
  taken.filter = as_text(take(encoded, length));
  if (!with_options) return taken;
  const uint8_t options = to_u8(take(encoded, 1)[0]);
  taken.options.qos = options & 0x03;
  if (version != Version::v5) return taken;
  taken.options.no_local = (options & 0x04) != 0;
  taken.options.retain_as_published = (options & 0x08) != 0;
  taken.options.retain_handling = static_cast<RetainHandling>(options >> 4 & 0x03);
  return taken;
}

}  // namespace mqttio::mqtt
