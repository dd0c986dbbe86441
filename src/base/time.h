#pragma once

#include <chrono>

namespace mqttio {

/// A moment on the monotonic clock. Pure rooms receive it as an argument and never ask for it.
using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::steady_clock::duration;

inline constexpr Time kNever = Time::max();

}  // namespace mqttio
