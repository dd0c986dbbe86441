#include <algorithm>
#include <string>

#include "base/check.h"
#include "socketio/decoder.h"

namespace {

using namespace mqttio;
using namespace mqttio::socketio;

/// A packet that was understood, written and read again, is the same but for its query and its spelling.
void check_round_trip(std::string_view text) {
  const auto packet = decode(text);
  if (!packet || packet->json.starts_with('/')) return;  // that is no JSON: it would become a namespace
  const std::string written = encode(*packet);
  const auto again = decode(written);
  MQTTIO_CHECK(again.has_value());
  MQTTIO_CHECK(again->type == packet->type && again->attachments == packet->attachments);
  MQTTIO_CHECK(again->nsp == packet->nsp && again->ack_id == packet->ack_id && again->json == packet->json);
  MQTTIO_CHECK(encode(*again) == written);
}

}  // namespace

/// Messages, each behind a byte: its highest bit tells binary from text, the others are its length.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes rest = std::as_bytes(std::span(data, size));
  Decoder decoder;
  while (!rest.empty()) {
    const uint8_t head = to_u8(take(rest, 1)[0]);
    const Bytes message = take(rest, std::min<size_t>(head & 0x7f, rest.size()));
    if ((head & 0x80) == 0) check_round_trip(as_text(message));
    const auto incoming = (head & 0x80) != 0 ? decoder.binary(message) : decoder.text(as_text(message));
    if (!incoming) return 0;
    if (*incoming) MQTTIO_CHECK((*incoming)->bytes.empty() || (*incoming)->kind == Incoming::Kind::bytes);
    if (*incoming) MQTTIO_CHECK((*incoming)->nsp.starts_with('/') && (*incoming)->nsp.size() <= 256);
  }
  return 0;
}
