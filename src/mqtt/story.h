#pragma once

#include <charconv>
#include <optional>
#include <string>

#include "mqtt/packet.h"

/// For tests and fuzzers: bytes in a notation that shows how a packet is built, and packets as text that tells all that
/// is in them, so that two packets are equal when their texts are.
namespace mqttio::mqtt::story {

/// Bytes from notation: `0a` a byte; `'text'` its letters; `<text>` and `[0a]` letters and bytes behind their 16-bit
/// length; `{...}` anything behind its length as a variable byte integer of one byte. Blanks separate.
inline std::string wire(std::string_view notation) {
  std::string bytes;
  const auto until = [&](char end) {
    const size_t length = std::min(notation.find(end), notation.size());
    const std::string_view inside = notation.substr(0, length);
    notation.remove_prefix(std::min(length + 1, notation.size()));
    return inside;
  };
  const auto sized = [&](std::string_view inside) {
    bytes += static_cast<char>(inside.size() >> 8);
    bytes += static_cast<char>(inside.size());
    bytes += inside;
  };
  while (!notation.empty()) {
    const char next = notation.front();
    if (std::string_view(" '<[{").find(next) != std::string_view::npos) notation.remove_prefix(1);
    if (next == '\'') {
      bytes += until('\'');
    } else if (next == '<') {
      sized(until('>'));
    } else if (next == '[') {
      sized(wire(until(']')));
    } else if (next == '{') {
      const std::string inside = wire(until('}'));
      bytes += static_cast<char>(inside.size());
      bytes += inside;
    } else if (next != ' ') {
      uint8_t byte = 0;
      std::from_chars(notation.data(), notation.data() + std::min<size_t>(2, notation.size()), byte, 16);
      bytes += static_cast<char>(byte);
      notation.remove_prefix(std::min<size_t>(2, notation.size()));
    }
  }
  return bytes;
}

/// A whole packet: its first byte, its length, and what `wire` makes of the rest.
inline std::string packet(uint8_t first, std::string_view rest) {
  const std::string body = wire(rest);
  std::string bytes(1, static_cast<char>(first));
  size_t length = body.size();
  for (; length > 0x7f; length >>= 7) bytes += static_cast<char>(length | 0x80);
  return bytes + static_cast<char>(length) + body;
}

/// Collects " name=value" of what is there.
class Teller {
 public:
  explicit Teller(std::string_view name) : text_(name) {}

  Teller& word(std::string_view word, bool there = true) {
    if (there) text_ += " " + std::string(word);
    return *this;
  }
  Teller& put(std::string_view name, std::string_view value) {
    return word(std::string(name) + "=" + std::string(value));
  }
  Teller& put(std::string_view name, Bytes value) { return put(name, as_text(value)); }
  Teller& put(std::string_view name, uint64_t value) { return put(name, std::string_view(std::to_string(value))); }
  Teller& put(std::string_view name, Reason reason) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto code = static_cast<uint8_t>(reason);
    return put(name, std::string{kDigits[code >> 4], kDigits[code & 15]});
  }
  template <class T>
  Teller& put(std::string_view name, const std::optional<T>& value) {
    if (value) put(name, *value);
    return *this;
  }
  Teller& put(UserProperties pairs) {
    while (!pairs.empty()) {
      const auto [key, value] = pairs.take_pair();
      word("(" + std::string(key) + ":" + std::string(value) + ")");
    }
    return *this;
  }
  Teller& put(const MessageProperties& message) {
    put("format", message.payload_format_indicator).put("expiry", message.message_expiry_interval);
    put("type", message.content_type).put("response", message.response_topic);
    return put("correlation", message.correlation_data).put(message.user_properties);
  }
  Teller& put(std::span<const Reason> reasons) {
    for (const Reason reason : reasons) put("reason", reason);
    return *this;
  }
  Teller& put(TopicFilters filters) {
    while (!filters.empty()) {
      const TopicFilter next = filters.take_filter();
      put("filter", next.filter);
      if (!filters.with_options) continue;
      put("qos", next.options.qos).word("no-local", next.options.no_local);
      word("as-published", next.options.retain_as_published);
      const auto handling = static_cast<uint8_t>(next.options.retain_handling);
      if (handling != 0) put("handling", handling);
    }
    return *this;
  }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

inline std::string tell(const Connect& p) {
  Teller t("CONNECT");
  t.put("v", static_cast<uint8_t>(p.version)).word("bridge", p.bridge).word("clean", p.clean_start);
  t.put("alive", p.keep_alive_seconds).put("id", p.client_id).put("user", p.user_name).put("password", p.password);
  t.put("session-expiry", p.session_expiry_interval).put("receive", p.receive_maximum);
  t.put("packet", p.maximum_packet_size).put("aliases", p.topic_alias_maximum);
  t.word("response-info", p.request_response_information).word("no-problem-info", !p.request_problem_information);
  t.put("method", p.authentication_method).put("data", p.authentication_data).put(p.user_properties);
  if (!p.will) return t.text();
  t.word("WILL").put("topic", p.will->topic).put("payload", p.will->payload).put("qos", p.will->qos);
  t.word("retain", p.will->retain).put("delay", p.will->delay_interval);
  return t.put(p.will->properties).text();
}
inline std::string tell(const Connack& p) {
  Teller t("CONNACK");
  t.word("present", p.session_present).put("reason", p.reason).put("session-expiry", p.session_expiry_interval);
  t.put("receive", p.receive_maximum).put("qos", p.maximum_qos).put("retain", p.retain_available);
  t.put("packet", p.maximum_packet_size).put("id", p.assigned_client_identifier);
  t.put("aliases", p.topic_alias_maximum).put("string", p.reason_string);
  t.put("wildcard", p.wildcard_subscription_available).put("ids", p.subscription_identifiers_available);
  t.put("shared", p.shared_subscription_available).put("alive", p.server_keep_alive);
  t.put("info", p.response_information).put("server", p.server_reference);
  t.put("method", p.authentication_method).put("data", p.authentication_data).put(p.user_properties);
  return t.text();
}
inline std::string tell(const Publish& p) {
  Teller t("PUBLISH");
  t.put("topic", p.topic).put("payload", p.payload).put("qos", p.qos).word("retain", p.retain).word("dup", p.dup);
  t.put("id", p.packet_id).put("alias", p.topic_alias);
  for (SubscriptionIds ids = p.subscription_ids; !ids.empty();) t.put("sub", ids.take_id());
  return t.put(p.properties).text();
}
inline std::string tell_ack(std::string_view name, const Ack& p) {
  return Teller(name)
      .put("id", p.packet_id)
      .put("reason", p.reason)
      .put("string", p.reason_string)
      .put(p.user_properties)
      .text();
}
inline std::string tell(const Puback& p) { return tell_ack("PUBACK", p); }
inline std::string tell(const Pubrec& p) { return tell_ack("PUBREC", p); }
inline std::string tell(const Pubrel& p) { return tell_ack("PUBREL", p); }
inline std::string tell(const Pubcomp& p) { return tell_ack("PUBCOMP", p); }
inline std::string tell(const Subscribe& p) {
  return Teller("SUBSCRIBE")
      .put("id", p.packet_id)
      .put("sub", p.subscription_identifier)
      .put(p.user_properties)
      .put(p.filters)
      .text();
}
inline std::string tell(const Suback& p) {
  return Teller("SUBACK")
      .put("id", p.packet_id)
      .put("string", p.reason_string)
      .put(p.user_properties)
      .put(p.reasons)
      .text();
}
inline std::string tell(const Unsubscribe& p) {
  return Teller("UNSUBSCRIBE").put("id", p.packet_id).put(p.user_properties).put(p.filters).text();
}
inline std::string tell(const Unsuback& p) {
  return Teller("UNSUBACK")
      .put("id", p.packet_id)
      .put("string", p.reason_string)
      .put(p.user_properties)
      .put(p.reasons)
      .text();
}
inline std::string tell(const Pingreq&) { return "PINGREQ"; }
inline std::string tell(const Pingresp&) { return "PINGRESP"; }
inline std::string tell(const Disconnect& p) {
  return Teller("DISCONNECT")
      .put("reason", p.reason)
      .put("session-expiry", p.session_expiry_interval)
      .put("string", p.reason_string)
      .put("server", p.server_reference)
      .put(p.user_properties)
      .text();
}
inline std::string tell(const Auth& p) {
  return Teller("AUTH")
      .put("reason", p.reason)
      .put("method", p.authentication_method)
      .put("data", p.authentication_data)
      .put("string", p.reason_string)
      .put(p.user_properties)
      .text();
}
inline std::string tell(const Packet& p) {
  return std::visit([](const auto& one) { return tell(one); }, p);
}

}  // namespace mqttio::mqtt::story
