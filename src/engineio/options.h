#pragma once

#include "base/options.h"

namespace mqttio::engineio {

using namespace std::chrono_literals;

/// Engine.IO's names and defaults.
struct Options {
  std::chrono::milliseconds ping_interval = 25s;
  std::chrono::milliseconds ping_timeout = 20s;
  std::chrono::milliseconds upgrade_timeout = 10s;
  Size max_payload{1'000'000};
};

/// In milliseconds: no wait of this room needs longer, and clocks can count it.
inline constexpr uint64_t kDay = 86'400'000;

inline constexpr Field<Options> kOptions[] = {
    {"socketio.ping_interval", &Options::ping_interval, "How often an Engine.IO session is pinged; keep it below 30s.",
     10, kDay},
    {"socketio.ping_timeout", &Options::ping_timeout, "How long the answer to a ping may take.", 10, kDay},
    {"socketio.upgrade_timeout", &Options::upgrade_timeout, "How long an upgrade to WebSocket may take.", 10, kDay},
    {"socketio.max_payload", &Options::max_payload,
     "Largest POST body or WebSocket message from a Socket.IO client; protects memory.", 1024, 64ull * 1024 * 1024},
};

}  // namespace mqttio::engineio
