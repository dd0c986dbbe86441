#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"

namespace mqttio {

/// SHA-1, for the WebSocket handshake only: it proves nothing.
std::array<std::byte, 20> sha1(Bytes bytes);

}  // namespace mqttio
