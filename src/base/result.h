#pragma once

#include <expected>

namespace mqttio {

/// A value, or the reason why there is none. Each wire room names its own small error `E`.
template <class T, class E>
using Result = std::expected<T, E>;

}  // namespace mqttio
