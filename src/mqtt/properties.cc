#include "mqtt/properties.h"

namespace mqttio::mqtt {
namespace {

/// How a property's value is written.
enum class Shape : uint8_t { none, u8, u16, u32, varint, sized, pair };

Shape shape_of(PropertyId id) {
  switch (id) {
    case PropertyId::payload_format_indicator:
    case PropertyId::request_problem_information:
    case PropertyId::request_response_information:
    case PropertyId::maximum_qos:
    case PropertyId::retain_available:
    case PropertyId::wildcard_subscription_available:
    case PropertyId::subscription_identifier_available:
    case PropertyId::shared_subscription_available: return Shape::u8;
    case PropertyId::server_keep_alive:
    case PropertyId::receive_maximum:
    case PropertyId::topic_alias_maximum:
    case PropertyId::topic_alias: return Shape::u16;
    case PropertyId::message_expiry_interval:
    case PropertyId::session_expiry_interval:
    case PropertyId::will_delay_interval:
    case PropertyId::maximum_packet_size: return Shape::u32;
    case PropertyId::subscription_identifier: return Shape::varint;
    case PropertyId::content_type:
    case PropertyId::response_topic:
    case PropertyId::correlation_data:
    case PropertyId::assigned_client_identifier:
    case PropertyId::authentication_method:
    case PropertyId::authentication_data:
    case PropertyId::response_information:
    case PropertyId::server_reference:
    case PropertyId::reason_string: return Shape::sized;
    case PropertyId::user_property: return Shape::pair;
  }
  return Shape::none;
}

size_t value_size(Shape shape, Bytes in) {
  switch (shape) {
    case Shape::u8: return 1;
    case Shape::u16: return 2;
    case Shape::u32: return 4;
    case Shape::sized: return 2u + peek_u16(in.data());
    case Shape::pair: {
      const size_t key = 2u + peek_u16(in.data());
      return key + 2u + peek_u16(in.data() + key);
    }
    case Shape::varint: {
      const size_t before = in.size();
      (void)take_varint(in);
      return before - in.size();
    }
    case Shape::none: break;
  }
  return in.size();
}

}  // namespace

std::pair<PropertyId, Bytes> take_property(Bytes& in) {
  const auto id = static_cast<PropertyId>(to_u8(in[0]));
  in = in.subspan(1);
  return {id, take(in, value_size(shape_of(id), in))};
}

std::pair<std::string_view, std::string_view> UserProperties::take_pair() {
  for (;;) {
    auto [id, value] = take_property(encoded);
    if (id != PropertyId::user_property) continue;
    const std::string_view key = as_text(value.subspan(2, peek_u16(value.data())));
    return {key, as_text(value.subspan(4 + key.size()))};
  }
}

uint32_t SubscriptionIds::take_id() {
  for (;;) {
    auto [id, value] = take_property(encoded);
    if (id == PropertyId::subscription_identifier) return **take_varint(value);
  }
}

std::optional<PropertyId> PropertyReader::next() {
  while (in_.good() && !in_.empty()) {
    const Bytes from = in_.rest();
    const uint8_t code = in_.u8();
    const auto id = static_cast<PropertyId>(code);
    if (code >= 64 || shape_of(id) == Shape::none) {
      in_.malformed("an unknown property");
    } else if (id == PropertyId::user_property) {
      in_.text(false);
      in_.text(false);
      if (in_.good()) extend(user_properties_, from.data());
    } else if (seen_ & bit(id) && id != PropertyId::subscription_identifier) {
      in_.fault(Reason::protocol_error, "a property that stands twice");
    } else {
      seen_ |= bit(id);
      start_ = from.data();
      return id;
    }
  }
  if (in_.error()) packet_.fault(in_.error()->reason, in_.error()->what);
  return std::nullopt;
}

/// Makes `region` reach from where it began, or from `from`, to where reading is.
void PropertyReader::extend(Bytes& region, const std::byte* from) const {
  const std::byte* first = region.empty() ? from : region.data();
  region = Bytes(first, static_cast<size_t>(in_.rest().data() - first));
}

uint32_t PropertyReader::subscription_identifier() {
  const uint32_t value = in_.varint();
  if (value == 0) fault(Reason::protocol_error, "subscription identifier 0");
  if (in_.good()) extend(subscription_ids_, start_);
  return value;
}

bool PropertyReader::flag() {
  const uint8_t value = u8();
  if (value > 1) fault(Reason::protocol_error, "a property that is neither 0 nor 1");
  return value == 1;
}

}  // namespace mqttio::mqtt
