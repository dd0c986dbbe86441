#pragma once

#include <cstdint>
#include <string>

namespace mqttio {

/// `n` letters of the URL-safe base64 alphabet from the system's secure generator: 6 random bits each, so 22 letters
/// hold more than 128 bits. Impure: pure rooms receive what it makes.
std::string random_token(size_t n);

}  // namespace mqttio
