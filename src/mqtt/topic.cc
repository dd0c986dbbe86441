#include "mqtt/topic.h"

#include <algorithm>

namespace mqttio::mqtt {
namespace {

constexpr std::string_view kShare = "$share/";
constexpr std::string_view kGroup = "$group/";

}  // namespace

size_t count_levels(std::string_view topic) { return 1 + static_cast<size_t>(std::ranges::count(topic, '/')); }

bool has_wildcard(std::string_view topic) { return topic.find_first_of("+#") != topic.npos; }

bool is_topic_name(std::string_view topic) { return !topic.empty() && !has_wildcard(topic); }

bool is_topic_filter(std::string_view filter) {
  if (filter.empty()) return false;
  LevelWalk levels(filter);
  bool ended = false;
  for (std::string_view level; levels.next(level);) {
    if (ended || (level.size() > 1 && has_wildcard(level))) return false;
    ended = level == "#";
  }
  return true;
}

bool matches(std::string_view filter, std::string_view topic) {
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;
  LevelWalk filter_levels(filter);
  LevelWalk topic_levels(topic);
  std::string_view wanted;
  std::string_view level;
  while (filter_levels.next(wanted)) {
    if (wanted == "#") return true;
    if (!topic_levels.next(level) || (wanted != "+" && wanted != level)) return false;
    // `sport/#` matches `sport`, too: the filter may be one `#` longer.
  }
  return !topic_levels.next(level);
}

bool is_shared(std::string_view filter) { return filter.starts_with(kShare); }

std::optional<SharedFilter> parse_shared(std::string_view filter) {
  filter.remove_prefix(kShare.size());
  const size_t slash = filter.find('/');
  if (slash == filter.npos) return std::nullopt;
  const SharedFilter parts{filter.substr(0, slash), filter.substr(slash + 1)};
  if (parts.group.empty() || has_wildcard(parts.group) || !is_topic_filter(parts.filter)) return std::nullopt;
  return parts;
}

std::optional<std::string_view> group_prefix(std::string_view topic) {
  const bool alias = topic.starts_with(kGroup);
  if (!alias && !topic.ends_with("/#")) return std::nullopt;
  const std::string_view prefix = alias ? topic.substr(kGroup.size()) : topic.substr(0, topic.size() - 2);
  if (!is_topic_name(prefix) || prefix.starts_with('$')) return std::nullopt;
  return prefix;
}

bool overlaps_group(std::string_view prefix, std::string_view filter) {
  LevelWalk filter_levels(filter);
  LevelWalk prefix_levels(prefix);
  std::string_view wanted;
  for (std::string_view level; prefix_levels.next(level);) {
    if (!filter_levels.next(wanted)) return false;
    if (wanted == "#") return true;
    if (wanted != "+" && wanted != level) return false;
  }
  return true;
}

void append_group_topic(std::string& out, std::string_view prefix, std::string_view filter) {
  out += prefix;
  LevelWalk filter_levels(filter);
  LevelWalk prefix_levels(prefix);
  std::string_view wanted;
  for (std::string_view level; prefix_levels.next(level);)
    if (!filter_levels.next(wanted) || wanted == "#") return;
  while (filter_levels.next(wanted) && wanted != "#") {
    out += '/';
    if (wanted != "+") out += wanted;  // an empty level is the shortest that `+` matches
  }
}

}  // namespace mqttio::mqtt
