#include "socketio/decoder.h"

#include <utility>

#include "socketio/json.h"

namespace mqttio::socketio {

using Kind = Incoming::Kind;

Result<std::optional<Incoming>> Decoder::text(std::string_view message) {
  if (missing_ > 0) return fail("text while an attachment is missing");
  const auto packet = decode(message);
  if (!packet) return std::unexpected(packet.error());
  const auto incoming = classify(*packet);
  if (!incoming) return std::unexpected(incoming.error());
  if (packet->attachments == 0) return *incoming;
  missing_ = packet->attachments;
  pending_ = incoming->kind;
  pending_ack_ = incoming->ack_id;
  pending_nsp_ = incoming->nsp;
  return std::nullopt;
}

Result<std::optional<Incoming>> Decoder::binary(Bytes message) {
  if (missing_ == 0) return fail("an attachment of nothing");
  if (--missing_ > 0) return std::nullopt;
  Incoming incoming{.kind = pending_, .nsp = pending_nsp_, .ack_id = pending_ack_};
  if (pending_ == Kind::bytes) incoming.bytes = message;
  return incoming;
}

Result<Incoming> Decoder::classify(const Packet& packet) {
  Incoming incoming{.nsp = packet.nsp, .json = packet.json, .ack_id = packet.ack_id};
  switch (packet.type) {
    case PacketType::connect:
      if (!packet.json.empty() && !is_object(packet.json)) return fail("a CONNECT with something that is no object");
      return incoming;
    case PacketType::disconnect: incoming.kind = Kind::disconnect; return incoming;
    case PacketType::ack:
    case PacketType::binary_ack: incoming.kind = Kind::ack; return incoming;
    case PacketType::connect_error: return fail("CONNECT_ERROR from a client");
    case PacketType::event:
    case PacketType::binary_event: break;
  }
  if (packet.attachments == 1 && packet.json == kMessageEvent) {  // what nearly everybody sends
    incoming.kind = Kind::bytes;
    return incoming;
  }
  json_bytes_.release();
  const auto arguments = parse_event(packet.json, json_bytes_);
  if (!arguments) return std::unexpected(arguments.error());
  const bool placeholder = packet.attachments > 0 && arguments->first == EventArguments::First::placeholder;
  if (placeholder && arguments->placeholder >= packet.attachments) return fail("a placeholder of no attachment");
  const bool bytes = arguments->first == EventArguments::First::bytes;
  if (!arguments->is_message)
    incoming.kind = Kind::other_event;
  else if (packet.attachments + bytes > 1)
    incoming.kind = Kind::several_attachments;
  else
    incoming.kind = placeholder || bytes ? Kind::bytes : Kind::text_argument;
  if (incoming.kind == Kind::bytes) incoming.bytes = json_bytes_.view();
  return incoming;
}

}  // namespace mqttio::socketio
