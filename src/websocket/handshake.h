#pragma once

#include <string>

#include "base/bytes.h"

namespace mqttio::websocket {

/// Whether a Sec-WebSocket-Key is one: base64 of 16 bytes. RFC 6455, section 4.1.
bool is_key(std::string_view key);

/// The Sec-WebSocket-Accept that answers it. RFC 6455, section 4.2.2.
std::string accept_key(std::string_view key);

}  // namespace mqttio::websocket
