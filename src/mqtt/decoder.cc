#include "mqtt/decoder.h"

#include "mqtt/decode_packet.h"

namespace mqttio::mqtt {
namespace {

bool only_from_servers(PacketType type) {
  return type == PacketType::connack || type == PacketType::suback || type == PacketType::unsuback ||
         type == PacketType::pingresp;
}

bool only_from_clients(PacketType type) {
  return type == PacketType::connect || type == PacketType::subscribe || type == PacketType::unsubscribe ||
         type == PacketType::pingreq;
}

/// Whether the flags of a packet other than PUBLISH are as they must be. [MQTT-2.1.3-1]
bool flags_fit(PacketType type, uint8_t flags, Version version) {
  const bool has_two = type == PacketType::pubrel || type == PacketType::subscribe || type == PacketType::unsubscribe;
  if (version == Version::v31 && has_two) flags &= 0x07;  // MQTT 3.1 let these be resent with DUP
  return flags == (has_two ? 0x02 : 0x00);
}

}  // namespace

Result<std::optional<Packet>> Decoder::next(Bytes& in) {
  if (in.empty()) return std::nullopt;
  const auto type = static_cast<PacketType>(to_u8(in[0]) >> 4);
  const uint8_t flags = to_u8(in[0]) & 0x0f;
  if (!connected_ && hears_ == Hears::client && type != PacketType::connect)
    return fail(Reason::protocol_error, "the first packet is not CONNECT");  // [MQTT-3.1.0-1]
  // It would change the version in which the peer is told of its fault.
  if (connected_ && hears_ == Hears::client && type == PacketType::connect)
    return fail(Reason::protocol_error, "a second CONNECT");  // [MQTT-3.1.0-2]
  if (hears_ == Hears::client && only_from_servers(type))
    return fail(Reason::protocol_error, "a packet that only servers send");
  if (hears_ == Hears::server && only_from_clients(type))
    return fail(Reason::protocol_error, "a packet that only clients send");
  if (static_cast<uint8_t>(type) == 0 || (type == PacketType::auth && connected_ && version_ != Version::v5))
    return fail(Reason::malformed_packet, "an unknown packet type");
  if (type != PacketType::publish && !flags_fit(type, flags, version_))
    return fail(Reason::malformed_packet, "wrong flags in the fixed header");

  Bytes rest = in.subspan(1);
  const auto length = take_varint(rest);
  if (!length) return std::unexpected(length.error());
  if (!*length) return std::nullopt;
  const size_t header = in.size() - rest.size();
  const uint32_t limit = type == PacketType::connect ? options_.max_connect_size : options_.max_packet_size;
  if (header + **length > limit) return fail(Reason::packet_too_large, "a packet is larger than the limit");
  if (rest.size() < **length) return std::nullopt;
  in = in.subspan(header + **length);
  return decode_body(type, flags, rest.first(**length));
}

Result<std::optional<Packet>> Decoder::decode_body(PacketType type, uint8_t flags, Bytes body) {
  Reader reader(body);
  const Rules rules{version_, flags, options_.strict_utf8, hears_ != Hears::server, hears_ != Hears::client};
  std::optional<Packet> packet;
  const auto read = [&]<class P>(P) { decode(reader, rules, std::get<P>(packet.emplace(P{}))); };
  switch (type) {
    case PacketType::connect:
      decode(reader, rules, std::get<Connect>(packet.emplace(Connect{})), version_);
      connected_ = true;
      break;
    case PacketType::connack: read(Connack{}); break;
    case PacketType::publish: read(Publish{}); break;
    case PacketType::puback: read(Puback{}); break;
    case PacketType::pubrec: read(Pubrec{}); break;
    case PacketType::pubrel: read(Pubrel{}); break;
    case PacketType::pubcomp: read(Pubcomp{}); break;
    case PacketType::subscribe: read(Subscribe{}); break;
    case PacketType::suback: read(Suback{}); break;
    case PacketType::unsubscribe: read(Unsubscribe{}); break;
    case PacketType::unsuback: read(Unsuback{}); break;
    case PacketType::pingreq: read(Pingreq{}); break;
    case PacketType::pingresp: read(Pingresp{}); break;
    case PacketType::disconnect: read(Disconnect{}); break;
    case PacketType::auth: read(Auth{}); break;
  }
  if (reader.error()) return std::unexpected(*reader.error());
  if (!reader.empty()) return fail(Reason::malformed_packet, "bytes behind the end of a packet");
  return packet;
}

}  // namespace mqttio::mqtt
