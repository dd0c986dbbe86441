#pragma once

#include <map>
#include <string>

#include "broker/message.h"

namespace mqttio::broker {

/// The last retained message of each topic.
class Retained {
 public:
  /// Replaces the topic's message; an empty payload removes it and is not kept. [MQTT-3.3.1-5..-7]
  void store(const MessagePtr& message);

  /// Calls `visit(const MessagePtr&)` for each that matches `filter` and has not expired. Looks only at topics that
  /// begin like the filter, up to its first wildcard. Forgets the expired ones that it meets.
  template <class Visit>
  void match(std::string_view filter, Time now, Visit visit);

  size_t size() const { return messages_.size(); }

 private:
  std::map<std::string, MessagePtr, std::less<>> messages_;
};

}  // namespace mqttio::broker

#include "mqtt/topic.h"

namespace mqttio::broker {

inline void Retained::store(const MessagePtr& message) {
  if (message->payload().empty()) {
    const auto found = messages_.find(message->topic());
    if (found != messages_.end()) messages_.erase(found);
    return;
  }
  messages_.insert_or_assign(std::string(message->topic()), message);
}

template <class Visit>
void Retained::match(std::string_view filter, Time now, Visit visit) {
  // Levels before the first wildcard are fixed; `a/#` also matches `a`, so the slash before it is not.
  std::string_view fixed = filter.substr(0, filter.find_first_of("+#"));
  if (fixed.size() < filter.size() && filter[fixed.size()] == '#' && fixed.ends_with('/')) fixed.remove_suffix(1);
  for (auto at = messages_.lower_bound(fixed); at != messages_.end() && at->first.starts_with(fixed);) {
    if (at->second->expired(now)) {
      at = messages_.erase(at);
      continue;
    }
    if (mqtt::matches(filter, at->first)) visit(at->second);
    ++at;
  }
}

}  // namespace mqttio::broker
