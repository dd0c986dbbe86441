#pragma once

namespace mqttio {

/// Prints what invariant of ours is broken, and where, then aborts the process.
[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace mqttio

/// An invariant of our own: if it does not hold, going on could only do harm. Never for what a peer sent.
#define MQTTIO_CHECK(expression) \
  (static_cast<bool>(expression) ? void() : ::mqttio::check_failed(#expression, __FILE__, __LINE__))
