#include <algorithm>
#include <string>
#include <vector>

#include "base/check.h"
#include "http/request_parser.h"

namespace {

using namespace mqttio;
using namespace mqttio::http;

constexpr RequestParser::Options kLimits{.max_header = 16 * 1024, .max_body = 1000};

std::string tell(const Request& request) {
  std::string text = request.method + " " + request.path + "?" + request.query + " " +
                     std::to_string(request.minor_version) + (request.keep_alive ? " keep" : " close");
  for (const Header& header : request.headers) text += " [" + header.name + ": " + header.value + "]";
  return text + " " + request.body;
}

/// What holds of every request that is not refused: it can be read in one way only.
void check_request(const Request& request) {
  size_t hosts = 0;
  size_t lengths = 0;
  size_t codings = 0;
  for (const Header& header : request.headers) {
    MQTTIO_CHECK(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    hosts += has_token(header.name, "host");
    lengths += has_token(header.name, "content-length");
    codings += has_token(header.name, "transfer-encoding");
  }
  MQTTIO_CHECK(hosts == 1 || (hosts == 0 && request.minor_version == 0));
  MQTTIO_CHECK(lengths + codings <= 1);
  MQTTIO_CHECK(request.body.empty() || lengths + codings == 1);
  MQTTIO_CHECK(request.body.size() <= kLimits.max_body);
  (void)request.parameter("sid");
}

/// The requests in `stream` when `step` more bytes of it arrive at a time. A fault may be met sooner or later, but no
/// request comes of one.
std::vector<std::string> hear(Bytes stream, size_t step) {
  RequestParser parser(kLimits);
  std::vector<std::string> heard;
  size_t arrived = 0;
  size_t taken = 0;
  while (arrived < stream.size()) {
    arrived = std::min(stream.size(), arrived + step);
    const Bytes waiting = stream.subspan(taken, arrived - taken);
    const std::vector<std::byte> copy(waiting.begin(), waiting.end());
    Bytes in = copy;
    for (;;) {
      const auto request = parser.next(in);
      if (!request) return heard;
      (void)parser.take_expectation();
      if (!*request) break;
      check_request(**request);
      heard.push_back(tell(**request));
    }
    taken += copy.size() - in.size();
  }
  return heard;
}

}  // namespace

/// A client's stream, which may be anything. It must mean the same whatever pieces it comes in.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes stream = std::as_bytes(std::span(data, size));
  const auto whole = hear(stream, std::max<size_t>(size, 1));
  for (const size_t step : {1, 2, 3, 17}) MQTTIO_CHECK(hear(stream, step) == whole);
  return 0;
}
