#include "broker/retained.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "mqtt/topic.h"

namespace mqttio::broker {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

const Time kStart{1h};

MessagePtr message(std::string_view topic, std::string_view payload, uint8_t qos = 0,
                   std::optional<uint32_t> expiry = std::nullopt) {
  mqtt::Publish publish{.topic = topic, .payload = as_bytes(payload), .qos = qos, .retain = true};
  publish.properties.message_expiry_interval = expiry;
  return Message::copy(publish, kStart);
}

Lines found(Retained& retained, std::string_view filter, Time now = kStart) {
  Lines lines;
  RetainedWalk walk;
  for (uint32_t steps = 1000; const Retained::Entry* entry = retained.next(walk, filter, steps, now);) {
    lines.push_back(std::string(entry->message->topic()) + "=" + std::string(as_text(entry->message->payload())));
    Retained::pass(walk);
  }
  EXPECT_TRUE(walk.done);
  std::ranges::sort(lines);
  return lines;
}

TEST(RetainedMessages, AreReplacedByNewerOnesOfAnyQos) {  // [MQTT-3.3.1-5]
  Retained retained;
  retained.store(message("a", "1", 1), 0);
  retained.store(message("a", "2", 0), 0);
  EXPECT_EQ(found(retained, "a"), Lines{"a=2"});
  EXPECT_EQ(retained.size(), 1u);
}

TEST(RetainedMessages, AreDeletedByAnEmptyOneThatIsNotKept) {  // [MQTT-3.3.1-6], [MQTT-3.3.1-7]
  Retained retained;
  retained.store(message("a", "1"), 0);
  retained.store(message("b", ""), 0);
  EXPECT_EQ(retained.size(), 1u);
  retained.store(message("a", ""), 0);
  EXPECT_EQ(retained.size(), 0u);
  EXPECT_EQ(found(retained, "#"), Lines{});
}

TEST(RetainedMessages, AreFoundByEveryKindOfFilter) {  // [MQTT-3.3.1-9]
  Retained retained;
  for (const std::string_view topic : {"a", "a/", "a/b", "a/b/c", "a!", "ab", "b/b", "/", "$SYS/a", "a/$x"})
    retained.store(message(topic, "x"), 0);
  const std::pair<std::string_view, Lines> cases[] = {
      {"a", {"a=x"}},
      {"a/b", {"a/b=x"}},
      {"a/#", {"a/$x=x", "a/=x", "a/b/c=x", "a/b=x", "a=x"}},  // its parent level, too
      {"a/b/#", {"a/b/c=x", "a/b=x"}},
      {"a/+", {"a/$x=x", "a/=x", "a/b=x"}},
      {"+/b", {"a/b=x", "b/b=x"}},
      {"+", {"a!=x", "a=x", "ab=x"}},
      {"/#", {"/=x"}},
      {"+/+", {"/=x", "a/$x=x", "a/=x", "a/b=x", "b/b=x"}},
      {"$SYS/#", {"$SYS/a=x"}},
      {"$SYS/a", {"$SYS/a=x"}},
      {"c/#", {}},
      {"A", {}},
  };
  for (const auto& [filter, lines] : cases) EXPECT_EQ(found(retained, filter), lines) << filter;
  EXPECT_EQ(found(retained, "#").size(), 9u) << "but not $SYS [MQTT-4.7.2-1]";
}

TEST(RetainedMessages, AreFoundInAsManyStepsAsOneLikes) {
  Retained retained;
  for (const std::string_view topic : {"a", "a!", "a/b", "a/c", "a/c/d", "b"}) retained.store(message(topic, "x"), 0);
  for (uint32_t at_once = 1; at_once < 8; ++at_once) {
    RetainedWalk walk;
    Lines topics;
    while (!walk.done) {
      uint32_t steps = at_once;
      if (const Retained::Entry* entry = retained.next(walk, "a/#", steps, kStart)) {
        topics.emplace_back(entry->message->topic());
        Retained::pass(walk);
      }
    }
    EXPECT_EQ(topics, (Lines{"a", "a/b", "a/c", "a/c/d"})) << at_once;
  }
}

TEST(RetainedMessages, AreForgottenWhenTheyExpire) {  // [MQTT-3.3.2-5]
  Retained retained;
  retained.store(message("a", "short", 0, 10), 0);
  retained.store(message("b", "long", 0, 20), 0);
  retained.store(message("c", "ever"), 0);
  EXPECT_EQ(found(retained, "#", kStart + 10s - 1ns).size(), 3u);
  EXPECT_EQ(found(retained, "#", kStart + 10s), (Lines{"b=long", "c=ever"}));
  EXPECT_EQ(retained.size(), 2u);
  EXPECT_EQ(found(retained, "b", kStart + 20s), Lines{});
  EXPECT_EQ(retained.size(), 1u);
}

// Against a list that is asked one by one, by seed.
TEST(RetainedMessages, AreThoseThatMatchAndNoOthers) {
  static constexpr std::string_view kLevels[] = {"a", "b", "ab", "", "$a", "a!"};
  for (uint32_t seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    const auto text = [&](bool wild) {
      std::string levels;
      for (size_t more = random() % 4 + 1; more > 0; --more)
        levels += (levels.empty() ? "" : "/") + (wild && random() % 3 == 0 ? "+" : std::string(kLevels[random() % 6]));
      if (wild && random() % 3 == 0) levels += "/#";
      return levels.empty() ? std::string("a") : levels;
    };
    Retained retained;
    std::map<std::string, std::string> model;
    for (int step = 0; step < 200; ++step) {
      const std::string topic = text(false);
      const std::string payload = random() % 4 == 0 ? "" : std::to_string(step);
      retained.store(message(topic, payload), 0);
      payload.empty() ? void(model.erase(topic)) : void(model[topic] = payload);
      ASSERT_EQ(retained.size(), model.size());

      const std::string filter = text(true);
      Lines expected;
      for (const auto& [name, value] : model)
        if (mqtt::matches(filter, name)) expected.push_back(name + "=" + value);
      std::ranges::sort(expected);
      ASSERT_EQ(found(retained, filter), expected) << "seed " << seed << " step " << step << " " << filter;
    }
  }
}

}  // namespace
}  // namespace mqttio::broker
