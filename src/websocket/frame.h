#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/buffer.h"
#include "base/result.h"

namespace mqttio::websocket {

enum class Opcode : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 8; }

/// RFC 6455, section 7.4.1.
namespace close_code {
inline constexpr uint16_t normal = 1000;
inline constexpr uint16_t going_away = 1001;
inline constexpr uint16_t protocol_error = 1002;
inline constexpr uint16_t unsupported = 1003;
inline constexpr uint16_t invalid_data = 1007;
inline constexpr uint16_t policy = 1008;
inline constexpr uint16_t too_big = 1009;
}  // namespace close_code

/// Why the WebSocket must be closed.
struct Error {
  uint16_t close_code;
  std::string_view what;  ///< Always a literal.
};

template <class T>
using Result = mqttio::Result<T, Error>;

struct FrameHeader {
  Opcode opcode = Opcode::binary;
  bool fin = true;
  uint64_t length = 0;
  std::array<std::byte, 4> mask{};
};

/// Takes the header of a client's frame off the front of `in`; nullopt: not all here yet. Refuses what a server must
/// refuse of one frame alone: no mask, reserved bits and opcodes, a length not in its shortest form, bad control
/// frames.
Result<std::optional<FrameHeader>> take_frame_header(Bytes& in);

/// The largest header that we send: we do not mask.
inline constexpr size_t kMaxServerHeader = 10;
size_t server_header_size(uint64_t length);
/// Writes the header of an unfragmented, unmasked frame to `to`, which has room for it; gives its size.
size_t write_server_header(std::byte* to, Opcode opcode, uint64_t length);

/// Appends a whole frame, as servers send it.
void append_frame(Buffer& out, Opcode opcode, Bytes payload);
void append_close(Buffer& out, uint16_t code, std::string_view reason);

/// Undoes (or does) the masking of payload bytes of which the first is the `offset`th of its frame.
void unmask(std::span<std::byte> payload, const std::array<std::byte, 4>& mask, uint64_t offset);

/// Checks what a close frame carries; the code, or 1005 if it has none.
Result<uint16_t> parse_close(Bytes payload);

}  // namespace mqttio::websocket
