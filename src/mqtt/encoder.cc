#include "mqtt/encoder.h"

#include "mqtt/properties.h"

namespace mqttio::mqtt {
namespace {

constexpr uint8_t type_byte(PacketType type, uint8_t flags = 0) {
  return static_cast<uint8_t>(static_cast<uint8_t>(type) << 4 | flags);
}

void put_sized(Buffer& out, Bytes bytes) {
  out.put_u16(static_cast<uint16_t>(bytes.size()));
  out.append(bytes);
}
void put_sized(Buffer& out, std::string_view text) { put_sized(out, as_bytes(text)); }

/// Writes properties one by one; `finish` puts their length before them into the packet.
class PropertyWriter {
 public:
  void u8(PropertyId id, std::optional<uint8_t> value) {
    if (value) tag(id), body_.put_u8(*value);
  }
  void flag(PropertyId id, std::optional<bool> value) {
    if (value) tag(id), body_.put_u8(*value);
  }
  void u16(PropertyId id, std::optional<uint16_t> value) {
    if (value) tag(id), body_.put_u16(*value);
  }
  void u32(PropertyId id, std::optional<uint32_t> value) {
    if (value) tag(id), body_.put_u32(*value);
  }
  void text(PropertyId id, const std::optional<std::string_view>& value) {
    if (value) tag(id), put_sized(body_, *value);
  }
  void binary(PropertyId id, const std::optional<Bytes>& value) {
    if (value) tag(id), put_sized(body_, *value);
  }
  void varint(PropertyId id, std::optional<uint32_t> value) {
    if (value) tag(id), put_varint(body_, *value);
  }
  void user(UserProperties pairs) {
    while (!pairs.empty()) {
      const auto [key, value] = pairs.take_pair();
      tag(PropertyId::user_property);
      put_sized(body_, key);
      put_sized(body_, value);
    }
  }
  void message(const MessageProperties& message) {
    u8(PropertyId::payload_format_indicator, message.payload_format_indicator);
    u32(PropertyId::message_expiry_interval, message.message_expiry_interval);
    text(PropertyId::content_type, message.content_type);
    text(PropertyId::response_topic, message.response_topic);
    binary(PropertyId::correlation_data, message.correlation_data);
    user(message.user_properties);
  }
  bool empty() const { return body_.empty(); }
  size_t size() const { return varint_size(static_cast<uint32_t>(body_.size())) + body_.size(); }
  void finish(Buffer& out) const {
    put_varint(out, static_cast<uint32_t>(body_.size()));
    out.append(body_.view());
  }

 private:
  void tag(PropertyId id) { body_.put_u8(static_cast<uint8_t>(id)); }
  Buffer body_;
};

/// Puts the fixed header before a body that is made already: for the packets that are sent seldom.
void put_packet(Buffer& out, uint8_t first, const Buffer& body) {
  out.put_u8(first);
  put_varint(out, static_cast<uint32_t>(body.size()));
  out.append(body.view());
}

PropertyWriter publish_properties(const Publish& publish) {
  PropertyWriter properties;
  properties.u16(PropertyId::topic_alias, publish.topic_alias);
  for (SubscriptionIds ids = publish.subscription_ids; !ids.empty();)
    properties.varint(PropertyId::subscription_identifier, ids.take_id());
  properties.message(publish.properties);
  return properties;
}

bool has_properties(const Publish& publish) {
  const MessageProperties& message = publish.properties;
  return publish.topic_alias || !publish.subscription_ids.empty() || message.payload_format_indicator ||
         message.message_expiry_interval || message.content_type || message.response_topic ||
         message.correlation_data || !message.user_properties.empty();
}

/// Remaining length of a PUBLISH but for its properties and their length.
size_t plain_size(const Publish& publish) {
  return 2 + publish.topic.size() + (publish.qos > 0 ? 2 : 0) + publish.payload.size();
}

size_t with_header(size_t remaining) { return 1 + varint_size(static_cast<uint32_t>(remaining)) + remaining; }

// ---- the packets that are sent seldom: variable header and payload

void put(Buffer& body, const Connect& connect) {
  const bool v5 = connect.version == Version::v5;
  put_sized(body, connect.version == Version::v31 ? std::string_view("MQIsdp") : std::string_view("MQTT"));
  body.put_u8(static_cast<uint8_t>(static_cast<uint8_t>(connect.version) | (connect.bridge ? 0x80 : 0)));
  uint8_t flags = connect.clean_start ? 0x02 : 0;
  if (connect.will) {
    flags |= static_cast<uint8_t>(0x04 | connect.will->qos << 3);
    if (connect.will->retain) flags |= 0x20;
  }
  if (connect.password) flags |= 0x40;
  if (connect.user_name) flags |= 0x80;
  body.put_u8(flags);
  body.put_u16(connect.keep_alive_seconds);
  if (v5) {
    PropertyWriter properties;
    properties.u32(PropertyId::session_expiry_interval, connect.session_expiry_interval);
    properties.u16(PropertyId::receive_maximum, connect.receive_maximum);
    properties.u32(PropertyId::maximum_packet_size, connect.maximum_packet_size);
    properties.u16(PropertyId::topic_alias_maximum, connect.topic_alias_maximum);
    if (connect.request_response_information) properties.u8(PropertyId::request_response_information, uint8_t{1});
    if (!connect.request_problem_information) properties.u8(PropertyId::request_problem_information, uint8_t{0});
    properties.text(PropertyId::authentication_method, connect.authentication_method);
    properties.binary(PropertyId::authentication_data, connect.authentication_data);
    properties.user(connect.user_properties);
    properties.finish(body);
  }
  put_sized(body, connect.client_id);
  if (connect.will) {
    if (v5) {
      PropertyWriter properties;
      if (connect.will->delay_interval > 0)
        properties.u32(PropertyId::will_delay_interval, connect.will->delay_interval);
      properties.message(connect.will->properties);
      properties.finish(body);
    }
    put_sized(body, connect.will->topic);
    put_sized(body, connect.will->payload);
  }
  if (connect.user_name) put_sized(body, *connect.user_name);
  if (connect.password) put_sized(body, *connect.password);
}

void put(Buffer& body, const Connack& connack, Version version) {
  body.put_u8(connack.session_present && version != Version::v31);
  if (version != Version::v5) return body.put_u8(connack_return_code(connack.reason));
  body.put_u8(static_cast<uint8_t>(connack.reason));
  PropertyWriter properties;
  properties.u32(PropertyId::session_expiry_interval, connack.session_expiry_interval);
  properties.u16(PropertyId::receive_maximum, connack.receive_maximum);
  properties.u8(PropertyId::maximum_qos, connack.maximum_qos);
  properties.flag(PropertyId::retain_available, connack.retain_available);
  properties.u32(PropertyId::maximum_packet_size, connack.maximum_packet_size);
  properties.text(PropertyId::assigned_client_identifier, connack.assigned_client_identifier);
  properties.u16(PropertyId::topic_alias_maximum, connack.topic_alias_maximum);
  properties.text(PropertyId::reason_string, connack.reason_string);
  properties.user(connack.user_properties);
  properties.flag(PropertyId::wildcard_subscription_available, connack.wildcard_subscription_available);
  properties.flag(PropertyId::subscription_identifier_available, connack.subscription_identifiers_available);
  properties.flag(PropertyId::shared_subscription_available, connack.shared_subscription_available);
  properties.u16(PropertyId::server_keep_alive, connack.server_keep_alive);
  properties.text(PropertyId::response_information, connack.response_information);
  properties.text(PropertyId::server_reference, connack.server_reference);
  properties.text(PropertyId::authentication_method, connack.authentication_method);
  properties.binary(PropertyId::authentication_data, connack.authentication_data);
  properties.finish(body);
}

void put_filters(Buffer& body, TopicFilters filters) {
  while (!filters.empty()) {
    const TopicFilter next = filters.take_filter();
    put_sized(body, next.filter);
    if (!filters.with_options) continue;
    uint8_t options = next.options.qos;
    if (next.options.no_local) options |= 0x04;
    if (next.options.retain_as_published) options |= 0x08;
    options |= static_cast<uint8_t>(static_cast<uint8_t>(next.options.retain_handling) << 4);
    body.put_u8(options);
  }
}

void put(Buffer& body, const Subscribe& subscribe, Version version) {
  body.put_u16(subscribe.packet_id);
  if (version == Version::v5) {
    PropertyWriter properties;
    properties.varint(PropertyId::subscription_identifier, subscribe.subscription_identifier);
    properties.user(subscribe.user_properties);
    properties.finish(body);
  }
  put_filters(body, subscribe.filters);
}

void put(Buffer& body, const Unsubscribe& unsubscribe, Version version) {
  body.put_u16(unsubscribe.packet_id);
  if (version == Version::v5) {
    PropertyWriter properties;
    properties.user(unsubscribe.user_properties);
    properties.finish(body);
  }
  put_filters(body, unsubscribe.filters);
}

template <class SubackOrUnsuback>
void put_reasons(Buffer& body, const SubackOrUnsuback& ack, Version version, bool on_wire) {
  body.put_u16(ack.packet_id);
  if (version == Version::v5) {
    PropertyWriter properties;
    properties.text(PropertyId::reason_string, ack.reason_string);
    properties.user(ack.user_properties);
    properties.finish(body);
  }
  if (!on_wire) return;
  for (const Reason reason : ack.reasons) body.put_u8(static_cast<uint8_t>(reason));
}

void put(Buffer& body, const Disconnect& disconnect, Version version) {
  if (version != Version::v5) return;
  PropertyWriter properties;
  properties.u32(PropertyId::session_expiry_interval, disconnect.session_expiry_interval);
  properties.text(PropertyId::reason_string, disconnect.reason_string);
  properties.user(disconnect.user_properties);
  properties.text(PropertyId::server_reference, disconnect.server_reference);
  if (disconnect.reason == Reason::success && properties.empty()) return;
  body.put_u8(static_cast<uint8_t>(disconnect.reason));
  if (!properties.empty()) properties.finish(body);
}

void put(Buffer& body, const Auth& auth) {
  PropertyWriter properties;
  properties.text(PropertyId::authentication_method, auth.authentication_method);
  properties.binary(PropertyId::authentication_data, auth.authentication_data);
  properties.text(PropertyId::reason_string, auth.reason_string);
  properties.user(auth.user_properties);
  if (auth.reason == Reason::success && properties.empty()) return;
  body.put_u8(static_cast<uint8_t>(auth.reason));
  properties.finish(body);
}

/// One overload a packet, for std::visit.
struct Encoding {
  Buffer& out;
  Version version;

  template <class Put>
  void seldom(uint8_t first, Put fill) const {
    Buffer body;
    fill(body);
    put_packet(out, first, body);
  }

  void operator()(const Connect& p) const {
    seldom(type_byte(PacketType::connect), [&](Buffer& body) { put(body, p); });
  }
  void operator()(const Connack& p) const {
    seldom(type_byte(PacketType::connack), [&](Buffer& body) { put(body, p, version); });
  }
  void operator()(const Publish& p) const { encode(out, p, version); }
  void operator()(const Puback& p) const { encode(out, PacketType::puback, p, version); }
  void operator()(const Pubrec& p) const { encode(out, PacketType::pubrec, p, version); }
  void operator()(const Pubrel& p) const { encode(out, PacketType::pubrel, p, version); }
  void operator()(const Pubcomp& p) const { encode(out, PacketType::pubcomp, p, version); }
  void operator()(const Subscribe& p) const {
    seldom(type_byte(PacketType::subscribe, 2), [&](Buffer& body) { put(body, p, version); });
  }
  void operator()(const Suback& p) const {
    seldom(type_byte(PacketType::suback), [&](Buffer& body) { put_reasons(body, p, version, true); });
  }
  void operator()(const Unsubscribe& p) const {
    seldom(type_byte(PacketType::unsubscribe, 2), [&](Buffer& body) { put(body, p, version); });
  }
  void operator()(const Unsuback& p) const {
    seldom(type_byte(PacketType::unsuback),
           [&](Buffer& body) { put_reasons(body, p, version, version == Version::v5); });
  }
  void operator()(const Pingreq&) const { out.put_u16(type_byte(PacketType::pingreq) << 8); }
  void operator()(const Pingresp&) const { out.put_u16(type_byte(PacketType::pingresp) << 8); }
  void operator()(const Disconnect& p) const {
    seldom(type_byte(PacketType::disconnect), [&](Buffer& body) { put(body, p, version); });
  }
  void operator()(const Auth& p) const {
    seldom(type_byte(PacketType::auth), [&](Buffer& body) { put(body, p); });
  }
};

}  // namespace

void put_varint(Buffer& out, uint32_t value) {
  for (; value > 0x7f; value >>= 7) out.put_u8(static_cast<uint8_t>(value | 0x80));
  out.put_u8(static_cast<uint8_t>(value));
}

std::string encode_subscription_id(uint32_t identifier) {
  Buffer encoded;
  encoded.put_u8(static_cast<uint8_t>(PropertyId::subscription_identifier));
  put_varint(encoded, identifier);
  return std::string(encoded.text());
}

size_t varint_size(uint32_t value) { return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4; }

void encode(Buffer& out, const Packet& packet, Version version) { std::visit(Encoding{out, version}, packet); }

void encode(Buffer& out, const Publish& publish, Version version) {
  const bool v5 = version == Version::v5;
  const bool rich = v5 && has_properties(publish);
  const PropertyWriter properties = rich ? publish_properties(publish) : PropertyWriter();
  const size_t remaining = plain_size(publish) + (rich ? properties.size() : v5);
  out.prepare(with_header(remaining));
  const uint8_t flags = static_cast<uint8_t>(publish.dup << 3 | publish.qos << 1 | publish.retain);
  out.put_u8(type_byte(PacketType::publish, flags));
  put_varint(out, static_cast<uint32_t>(remaining));
  put_sized(out, publish.topic);
  if (publish.qos > 0) out.put_u16(publish.packet_id);
  if (rich)
    properties.finish(out);
  else if (v5)
    out.put_u8(0);  // [MQTT-2.2.2-1]
  out.append(publish.payload);
}

size_t encoded_size(const Publish& publish, Version version) {
  size_t remaining = plain_size(publish);
  if (version == Version::v5) remaining += has_properties(publish) ? publish_properties(publish).size() : 1;
  return with_header(remaining);
}

void encode(Buffer& out, PacketType type, const Ack& ack, Version version) {
  const uint8_t first = type_byte(type, type == PacketType::pubrel ? 2 : 0);
  const bool rich = version == Version::v5 && (ack.reason_string || !ack.user_properties.empty());
  if (!rich) {
    const bool with_reason = version == Version::v5 && ack.reason != Reason::success;
    out.put_u8(first);
    out.put_u8(with_reason ? 3 : 2);
    out.put_u16(ack.packet_id);
    if (with_reason) out.put_u8(static_cast<uint8_t>(ack.reason));
    return;
  }
  Buffer body;
  body.put_u16(ack.packet_id);
  body.put_u8(static_cast<uint8_t>(ack.reason));
  PropertyWriter properties;
  properties.text(PropertyId::reason_string, ack.reason_string);
  properties.user(ack.user_properties);
  properties.finish(body);
  put_packet(out, first, body);
}

}  // namespace mqttio::mqtt
