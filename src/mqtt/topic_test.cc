#include "mqtt/topic.h"

#include <gtest/gtest.h>

#include <vector>

namespace mqttio::mqtt {
namespace {

TEST(MqttTopic, Has_levels_between_its_slashes) {
  const struct {
    std::string_view topic;
    std::vector<std::string_view> levels;
  } cases[] = {
      {"", {""}}, {"a", {"a"}}, {"/", {"", ""}}, {"a/b", {"a", "b"}}, {"/a/", {"", "a", ""}}, {"//", {"", "", ""}},
  };
  for (const auto& c : cases) {
    std::vector<std::string_view> levels;
    LevelWalk walk(c.topic);
    for (std::string_view level; walk.next(level);) levels.push_back(level);
    EXPECT_EQ(levels, c.levels) << c.topic;
    EXPECT_EQ(count_levels(c.topic), c.levels.size()) << c.topic;
  }
}

TEST(MqttTopic, Name_has_a_character_and_no_wildcard) {  // [MQTT-4.7.3-1], [MQTT-3.3.2-2], [MQTT-4.7.0-1]
  for (const std::string_view name : {"a", "/", "a/b", "//", " ", "$SYS/x", "\xc3\xa9"})
    EXPECT_TRUE(is_topic_name(name)) << name;
  for (const std::string_view no_name : {"", "+", "#", "a/+", "a/#", "a+b", "a#"})
    EXPECT_FALSE(is_topic_name(no_name)) << no_name;
}

TEST(MqttTopic, Filter_has_its_wildcards_in_levels_of_their_own) {
  for (const std::string_view filter :
       {"a", "/", "#", "+", "+/#", "/#", "a/#", "a/+/b", "+/+", "/+", "+/", "a//#", "$SYS/#", " "})
    EXPECT_TRUE(is_topic_filter(filter)) << filter;
  for (const std::string_view no_filter : {"",                                                      // [MQTT-4.7.3-1]
                                           "a#", "a/#/b", "##", "#/", "#/a", "a/b#", "#a", "a/##",  // [MQTT-4.7.1-1]
                                           "a+", "+a", "a/b+", "++", "a/+b/c", "+#", "a/#+"})       // [MQTT-4.7.1-2]
    EXPECT_FALSE(is_topic_filter(no_filter)) << no_filter;
}

TEST(MqttTopic, Matches_by_the_rules_of_the_standard) {
  const struct {
    std::string_view filter;
    std::string_view topic;
    bool matches;
  } cases[] = {
      // The standard's own examples, section 4.7.1.
      {"sport/tennis/player1/#", "sport/tennis/player1", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
      {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
      {"sport/#", "sport", true},
      {"sport/tennis/+", "sport/tennis/player1", true},
      {"sport/tennis/+", "sport/tennis/player1/ranking", false},
      {"sport/+", "sport", false},
      {"sport/+", "sport/", true},
      {"+/+", "/finance", true},
      {"/+", "/finance", true},
      {"+", "/finance", false},
      // Names
      {"a", "a", true},
      {"a", "A", false},  // [MQTT-4.7.3-4]
      {"a", "a/", false},
      {"a/", "a", false},
      {"a//b", "a/b", false},  // [MQTT-4.7.3-4]
      {"/", "/", true},
      {"a/b", "a", false},
      {"a", "a/b", false},
      {"\xc3\xa9", "e\xcc\x81", false},  // [MQTT-4.7.3-4]
      {"a",
       "\xef\xbb\xbf"
       "a",
       false},  // [MQTT-1.5.4-3]
      {"\xef\xbb\xbf"
       "a",
       "\xef\xbb\xbf"
       "a",
       true},
      // Wildcards
      {"#", "a", true},
      {"#", "/", true},
      {"#", "a/b/c", true},
      {"+", "a", true},
      {"+", "a/b", false},
      {"+/", "a/", true},
      {"+/b", "/b", true},
      {"a/+/c", "a//c", true},
      {"a/+/c", "a/b/d", false},
      {"+/+/#", "a/b", true},
      {"+/+/#", "a", false},
      {"a/#", "ab", false},
      {"a/#", "b/a", false},
      {"/#", "/", true},
      {"/#", "a", false},
      // Topics that begin with $ [MQTT-4.7.2-1]
      {"#", "$SYS/x", false},
      {"+/x", "$SYS/x", false},
      {"+/#", "$a", false},
      {"+", "$a", false},
      {"$SYS/#", "$SYS/x", true},
      {"$SYS/#", "$SYS", true},
      {"$SYS/+", "$SYS/x", true},
      {"a/+", "a/$x", true},
      {"a/#", "a/$x", true},
  };
  for (const auto& c : cases) EXPECT_EQ(matches(c.filter, c.topic), c.matches) << c.filter << " and " << c.topic;
}

TEST(MqttTopic, Shared_filter_is_taken_apart_or_is_none) {  // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
  const struct {
    std::string_view filter;
    std::string_view group;
    std::string_view inner;
  } fine[] = {
      {"$share/g/a", "g", "a"},
      {"$share/g/#", "g", "#"},
      {"$share/g//", "g", "/"},
      {"$share/g/a/+", "g", "a/+"},
      {"$share/$g/$SYS/x", "$g", "$SYS/x"},
  };
  for (const auto& c : fine) {
    ASSERT_TRUE(is_shared(c.filter)) << c.filter;
    const auto parts = parse_shared(c.filter);
    ASSERT_TRUE(parts) << c.filter;
    EXPECT_EQ(parts->group, c.group) << c.filter;
    EXPECT_EQ(parts->filter, c.inner) << c.filter;
  }
  for (const std::string_view bad : {"$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/#/a",
                                     "$share/g+/a", "$share/g/a#", "$share/g/#/a"}) {
    ASSERT_TRUE(is_shared(bad)) << bad;
    EXPECT_FALSE(parse_shared(bad)) << bad;
  }
  for (const std::string_view other : {"$share", "share/g/a", "$SHARE/g/a", "/$share/g/a", "$shared/g/a"})
    EXPECT_FALSE(is_shared(other)) << other;
}

TEST(MqttTopic, Group_send_has_one_hash_behind_a_literal_prefix) {
  const struct {
    std::string_view topic;
    std::optional<std::string_view> prefix;
  } cases[] = {
      {"groups/group1/#", "groups/group1"},
      {"a/#", "a"},
      {"$group/a", "a"},
      {"$group/a/b", "a/b"},
      {"/#", std::nullopt},
      {"//#", "/"},
      {"#", std::nullopt},
      {"a", std::nullopt},
      {"a#", std::nullopt},
      {"+/#", std::nullopt},
      {"a/+/#", std::nullopt},
      {"a/#/#", std::nullopt},
      {"$SYS/#", std::nullopt},
      {"$share/g/#", std::nullopt},
      {"$group/", std::nullopt},
      {"$group/a/#", std::nullopt},
      {"$group/+", std::nullopt},
      {"$group/$SYS", std::nullopt},
      {"$group", std::nullopt},
  };
  for (const auto& c : cases) EXPECT_EQ(group_prefix(c.topic), c.prefix) << c.topic;
}

TEST(MqttTopic, Group_reaches_whoever_could_hear_a_topic_at_or_below_its_prefix) {
  const struct {
    std::string_view prefix;
    std::string_view filter;
    std::optional<std::string_view> topic;  ///< At which it is heard.
  } cases[] = {
      {"g", "g", "g"},
      {"g", "g/a", "g/a"},
      {"g", "g/a/b", "g/a/b"},
      {"g", "g/#", "g"},
      {"g", "#", "g"},
      {"g", "+", "g"},
      {"g", "+/#", "g"},
      {"g", "g/+", "g/"},
      {"g", "+/a", "g/a"},
      {"g", "g/+/b", "g//b"},
      {"g", "g/a/#", "g/a"},
      {"g", "h", std::nullopt},
      {"g", "gg", std::nullopt},
      {"g", "h/#", std::nullopt},
      {"g", "/g", std::nullopt},
      {"g/h", "g", std::nullopt},
      {"g/h", "+", std::nullopt},
      {"g/h", "g/#", "g/h"},
      {"g/h", "g/+", "g/h"},
      {"g/h", "+/h/i", "g/h/i"},
      {"g/h", "g/h/+/+", "g/h//"},
      {"g/h", "g/x/#", std::nullopt},
      {"/", "//a", "//a"},
      {"/", "+/+", "/"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(overlaps_group(c.prefix, c.filter), c.topic.has_value()) << c.prefix << " and " << c.filter;
    if (!c.topic) continue;
    std::string topic = "at ";
    append_group_topic(topic, c.prefix, c.filter);
    EXPECT_EQ(topic.substr(0, 3), "at ");
    EXPECT_EQ(topic.substr(3), *c.topic) << c.prefix << " and " << c.filter;
    EXPECT_TRUE(matches(c.filter, *c.topic)) << c.filter;
    EXPECT_TRUE(matches(std::string(c.prefix) + "/#", *c.topic)) << c.prefix;
  }
}

}  // namespace
}  // namespace mqttio::mqtt
