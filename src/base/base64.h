#pragma once

#include <optional>
#include <string_view>

#include "base/buffer.h"

namespace mqttio {

/// Appends the padded standard base64 of `bytes`: 4 characters for each 3 bytes begun.
void append_base64(Buffer& out, Bytes bytes);

/// Appends the bytes that `text` stands for and says how many; nullopt (and nothing appended) if it is no base64.
/// Missing padding and the URL-safe letters are accepted: clients send them.
std::optional<size_t> append_from_base64(Buffer& out, std::string_view text);

}  // namespace mqttio
