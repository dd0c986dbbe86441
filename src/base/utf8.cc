#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace mqttio {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

bool is_noncharacter(uint32_t point) { return (point & 0xfffe) == 0xfffe || (point >= 0xfdd0 && point <= 0xfdef); }

bool is_control(uint32_t point) { return point < 0x20 || (point >= 0x7f && point <= 0x9f); }

/// Takes one code point off the front; false: not well formed.
bool take_point(std::string_view& text, uint32_t& point) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return false;
  point = length == 1 ? lead : lead & (0xffu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if ((next & 0xc0) != 0x80) return false;
    point = point << 6 | (next & 0x3f);
  }
  text.remove_prefix(length);
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  return point >= kSmallest[length] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
}

}  // namespace

bool is_utf8(std::string_view text) {
  uint32_t point = 0;
  while (!text.empty()) {
    uint64_t word = 0;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & kHighBits) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    if (!take_point(text, point)) return false;
  }
  return true;
}

bool is_strict_utf8(std::string_view text) {
  uint32_t point = 0;
  while (!text.empty()) {
    if (!take_point(text, point) || is_control(point) || is_noncharacter(point)) return false;
  }
  return true;
}

size_t utf16_length(std::string_view text) {
  size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    units += (byte & 0xc0) != 0x80;  // each lead byte is one unit,
    units += byte >= 0xf0;           // and one more above the basic plane
  }
  return units;
}

}  // namespace mqttio
