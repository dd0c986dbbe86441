// SUBSCRIBE, UNSUBSCRIBE, their acknowledgements, PINGREQ, PINGRESP and DISCONNECT.

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

constexpr Reason kSubackReasons[] = {Reason::success,
                                     Reason::granted_qos_1,
                                     Reason::granted_qos_2,
                                     Reason::unspecified_error,
                                     Reason::implementation_specific_error,
                                     Reason::not_authorized,
                                     Reason::topic_filter_invalid,
                                     Reason::packet_identifier_in_use,
                                     Reason::quota_exceeded,
                                     Reason::shared_subscriptions_not_supported,
                                     Reason::subscription_identifiers_not_supported,
                                     Reason::wildcard_subscriptions_not_supported};
constexpr Reason kSubackReasonsOfMqtt3[] = {Reason::success, Reason::granted_qos_1, Reason::granted_qos_2,
                                            Reason::unspecified_error};
constexpr Reason kUnsubackReasons[] = {Reason::success,
                                       Reason::no_subscription_existed,
                                       Reason::unspecified_error,
                                       Reason::implementation_specific_error,
                                       Reason::not_authorized,
                                       Reason::topic_filter_invalid,
                                       Reason::packet_identifier_in_use};

template <class SubackOrUnsuback>
void read_ack_header(Reader& in, const Rules& rules, SubackOrUnsuback& ack) {
  ack.packet_id = in.packet_id();
  if (rules.version == Version::v5) read_acknowledgement_properties(in, ack);
}

template <size_t N>
std::span<const Reason> read_reasons(Reader& in, const Reason (&allowed)[N]) {
  const Bytes codes = in.bytes(in.rest().size());
  if (codes.empty()) in.fault(Reason::protocol_error, "no reason code");
  const std::span reasons(reinterpret_cast<const Reason*>(codes.data()), codes.size());
  for (const Reason reason : reasons) check_reason(in, reason, allowed);
  return reasons;
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
constexpr Reason kServerDisconnects[] = {Reason::success,
                                         Reason::unspecified_error,
                                         Reason::malformed_packet,
                                         Reason::protocol_error,
                                         Reason::implementation_specific_error,
                                         Reason::not_authorized,
                                         Reason::server_busy,
                                         Reason::server_shutting_down,
                                         Reason::keep_alive_timeout,
                                         Reason::session_taken_over,
                                         Reason::topic_filter_invalid,
                                         Reason::topic_name_invalid,
                                         Reason::receive_maximum_exceeded,
                                         Reason::topic_alias_invalid,
                                         Reason::packet_too_large,
                                         Reason::message_rate_too_high,
                                         Reason::quota_exceeded,
                                         Reason::administrative_action,
                                         Reason::payload_format_invalid,
                                         Reason::retain_not_supported,
                                         Reason::qos_not_supported,
                                         Reason::use_another_server,
                                         Reason::server_moved,
                                         Reason::shared_subscriptions_not_supported,
                                         Reason::connection_rate_exceeded,
                                         Reason::maximum_connect_time,
                                         Reason::subscription_identifiers_not_supported,
                                         Reason::wildcard_subscriptions_not_supported};

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

void decode(Reader& in, const Rules& rules, Suback& suback) {
  read_ack_header(in, rules, suback);
  suback.reasons = rules.version == Version::v5 ? read_reasons(in, kSubackReasons)  // [MQTT-3.9.3-2]
                                                : read_reasons(in, kSubackReasonsOfMqtt3);
}

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
  read_ack_header(in, rules, unsuback);
  if (rules.version == Version::v5) unsuback.reasons = read_reasons(in, kUnsubackReasons);  // [MQTT-3.11.3-2]
}

void decode(Reader&, const Rules&, Pingreq&) {}
void decode(Reader&, const Rules&, Pingresp&) {}

void decode(Reader& in, const Rules& rules, Disconnect& disconnect) {
  if (rules.version != Version::v5 || in.empty()) return;
  disconnect.reason = static_cast<Reason>(in.u8());
  if (!rules.from_server)
    check_reason(in, disconnect.reason, kClientDisconnects);  // [MQTT-3.14.2-1]
  else if (!rules.from_client || disconnect.reason != Reason::disconnect_with_will_message)
    check_reason(in, disconnect.reason, kServerDisconnects);
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
  if (!rules.from_client && disconnect.session_expiry_interval)
    in.fault(Reason::protocol_error, "a server's DISCONNECT with a session expiry");  // [MQTT-3.14.2-2]
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
