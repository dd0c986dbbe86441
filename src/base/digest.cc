#include "base/digest.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace mqttio {

std::array<std::byte, 20> sha1(Bytes bytes) {
  std::array<std::byte, 20> digest;
  MQTTIO_CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                          EVP_sha1(), nullptr) == 1);
  return digest;
}

}  // namespace mqttio
