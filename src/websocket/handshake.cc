#include "websocket/handshake.h"

#include "base/base64.h"
#include "base/digest.h"

namespace mqttio::websocket {

bool is_key(std::string_view key) {
  Buffer bytes;
  return key.size() == 24 && append_from_base64(bytes, key) == 16u;
}

std::string accept_key(std::string_view key) {
  const std::string joined = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  Buffer text;
  append_base64(text, sha1(as_bytes(joined)));
  return std::string(text.text());
}

}  // namespace mqttio::websocket
