#include "websocket/frame.h"

#include <bit>

#include "base/utf8.h"

namespace mqttio::websocket {
namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kReserved = 0x70;
constexpr uint8_t kMasked = 0x80;
constexpr uint64_t kMaxControl = 125;
constexpr uint16_t kNoCode = 1005;

std::unexpected<Error> protocol_error(std::string_view what) {
  return std::unexpected(Error{close_code::protocol_error, what});
}

bool is_known(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

uint64_t peek_u64(const std::byte* from) { return static_cast<uint64_t>(peek_u32(from)) << 32 | peek_u32(from + 4); }

/// Whether a peer may send this code. RFC 6455, section 7.4.
bool is_sendable(uint16_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != kNoCode && code != 1006) ||
         (code >= 3000 && code <= 4999);
}

}  // namespace

Result<std::optional<FrameHeader>> take_frame_header(Bytes& in) {
  if (in.size() < 2) return std::nullopt;
  const uint8_t first = to_u8(in[0]);
  const uint8_t second = to_u8(in[1]);
  if (first & kReserved) return protocol_error("reserved bits are set");
  if (!is_known(first & 0x0f)) return protocol_error("a reserved opcode");
  if (!(second & kMasked)) return protocol_error("a client's frame without a mask");

  FrameHeader header{.opcode = static_cast<Opcode>(first & 0x0f), .fin = (first & kFin) != 0};
  const uint8_t short_length = second & 0x7f;
  const size_t size = 2 + (short_length == 126 ? 2 : short_length == 127 ? 8 : 0) + 4;
  if (is_control(header.opcode) && (short_length > kMaxControl || !header.fin))
    return protocol_error("a control frame that is long or fragmented");
  if (in.size() < size) return std::nullopt;
  header.length = short_length;
  if (short_length == 126) header.length = peek_u16(in.data() + 2);
  if (short_length == 127) header.length = peek_u64(in.data() + 2);
  if ((short_length == 126 && header.length < 126) || (short_length == 127 && header.length <= UINT16_MAX) ||
      header.length >> 63 != 0)
    return protocol_error("a length not in its shortest form");
  std::memcpy(header.mask.data(), in.data() + size - 4, 4);
  in = in.subspan(size);
  return header;
}

size_t server_header_size(uint64_t length) { return length < 126 ? 2 : length <= UINT16_MAX ? 4 : 10; }

size_t write_server_header(std::byte* to, Opcode opcode, uint64_t length) {
  const size_t size = server_header_size(length);
  to[0] = static_cast<std::byte>(kFin | static_cast<uint8_t>(opcode));
  to[1] = static_cast<std::byte>(size == 2 ? length : size == 4 ? 126 : 127);
  for (size_t i = 2; i < size; ++i) to[i] = static_cast<std::byte>(length >> (8 * (size - 1 - i)));
  return size;
}

void append_frame(Buffer& out, Opcode opcode, Bytes payload) {
  out.commit(write_server_header(out.prepare(kMaxServerHeader), opcode, payload.size()));
  out.append(payload);
}

void append_close(Buffer& out, uint16_t code, std::string_view reason) {
  Buffer payload;
  payload.put_u16(code);
  payload.append(reason.substr(0, kMaxControl - 2));
  append_frame(out, Opcode::close, payload.view());
}

void unmask(std::span<std::byte> payload, const std::array<std::byte, 4>& mask, uint64_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, mask.data(), sizeof word);
  word = std::rotr(word, static_cast<int>(8 * (offset % 4)));  // little endian: the next mask byte is the lowest
  const uint64_t wide = static_cast<uint64_t>(word) << 32 | word;
  size_t i = 0;
  for (; i + sizeof wide <= payload.size(); i += sizeof wide) {
    uint64_t chunk = 0;
    std::memcpy(&chunk, payload.data() + i, sizeof chunk);
    chunk ^= wide;
    std::memcpy(payload.data() + i, &chunk, sizeof chunk);
  }
  for (; i < payload.size(); ++i) payload[i] ^= mask[(offset + i) % 4];
}

Result<uint16_t> parse_close(Bytes payload) {
  if (payload.empty()) return kNoCode;
  if (payload.size() == 1) return protocol_error("a close frame with half a code");
  const uint16_t code = peek_u16(payload.data());
  if (!is_sendable(code)) return protocol_error("a close code that must not be sent");
  if (!is_utf8(as_text(payload.subspan(2)))) return std::unexpected(Error{close_code::invalid_data, "no UTF-8"});
  return code;
}

}  // namespace mqttio::websocket
