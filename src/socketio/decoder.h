#pragma once

#include "socketio/packet.h"

namespace mqttio::socketio {

/// A whole Socket.IO packet, attachments and all.
struct Incoming {
  enum class Kind : uint8_t {
    connect,
    disconnect,
    bytes,                ///< Event `message` with one binary argument: what the MQTT namespace is for.
    text_argument,        ///< Event `message` with anything else first: refused, for text is no bytes.
    several_attachments,  ///< Event `message` with more than one binary argument: refused.
    other_event,          ///< Some other event: nobody listens, but it is acknowledged if asked.
    ack,                  ///< The answer to something that we never ask.
  };
  Kind kind = Kind::connect;
  std::string_view nsp = {};
  std::string_view json = {};  ///< connect: the auth object, may be empty.
  std::optional<uint64_t> ack_id = std::nullopt;
  Bytes bytes = {};  ///< Of kind `bytes` alone.
};

/// Engine.IO messages to Socket.IO packets. Belongs to the Engine.IO session, not to its transport: a header may come
/// by POST and its attachment by WebSocket. Keeps no attachment: the one that matters is handed on as it comes.
class Decoder {
 public:
  /// The next text message. nullopt: attachments must follow first. What it gives lives until the next call.
  Result<std::optional<Incoming>> text(std::string_view message);
  /// The next binary message.
  Result<std::optional<Incoming>> binary(Bytes message);

 private:
  Result<Incoming> classify(const Packet& packet);

  size_t missing_ = 0;  ///< Attachments of the packet that has begun.
  Incoming::Kind pending_ = Incoming::Kind::ack;
  std::optional<uint64_t> pending_ack_;
  std::string pending_nsp_;
  Buffer json_bytes_;  ///< What came as a JSON Buffer.
};

}  // namespace mqttio::socketio
