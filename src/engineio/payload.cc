#include "engineio/payload.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/utf8.h"

namespace mqttio::engineio {
namespace {

constexpr char kSeparator = '\x1e';
/// No honest length needs more; bounds the reading of hostile ones.
constexpr size_t kMaxDigits = 10;

/// How a counted packet's length is meant.
enum class Unit : uint8_t { utf16, byte };

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

/// Where the first `units` UTF-16 code units of `text` end; npos: inside a character, or beyond the text.
size_t find_utf16(std::string_view text, size_t units) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const size_t wide = utf16_length(text.substr(at, 1));  // 0 inside a character
    if (wide > units) break;
    units -= wide;
  }
  return units == 0 ? at : text.npos;
}

/// Takes "<length>:<packet>" off the front of `text` and gives the packet.
Result<std::string_view> take_counted(std::string_view& text, Unit unit) {
  const size_t colon = text.substr(0, kMaxDigits + 1).find(':');
  if (colon == text.npos) return fail("a packet without its length");
  size_t length = 0;
  const char* colon_at = text.data() + colon;
  if (const auto read = std::from_chars(text.data(), colon_at, length); read.ec != std::errc() || read.ptr != colon_at)
    return fail("a packet's length is no number");
  text.remove_prefix(colon + 1);
  const size_t size = unit == Unit::utf16 ? find_utf16(text, length) : length;
  if (size > text.size()) return fail("a packet is longer than its body");
  const std::string_view packet = text.substr(0, size);
  text.remove_prefix(size);
  return packet;
}

/// Whether the whole of `body` falls into counted packets if their lengths are meant so.
bool splits(std::string_view body, Unit unit) {
  while (!body.empty()) {
    const auto packet = take_counted(body, unit);
    if (!packet || !(packet->empty() || packet->front() == 'b' || (packet->front() >= '0' && packet->front() <= '6')))
      return false;
  }
  return true;
}

}  // namespace

std::string_view content_type(Form form) {
  return form == Form::binary ? "application/octet-stream" : "text/plain; charset=UTF-8";
}

Result<std::optional<Packet>> PayloadDecoder::next() {
  if (count_ == 0 && more_ && rest_.empty()) return fail("an empty body");
  if (form_ == Form::counted) skip_empty();
  if (!more_ || (rest_.empty() && form_ != Form::separated)) return std::nullopt;
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

void PayloadDecoder::skip_empty() {
  while (as_text(rest_).starts_with("0:")) rest_ = rest_.subspan(2);
  if (rest_.empty()) more_ = false;
}

Result<Packet> PayloadDecoder::next_counted() {
  std::string_view text = as_text(rest_);
  if (count_ == 1) counts_bytes_ = is_ascii(text) || (!splits(text, Unit::utf16) && splits(text, Unit::byte));
  const auto packet = take_counted(text, counts_bytes_ ? Unit::byte : Unit::utf16);
  if (!packet) return std::unexpected(packet.error());
  rest_ = as_bytes(text);
  return decode_text(revision_, *packet, scratch_);
}

Result<Packet> PayloadDecoder::next_binary() {
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
    const size_t length = packet.binary ? 2 + (packet.data.size() + 2) / 3 * 4 : 1 + utf16_length(as_text(packet.data));
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
