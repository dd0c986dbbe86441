#include <span>
#include <string>

#include "base/check.h"
#include "mqtt/topic.h"

namespace {

using namespace mqttio::mqtt;

/// The rule of section 4.7.1 as one would say it aloud, level by level and by recursion.
bool levels_match(std::string_view filter, std::string_view topic) {
  if (filter == "#") return true;
  const size_t wanted_end = filter.find('/');
  const size_t level_end = topic.find('/');
  const std::string_view wanted = filter.substr(0, wanted_end);
  if (wanted != "+" && wanted != topic.substr(0, level_end)) return false;
  if (wanted_end == filter.npos) return level_end == topic.npos;
  if (level_end == topic.npos) return filter.substr(wanted_end + 1) == "#";
  return levels_match(filter.substr(wanted_end + 1), topic.substr(level_end + 1));
}

bool naive_matches(std::string_view filter, std::string_view topic) {
  const bool wild = filter.starts_with('+') || filter.starts_with('#');
  return !(wild && topic.starts_with('$')) && levels_match(filter, topic);
}

bool naive_is_filter(std::string_view filter) {
  for (size_t i = 0; i < filter.size(); ++i) {
    const bool begins = i == 0 || filter[i - 1] == '/';
    const bool ends = i + 1 == filter.size() || filter[i + 1] == '/';
    if (filter[i] == '+' && !(begins && ends)) return false;
    if (filter[i] == '#' && !(begins && i + 1 == filter.size())) return false;
  }
  return !filter.empty();
}

void check_group(std::string_view topic, std::string_view filter) {
  const auto prefix = group_prefix(topic);
  if (!prefix) return;
  MQTTIO_CHECK(is_topic_name(*prefix) && !prefix->starts_with('$'));
  const bool overlaps = overlaps_group(*prefix, filter);
  MQTTIO_CHECK(overlaps || !matches(filter, *prefix));
  if (!overlaps) return;
  std::string at;
  append_group_topic(at, *prefix, filter);
  MQTTIO_CHECK(is_topic_name(at));
  MQTTIO_CHECK(matches(filter, at));
  MQTTIO_CHECK(matches(std::string(*prefix) + "/#", at));
}

}  // namespace

/// A filter, a line feed, a topic.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t feed = std::min(input.find('\n'), input.size());
  const std::string filter(input.substr(0, feed));
  const std::string topic(input.substr(std::min(feed + 1, size)));

  MQTTIO_CHECK(is_topic_filter(filter) == naive_is_filter(filter));
  MQTTIO_CHECK(!is_topic_name(filter) || is_topic_filter(filter));
  if (is_shared(filter)) {
    const auto parts = parse_shared(filter);
    MQTTIO_CHECK(!parts || "$share/" + std::string(parts->group) + "/" + std::string(parts->filter) == filter);
    MQTTIO_CHECK(!parts || (is_topic_filter(parts->filter) && count_levels(parts->group) == 1));
  }
  if (!is_topic_filter(filter)) return 0;
  if (is_topic_name(topic)) MQTTIO_CHECK(matches(filter, topic) == naive_matches(filter, topic));
  if (is_topic_name(filter)) MQTTIO_CHECK(matches(filter, topic) == (filter == topic));
  check_group(topic, filter);
  check_group(topic + "/#", filter);
  return 0;
}
