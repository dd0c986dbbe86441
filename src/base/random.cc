#include "base/random.h"

#include <openssl/rand.h>

#include "base/check.h"

namespace mqttio {

std::string random_token(size_t n) {
  constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string token(n, '\0');
  MQTTIO_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(token.data()), static_cast<int>(n)) == 1);
  for (char& letter : token) letter = kLetters[static_cast<uint8_t>(letter) & 0x3f];
  return token;
}

}  // namespace mqttio
