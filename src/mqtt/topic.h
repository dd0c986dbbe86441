#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mqttio::mqtt {

/// Levels of a topic name or filter: `/` separates them, so "" has one and "/" has two empty ones.
size_t count_levels(std::string_view topic);

/// Takes the first level off the front; false when there is none left. Start from `LevelWalk(topic)`.
class LevelWalk {
 public:
  explicit LevelWalk(std::string_view topic) : rest_(topic) {}
  bool next(std::string_view& level) {
    if (done_) return false;
    const size_t slash = rest_.find('/');
    level = rest_.substr(0, slash);
    done_ = slash == std::string_view::npos;
    if (!done_) rest_.remove_prefix(slash + 1);
    return true;
  }

 private:
  std::string_view rest_;
  bool done_ = false;
};

/// At least one character and no wildcard. Bytes and length were checked by the decoder. [MQTT-4.7.3-1, 3.3.2-2]
bool is_topic_name(std::string_view topic);

/// `#` alone in the last level, `+` alone in its level, at least one character. [MQTT-4.7.1-1, -2, 4.7.3-1]
bool is_topic_filter(std::string_view filter);

bool has_wildcard(std::string_view topic);

/// Whether `topic` (a name) matches `filter`. A leading wildcard never matches a `$` topic. [MQTT-4.7.2-1]
/// The rule itself, level by level, without recursion; the router must always agree with it.
bool matches(std::string_view filter, std::string_view topic);

/// `$share/NAME/FILTER` taken apart.
struct SharedFilter {
  std::string_view group;
  std::string_view filter;
};
/// nullopt: begins with `$share/` but is not well formed (empty or wild group, no valid filter). [MQTT-4.8.2-1, -2]
/// Only for filters for which `is_shared` holds.
std::optional<SharedFilter> parse_shared(std::string_view filter);
bool is_shared(std::string_view filter);

/// A group send is addressed to `<prefix>/#` or to its alias `$group/<prefix>`: one literal level or more, no other
/// wildcard, no `$` in front. Gives the prefix; nullopt: this is no group send.
std::optional<std::string_view> group_prefix(std::string_view topic);

/// Appends to `out` the shortest topic name that matches both `<prefix>/#` and `filter`; the caller has checked that
/// the two overlap (`overlaps_group`). For `#` and `+` beyond the prefix: nothing, and an empty level.
void append_group_topic(std::string& out, std::string_view prefix, std::string_view filter);

/// Whether some topic name matches both `<prefix>/#` and `filter`.
bool overlaps_group(std::string_view prefix, std::string_view filter);

}  // namespace mqttio::mqtt
