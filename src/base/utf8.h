#pragma once

#include <string_view>

namespace mqttio {

/// Whether `text` is well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. U+0000 is well
/// formed.
bool is_utf8(std::string_view text);

/// Well-formed UTF-8 without the code points that MQTT forbids or lets a server refuse: U+0000, the control characters
/// U+0001-U+001F and U+007F-U+009F, and the noncharacters. [MQTT-1.5.4-2], decisions of `mqtt.strict_utf8`.
bool is_strict_utf8(std::string_view text);

/// How many UTF-16 code units `text` (well-formed UTF-8) has in JavaScript; Engine.IO 3 counts lengths in them.
size_t utf16_length(std::string_view text);

}  // namespace mqttio
