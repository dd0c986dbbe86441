#pragma once

#include "base/options.h"

namespace mqttio::transport {

using namespace std::chrono_literals;

/// What holds for every listener.
struct Options {
  std::chrono::milliseconds first_byte_timeout = 10s;
  std::chrono::milliseconds http_idle_timeout = 75s;
  std::chrono::milliseconds http_request_timeout = 5min;
  std::chrono::milliseconds close_timeout = 5s;
  std::chrono::milliseconds namespace_timeout = 45s;
  uint32_t max_connections = 100'000;
};

/// In milliseconds: no wait of this room needs longer, and clocks can count it.
inline constexpr uint64_t kDay = 86'400'000;

inline constexpr Field<Options> kOptions[] = {
    {"listener.first_byte_timeout", &Options::first_byte_timeout,
     "How long a new connection may stay silent; protects the table of connections.", 10, kDay},
    {"listener.max_connections", &Options::max_connections, "Connections at once; protects memory and descriptors.", 1},
    {"listener.close_timeout", &Options::close_timeout, "How long a peer may take to fetch our last bytes.", 10, kDay},
    {"http.idle_timeout", &Options::http_idle_timeout, "How long an HTTP connection may wait for its next request.", 10,
     kDay},
    {"http.request_timeout", &Options::http_request_timeout,
     "How long one HTTP request may take to arrive whole; protects the table of connections.", 100, kDay},
    {"socketio.connect_timeout", &Options::namespace_timeout,
     "How long an Engine.IO session may take to join a namespace.", 10, kDay},
};

}  // namespace mqttio::transport
