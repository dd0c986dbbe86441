#pragma once

#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/result.h"

namespace mqttio::engineio {

/// The two revisions of the protocol that are alive: 3 (Socket.IO 1 and 2) and 4 (Socket.IO 3 and later).
enum class Revision : uint8_t { v3 = 3, v4 = 4 };

enum class PacketType : uint8_t { open = 0, close, ping, pong, message, upgrade, noop };

/// One Engine.IO packet. A binary one is always a message.
struct Packet {
  PacketType type = PacketType::message;
  bool binary = false;
  Bytes data;  ///< Without the type.
};

/// Why a body or frame is no Engine.IO; the session ends.
struct Error {
  std::string_view what;  ///< Always a literal.
};

template <class T>
using Result = mqttio::Result<T, Error>;

inline std::unexpected<Error> fail(std::string_view what) { return std::unexpected(Error{what}); }

/// "4hello": a packet in text, as both revisions write it. `b<base64>` (`b4<base64>` in revision 3) is a binary
/// message; its bytes are appended to `scratch` and live there.
Result<Packet> decode_text(Revision revision, std::string_view text, Buffer& scratch);

/// A binary WebSocket frame: in revision 3 the first byte is the type.
Result<Packet> decode_binary(Revision revision, Bytes frame);

/// Appends the packet in text; binary ones as base64.
void append_text(Buffer& out, Revision revision, const Packet& packet);

/// The bytes that stand before a binary message's data in a WebSocket frame.
std::string_view binary_prefix(Revision revision);

/// What a handshake answers: the five keys of the open packet, milliseconds and bytes.
struct Open {
  std::string_view sid;
  bool upgrades = false;  ///< To WebSocket.
  uint64_t ping_interval = 0;
  uint64_t ping_timeout = 0;
  uint64_t max_payload = 0;
};
std::string to_json(const Open& open);

/// The refusals of the HTTP side, by the reference's numbers and words.
enum class Refusal : uint8_t {
  transport_unknown = 0,
  session_id_unknown = 1,
  bad_handshake_method = 2,
  bad_request = 3,
  forbidden = 4,
  unsupported_protocol_version = 5,
};
std::string_view to_text(Refusal refusal);
/// {"code":1,"message":"Session ID unknown"}
std::string to_json(Refusal refusal);

}  // namespace mqttio::engineio
