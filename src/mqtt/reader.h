#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/utf8.h"
#include "mqtt/reason.h"

namespace mqttio::mqtt {

/// Takes a Variable Byte Integer off the front of `in`; nullopt means: not all here yet. [MQTT-1.5.5-1]
inline Result<std::optional<uint32_t>> take_varint(Bytes& in) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    if (i == in.size()) return std::nullopt;
    const uint8_t byte = to_u8(in[i]);
    value |= static_cast<uint32_t>(byte & 0x7f) << (7 * i);
    if (byte & 0x80) continue;
    if (i > 0 && byte == 0) return fail(Reason::malformed_packet, "variable byte integer not in its shortest form");
    in = in.subspan(i + 1);
    return value;
  }
  return fail(Reason::malformed_packet, "variable byte integer over four bytes");
}

/// Reads the fields of one packet, all of which is here. The first fault is kept, and everything after it reads as
/// zero: the reader asks once at the end instead of after each field.
class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}

  bool good() const { return !error_; }
  bool empty() const { return in_.empty(); }
  const std::optional<Error>& error() const { return error_; }
  Bytes rest() const { return in_; }

  void fault(Reason reason, std::string_view what) {
    if (!error_) error_ = Error{reason, what};
    in_ = {};
  }
  void malformed(std::string_view what) { fault(Reason::malformed_packet, what); }

  Bytes bytes(size_t n) {
    if (in_.size() >= n) return take(in_, n);
    malformed("a field is longer than its packet");
    return {};
  }
  uint8_t u8() {
    const Bytes field = bytes(1);
    return field.empty() ? 0 : to_u8(field[0]);
  }
  uint16_t u16() {
    const Bytes field = bytes(2);
    return field.empty() ? 0 : peek_u16(field.data());
  }
  uint32_t u32() {
    const Bytes field = bytes(4);
    return field.empty() ? 0 : peek_u32(field.data());
  }
  uint32_t varint() {
    const auto value = take_varint(in_);
    if (!value) fault(value.error().reason, value.error().what);
    if (value && !*value) malformed("a variable byte integer is cut off");
    return value && *value ? **value : 0;
  }
  Bytes binary() { return bytes(u16()); }

  /// A UTF-8 encoded string; `strict` refuses control characters and noncharacters as well. [MQTT-1.5.4-1, -2]
  std::string_view text(bool strict) {
    const std::string_view text = as_text(binary());
    const bool fine = strict ? is_strict_utf8(text) : is_utf8(text) && text.find('\0') == text.npos;
    if (fine) return text;
    malformed("a string is no acceptable UTF-8");
    return {};
  }
  uint16_t packet_id() {
    const uint16_t id = u16();
    if (id == 0) malformed("packet identifier 0");  // [MQTT-2.2.1-3]
    return id;
  }

 private:
  Bytes in_;
  std::optional<Error> error_;
};

}  // namespace mqttio::mqtt
