#include "base/base64.h"

#include <openssl/evp.h>

#include <array>

namespace mqttio {
namespace {

constexpr uint8_t kInvalid = 0xff;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kInvalid);
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < kLetters.size(); ++i) values[static_cast<uint8_t>(kLetters[i])] = static_cast<uint8_t>(i);
  values['-'] = values['+'];
  values['_'] = values['/'];
  return values;
}

constexpr auto kValues = make_values();

}  // namespace

void append_base64(Buffer& out, Bytes bytes) {
  const size_t length = (bytes.size() + 2) / 3 * 4;
  auto* to = reinterpret_cast<unsigned char*>(out.prepare(length + 1));  // EVP ends its text with a NUL
  EVP_EncodeBlock(to, reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.commit(length);
}

std::optional<size_t> append_from_base64(Buffer& out, std::string_view text) {
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  const size_t length = text.size() * 3 / 4;
  std::byte* to = out.prepare(length + 3);
  uint32_t bits = 0;
  size_t held = 0;
  size_t made = 0;
  for (const char c : text) {
    const uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kInvalid) return std::nullopt;
    bits = bits << 6 | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    to[made++] = static_cast<std::byte>(bits >> held);
  }
  out.commit(length);
  return length;
}

}  // namespace mqttio
