#include "engineio/payload.h"

#include <charconv>

#include "base/utf8.h"

namespace mqttio::engineio {
namespace {

constexpr char kSeparator = '\x1e';

/// The beginning of `text` that has `units` UTF-16 code units; npos: no such beginning ends between two characters.
size_t find_utf16(std::string_view text, size_t units) {
  size_t at = 0;
  for (size_t seen = 0; at < text.size() && seen < units;) {
    const auto lead = static_cast<uint8_t>(text[at]);
    seen += lead >= 0xf0 ? 2 : 1;
    at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (seen > units) return text.npos;
  }
  return at <= text.size() && utf16_length(text.substr(0, at)) == units ? at : text.npos;
}

/// Whether another counted packet, or nothing, follows here.
bool at_boundary(std::string_view rest) { return rest.empty() || (rest[0] >= '0' && rest[0] <= '9'); }

}  // namespace

std::string_view content_type(Form form) {
  return form == Form::binary ? "application/octet-stream" : "text/plain; charset=UTF-8";
}

Result<std::optional<Packet>> PayloadDecoder::next() {
  if (!more_) return std::nullopt;
  if (rest_.empty() && form_ != Form::separated && count_ > 0) return std::nullopt;
  if (++count_ > kMaxPackets) return fail("too many packets in one body");
  scratch_.clear();
  auto packet = form_ == Form::separated ? next_separated() : form_ == Form::counted ? next_counted() : next_binary();
  if (!packet) return std::unexpected(packet.error());
  return *packet;
}

Result<Packet> PayloadDecoder::next_separated() {
  const std::string_view text = as_text(rest_);
  const size_t end = std::min(text.find(kSeparator), text.size());
  more_ = end < text.size();
  rest_ = rest_.subspan(more_ ? end + 1 : end);
  return decode_text(revision_, text.substr(0, end), scratch_);
}

Result<Packet> PayloadDecoder::next_counted() {
  std::string_view text = as_text(rest_);
  const size_t colon = text.substr(0, kMaxDigits + 1).find(':');
  size_t units = 0;
  const char* digits_end = text.data() + std::min(colon, text.size());
  if (colon == text.npos || colon == 0 || std::from_chars(text.data(), digits_end, units).ptr != digits_end)
    return fail("a packet's length is no number");
  text.remove_prefix(colon + 1);
  // Old clients without binary count bytes; both counts agree for ASCII, and only one of them ends at a boundary else.
  size_t size = find_utf16(text, units);
  if ((size == text.npos || !at_boundary(text.substr(size))) && units <= text.size() && at_boundary(text.substr(units)))
    size = units;
  if (size == text.npos) return fail("a packet is longer than its body");
  rest_ = rest_.subspan(colon + 1 + size);
  return decode_text(revision_, text.substr(0, size), scratch_);
}

Result<Packet> PayloadDecoder::next_binary() {
  if (rest_.empty()) return fail("an empty body");
  const uint8_t flag = to_u8(take(rest_, 1)[0]);
  if (flag > 1) return fail("a packet that is neither text nor binary");
  size_t size = 0;
  size_t digits = 0;
  for (;; ++digits) {
    if (rest_.empty() || digits > kMaxDigits) return fail("a packet's length is no number");
    const uint8_t digit = to_u8(take(rest_, 1)[0]);
    if (digit == 0xff) break;
    if (digit > 9) return fail("a packet's length is no number");
    size = size * 10 + digit;
  }
  if (digits == 0 || size > rest_.size()) return fail("a packet is longer than its body");
  const Bytes packet = take(rest_, size);
  return flag == 1 ? decode_binary(revision_, packet) : decode_text(revision_, as_text(packet), scratch_);
}

void PayloadWriter::add(const Packet& packet) {
  if (form_ == Form::separated) {
    if (count_ > 0) out_.put_u8(kSeparator);
    append_text(out_, revision_, packet);
  } else if (form_ == Form::counted) {
    const size_t length = packet.binary ? 2 + (packet.data.size() + 2) / 3 * 4 : 1 + packet.data.size();
    out_.append(std::to_string(length) + ":");
    append_text(out_, revision_, packet);
  } else {
    out_.put_u8(packet.binary);
    for (const char digit : std::to_string(1 + packet.data.size())) out_.put_u8(static_cast<uint8_t>(digit - '0'));
    out_.put_u8(0xff);
    out_.put_u8(packet.binary ? 4 : static_cast<uint8_t>('0' + static_cast<uint8_t>(packet.type)));
    out_.append(packet.data);
  }
  ++count_;
}

}  // namespace mqttio::engineio
