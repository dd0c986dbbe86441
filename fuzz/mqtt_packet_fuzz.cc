#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "mqtt/decoder.h"
#include "mqtt/encoder.h"
#include "mqtt/story.h"

namespace {

using namespace mqttio;
using namespace mqttio::mqtt;

/// Memory of just the size of what it holds, so that the sanitizer sees who reads beyond it.
std::vector<std::byte> exactly(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

/// A packet that was understood says the same when it is written and read again, and is then written the same.
void check_round_trip(const Packet& packet, Version version) {
  Buffer written;
  encode(written, packet, version);
  Decoder decoder({.max_packet_size = UINT32_MAX, .max_connect_size = UINT32_MAX, .strict_utf8 = false},
                  Decoder::Hears::both);
  decoder.set_version(version);
  const auto copy = exactly(written.view());
  Bytes in = copy;
  const auto again = decoder.next(in);
  MQTTIO_CHECK(again.has_value() && again->has_value() && in.empty());
  MQTTIO_CHECK(story::tell(**again) == story::tell(packet));
  Buffer twice;
  encode(twice, **again, version);
  MQTTIO_CHECK(twice.text() == written.text());
  if (const auto* publish = std::get_if<Publish>(&packet))
    MQTTIO_CHECK(encoded_size(*publish, version) == written.size());
}

/// What comes of `stream` when `step` more bytes of it arrive at a time.
std::string hear(Decoder decoder, Bytes stream, size_t step) {
  std::string heard;
  size_t arrived = 0;
  size_t taken = 0;
  while (arrived < stream.size()) {
    arrived = std::min(stream.size(), arrived + step);
    const auto waiting = exactly(stream.subspan(taken, arrived - taken));
    Bytes in = waiting;
    for (;;) {
      const size_t before = in.size();
      const auto packet = decoder.next(in);
      if (!packet) return heard + std::string(packet.error().what);
      if (!*packet) {
        MQTTIO_CHECK(in.size() == before);
        break;
      }
      MQTTIO_CHECK(in.size() < before);
      heard += story::tell(**packet) + "\n";
      check_round_trip(**packet, decoder.version());
    }
    taken += waiting.size() - in.size();
  }
  return heard;
}

}  // namespace

/// The first byte chooses who is heard, the version, and how strings are held; the rest is a stream. It must say the
/// same whatever pieces it comes in.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto hears = static_cast<Decoder::Hears>(data[0] % 3);
  Decoder decoder({.strict_utf8 = (data[0] & 0x80) != 0}, hears);
  decoder.set_version(static_cast<Version>(3 + (data[0] >> 2) % 3));
  const Bytes stream = std::as_bytes(std::span(data + 1, size - 1));

  const std::string whole = hear(decoder, stream, size);
  for (const size_t step : {1, 2, 7}) MQTTIO_CHECK(hear(decoder, stream, step) == whole);
  return 0;
}
