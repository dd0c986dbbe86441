#pragma once

#include "socketio/packet.h"

namespace mqttio::socketio {

/// What matters of an event's JSON array.
struct EventArguments {
  enum class First : uint8_t { placeholder, bytes, other };
  bool is_message = false;  ///< The event's name is `message`.
  First first = First::other;
  uint64_t placeholder = 0;  ///< Its number.
};

/// Reads `["name", ...]`. A first argument `{"type":"Buffer","data":[...]}` is appended to `bytes`. Bounded depth.
Result<EventArguments> parse_event(std::string_view json, Buffer& bytes);

/// Whether `json` is an object: what a CONNECT may carry.
bool is_object(std::string_view json);

}  // namespace mqttio::socketio
