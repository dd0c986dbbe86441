#pragma once

#include <optional>
#include <string>

#include "base/buffer.h"
#include "base/result.h"

namespace mqttio::socketio {

enum class PacketType : uint8_t { connect = 0, disconnect, event, ack, connect_error, binary_event, binary_ack };

/// The text of one Socket.IO packet: `<type>[<attachments>-][<nsp>,][<ack id>][<JSON>]`. Views into what was decoded.
struct Packet {
  PacketType type = PacketType::event;
  size_t attachments = 0;       ///< Of a binary event or ack at least 1, else 0.
  std::string_view nsp = "/";   ///< Without the query. Printable ASCII.
  std::string_view query = {};  ///< What old clients send behind `?` in the namespace.
  std::optional<uint64_t> ack_id = std::nullopt;
  std::string_view json = {};  ///< May be empty.
};

/// Why the connection must be closed.
struct Error {
  std::string_view what;  ///< Always a literal.
};

template <class T>
using Result = mqttio::Result<T, Error>;

inline std::unexpected<Error> fail(std::string_view what) { return std::unexpected(Error{what}); }

/// As liberal as the reference: `40/mqtt` needs no comma. A namespace must be printable ASCII, for refusals repeat it.
/// The JSON is not looked at.
Result<Packet> decode(std::string_view text);

/// The packet as text, without the query. `nsp` is as `decode` gave it, and `json` is JSON.
std::string encode(const Packet& packet);

/// The event that carries MQTT bytes, but for its namespace: `51-/mqtt,["message",...]`.
inline constexpr std::string_view kMessageEvent = R"(["message",{"_placeholder":true,"num":0}])";

}  // namespace mqttio::socketio
