#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "websocket/decoder.h"

namespace {

using namespace mqttio;
using namespace mqttio::websocket;

constexpr uint64_t kMaxMessage = 1000;

/// What comes of `stream` when `step` more bytes of it arrive at a time: whole messages, control frames, the fault.
std::vector<std::string> hear(std::span<const std::byte> stream, size_t step) {
  Decoder decoder;
  Assembler assembler(kMaxMessage);
  std::vector<std::string> heard;
  while (!stream.empty()) {
    const auto piece = stream.first(std::min(step, stream.size()));
    stream = stream.subspan(piece.size());
    std::vector<std::byte> arrived(piece.begin(), piece.end());  // it is unmasked in place
    std::span<std::byte> in = arrived;
    for (;;) {
      const auto event = decoder.next(in);
      if (!event) return heard.emplace_back(event.error().what), heard;
      if (!*event) break;
      if ((*event)->kind != Event::Kind::data) {
        MQTTIO_CHECK((*event)->payload.size() <= 125);
        if ((*event)->kind == Event::Kind::close) (void)parse_close((*event)->payload);
        heard.push_back(std::to_string(static_cast<int>((*event)->kind)) + std::string(as_text((*event)->payload)));
        continue;
      }
      const auto message = assembler.add(**event);
      if (!message) return heard.emplace_back(message.error().what), heard;
      if (!*message) continue;
      MQTTIO_CHECK((*message)->bytes.size() <= kMaxMessage);
      MQTTIO_CHECK(!(*message)->text || is_utf8(as_text((*message)->bytes)));
      heard.push_back(((*message)->text ? "text " : "binary ") + std::string(as_text((*message)->bytes)));
    }
    MQTTIO_CHECK(in.empty());
  }
  return heard;
}

}  // namespace

/// A client's stream, which may be anything. It must mean the same whatever pieces it comes in.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto stream = std::as_bytes(std::span(data, size));
  const auto whole = hear(stream, std::max<size_t>(size, 1));
  for (const size_t step : {1, 2, 5, 64}) MQTTIO_CHECK(hear(stream, step) == whole);
  return 0;
}
