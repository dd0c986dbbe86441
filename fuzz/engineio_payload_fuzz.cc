#include <string>
#include <vector>

#include "base/check.h"
#include "engineio/payload.h"

namespace {

using namespace mqttio;
using namespace mqttio::engineio;

struct Heard {
  PacketType type;
  bool binary;
  std::string data;
  friend bool operator==(const Heard&, const Heard&) = default;
};

/// The packets of `body`; `whole` tells whether it was a body to its end.
std::vector<Heard> decode_all(Revision revision, Form form, Bytes body, bool& whole) {
  PayloadDecoder decoder(revision, form, body);
  std::vector<Heard> heard;
  for (;;) {
    const auto packet = decoder.next();
    whole = packet.has_value();
    if (!packet || !*packet) return heard;
    MQTTIO_CHECK((*packet)->data.size() <= body.size());
    heard.push_back({(*packet)->type, (*packet)->binary, std::string(as_text((*packet)->data))});
    MQTTIO_CHECK(heard.size() <= PayloadDecoder::kMaxPackets);
  }
}

}  // namespace

/// The first byte chooses the form, the rest is a body. It may be anything; what it means must survive being written
/// and read again.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Form form = static_cast<Form>(data[0] % 3);
  const Revision revision = form == Form::separated ? Revision::v4 : Revision::v3;
  const Bytes body = std::as_bytes(std::span(data + 1, size - 1));

  bool whole = false;
  const auto heard = decode_all(revision, form, body, whole);
  if (heard.empty()) return 0;

  Buffer out;
  PayloadWriter writer(revision, form, out);
  for (const Heard& packet : heard) writer.add({packet.type, packet.binary, as_bytes(packet.data)});
  const auto again = decode_all(revision, form, out.view(), whole);
  MQTTIO_CHECK(whole);
  MQTTIO_CHECK(again == heard);
  return 0;
}
