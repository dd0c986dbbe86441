#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace mqttio {

/// Bytes that somebody else owns. Parsers take from the front of one and say so by moving it.
using Bytes = std::span<const std::byte>;

inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

inline uint8_t to_u8(std::byte byte) { return std::to_integer<uint8_t>(byte); }

/// Big-endian readers; the caller has checked that the bytes are there.
inline uint16_t peek_u16(const std::byte* from) { return static_cast<uint16_t>(to_u8(from[0]) << 8 | to_u8(from[1])); }
inline uint32_t peek_u32(const std::byte* from) {
  return static_cast<uint32_t>(peek_u16(from)) << 16 | peek_u16(from + 2);
}

/// Takes `n` bytes off the front of `in`; the caller has checked that they are there.
inline Bytes take(Bytes& in, size_t n) {
  const Bytes taken = in.first(n);
  in = in.subspan(n);
  return taken;
}

}  // namespace mqttio
