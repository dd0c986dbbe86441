#include "socketio/packet.h"

#include <algorithm>
#include <charconv>

namespace mqttio::socketio {
namespace {

/// No honest client sends more at once; protects memory while they are gathered.
constexpr size_t kMaxAttachments = 10;
/// The name is kept while attachments are missing; ours have five letters.
constexpr size_t kMaxNamespace = 256;

bool is_digit(std::string_view text) { return !text.empty() && text[0] >= '0' && text[0] <= '9'; }

bool is_printable(char letter) { return letter > ' ' && letter <= '~'; }

/// Takes a decimal number off the front; false: there is none, or it does not fit.
bool take_number(std::string_view& text, uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

void take_namespace(std::string_view& text, Packet& packet) {
  if (!text.starts_with('/')) return;
  const size_t comma = std::min(text.find(','), text.size());
  packet.nsp = text.substr(0, comma);
  text.remove_prefix(std::min(comma + 1, text.size()));
  const size_t question = packet.nsp.find('?');
  if (question == packet.nsp.npos) return;
  packet.query = packet.nsp.substr(question + 1);
  packet.nsp = packet.nsp.substr(0, question);
}

}  // namespace

Result<Packet> decode(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '6') return fail("an unknown packet type");
  Packet packet{.type = static_cast<PacketType>(text[0] - '0')};
  text.remove_prefix(1);
  if (packet.type == PacketType::binary_event || packet.type == PacketType::binary_ack) {
    uint64_t count = 0;
    if (!take_number(text, count) || !text.starts_with('-')) return fail("a bad number of attachments");
    if (count > kMaxAttachments) return fail("too many attachments");
    packet.attachments = static_cast<size_t>(count);
    if (count == 0) packet.type = packet.type == PacketType::binary_event ? PacketType::event : PacketType::ack;
    text.remove_prefix(1);
  }
  take_namespace(text, packet);
  if (packet.nsp.size() > kMaxNamespace) return fail("a namespace with too long a name");
  if (!std::ranges::all_of(packet.nsp, is_printable)) return fail("a namespace that is not ASCII");
  if (is_digit(text)) {
    uint64_t id = 0;
    if (!take_number(text, id)) return fail("an acknowledgement id that does not fit");
    packet.ack_id = id;
  }
  packet.json = text;
  return packet;
}

std::string encode(const Packet& packet) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
  if (packet.attachments > 0) text += std::to_string(packet.attachments) + "-";
  if (packet.nsp != "/") {
    text += packet.nsp;
    text += ',';
  }
  if (packet.ack_id) text += std::to_string(*packet.ack_id);
  text += packet.json;
  return text;
}

}  // namespace mqttio::socketio
