#include "engineio/packet.h"

#include "base/base64.h"

namespace mqttio::engineio {

Result<Packet> decode_text(Revision revision, std::string_view text, Buffer& scratch) {
  if (text.empty()) return fail("an empty packet");
  if (text[0] == 'b') {
    text.remove_prefix(1);
    if (revision == Revision::v3) {
      if (!text.starts_with('4')) return fail("a binary packet that is no message");
      text.remove_prefix(1);
    }
    const auto size = append_from_base64(scratch, text);
    if (!size) return fail("a binary packet that is no base64");
    return Packet{PacketType::message, true, scratch.view().last(*size)};
  }
  if (text[0] < '0' || text[0] > '6') return fail("an unknown packet type");
  return Packet{static_cast<PacketType>(text[0] - '0'), false, as_bytes(text.substr(1))};
}

Result<Packet> decode_binary(Revision revision, Bytes frame) {
  if (revision == Revision::v4) return Packet{PacketType::message, true, frame};
  if (frame.empty() || frame[0] != std::byte{4}) return fail("a binary packet that is no message");
  return Packet{PacketType::message, true, frame.subspan(1)};
}

void append_text(Buffer& out, Revision revision, const Packet& packet) {
  if (packet.binary) {
    out.append(std::string_view(revision == Revision::v3 ? "b4" : "b"));
    append_base64(out, packet.data);
    return;
  }
  out.put_u8(static_cast<uint8_t>('0' + static_cast<uint8_t>(packet.type)));
  out.append(packet.data);
}

std::string_view binary_prefix(Revision revision) { return revision == Revision::v3 ? "\x04" : ""; }

std::string to_json(const Open& open) {
  return R"({"sid":")" + std::string(open.sid) + R"(","upgrades":[)" + (open.upgrades ? R"("websocket")" : "") +
         R"(],"pingInterval":)" + std::to_string(open.ping_interval) + R"(,"pingTimeout":)" +
         std::to_string(open.ping_timeout) + R"(,"maxPayload":)" + std::to_string(open.max_payload) + "}";
}

std::string_view to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::transport_unknown: return "Transport unknown";
    case Refusal::session_id_unknown: return "Session ID unknown";
    case Refusal::bad_handshake_method: return "Bad handshake method";
    case Refusal::bad_request: return "Bad request";
    case Refusal::forbidden: return "Forbidden";
    case Refusal::unsupported_protocol_version: return "Unsupported protocol version";
  }
  return "Bad request";
}

std::string to_json(Refusal refusal) {
  return R"({"code":)" + std::to_string(static_cast<int>(refusal)) + R"(,"message":")" + std::string(to_text(refusal)) +
         R"("})";
}

}  // namespace mqttio::engineio
