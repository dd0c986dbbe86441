#include "broker/retained.h"

#include "mqtt/topic.h"

namespace mqttio::broker {
namespace {

/// The topics that a filter can match, in the order of the map: one that is the parent of `a/#`, and those behind it
/// that begin with `fixed`.
struct Range {
  explicit Range(std::string_view filter) : fixed(filter.substr(0, filter.find_first_of("+#"))) {
    exact = fixed.size() == filter.size();
    const bool has_parent = !exact && fixed.ends_with('/') && filter[fixed.size()] == '#';
    first = has_parent ? fixed.substr(0, fixed.size() - 1) : fixed;
  }
  bool holds(std::string_view topic) const {
    return topic == first || (exact ? topic == fixed : topic.starts_with(fixed));
  }

  std::string_view fixed;
  std::string_view first;
  bool exact = false;
};

}  // namespace

void Retained::store(const MessagePtr& message, uint64_t order) {
  const auto found = messages_.find(message->topic());
  if (message->payload().empty()) {
    if (found != messages_.end()) messages_.erase(found);
  } else if (found != messages_.end()) {
    found->second = {message, order};
  } else {
    messages_.emplace(message->topic(), Entry{message, order});
  }
}

const Retained::Entry* Retained::next(RetainedWalk& walk, std::string_view filter, uint32_t& steps, Time now) {
  const Range range(filter);
  auto at = messages_.lower_bound(std::max<std::string_view>(walk.from, range.first));
  for (; at != messages_.end() && steps > 0; --steps) {
    const std::string_view topic = at->first;
    if (!range.holds(topic)) {
      if (topic > range.fixed) break;
      at = messages_.lower_bound(range.fixed);  // over those between `a` and `a/`
    } else if (at->second.message->expired(now)) {
      at = messages_.erase(at);
    } else if (mqtt::matches(filter, topic)) {
      walk.from = topic;
      --steps;
      return &at->second;
    } else {
      ++at;
    }
  }
  walk.done = at == messages_.end() || (steps > 0);
  if (!walk.done) walk.from = at->first;
  return nullptr;
}

}  // namespace mqttio::broker
