// The router against a list that is asked one by one, by seed.

#include "broker/router.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "mqtt/topic.h"

namespace mqttio::broker {
namespace {

using Filters = std::vector<std::string>;

/// Subscriptions, in the router and in a list.
class World {
 public:
  explicit World(uint32_t seed) : random_(seed) {}

  size_t pick(size_t n) { return random_() % n; }

  /// Few different levels, empty ones and some that begin with $ among them, so that filters and names meet.
  std::string level(bool first) {
    static constexpr std::string_view kLevels[] = {"a", "b", "ab", "", "$a", "c"};
    return std::string(kLevels[pick(first ? 6 : 5)]);
  }
  std::string name() {
    std::string name = level(true);
    for (size_t more = pick(4); more > 0; --more) name += "/" + level(false);
    return name.empty() ? "a" : name;
  }
  std::string filter() {
    std::string filter = pick(4) == 0 ? "+" : level(true);
    for (size_t more = pick(4); more > 0; --more) filter += "/" + (pick(3) == 0 ? "+" : level(false));
    if (pick(4) == 0) filter = pick(8) == 0 ? "#" : filter + "/#";
    return mqtt::is_topic_filter(filter) ? filter : "a";
  }

  void subscribe() {
    auto& made = list_.emplace_back(std::make_unique<Subscription>());
    made->filter = filter();
    router_.add(*made);
  }
  void unsubscribe() {
    if (list_.empty()) return;
    std::swap(list_[pick(list_.size())], list_.back());
    router_.remove(*list_.back());
    list_.pop_back();
  }
  void unsubscribe_all() {
    while (!list_.empty()) unsubscribe();
  }

  template <class Wanted>
  std::vector<Subscription*> expected(Wanted wanted) const {
    std::vector<Subscription*> found;
    for (const auto& one : list_)
      if (wanted(one->filter)) found.push_back(one.get());
    std::ranges::sort(found);
    return found;
  }
  std::vector<Subscription*> matching(std::string_view topic) {
    std::vector<Subscription*> found;
    router_.match(topic, found);
    std::ranges::sort(found);
    return found;
  }
  std::vector<Subscription*> in_group(std::string_view prefix) {
    std::vector<Subscription*> found;
    router_.match_group(prefix, found);
    std::ranges::sort(found);
    return found;
  }

  Router& router() { return router_; }

 private:
  std::mt19937 random_;
  Router router_;
  std::vector<std::unique_ptr<Subscription>> list_;
};

TEST(Router, FindsWhatMatchesAndNothingElse) {  // [MQTT-3.3.2-3]
  for (uint32_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    for (int step = 0; step < 300; ++step) {
      world.pick(3) == 0 ? world.unsubscribe() : world.subscribe();
      const std::string topic = world.name();
      const auto wanted = [&](std::string_view filter) { return mqtt::matches(filter, topic); };
      ASSERT_EQ(world.matching(topic), world.expected(wanted)) << "seed " << seed << " step " << step << " " << topic;
    }
  }
}

TEST(Router, FindsWhoSharesATopicWithAGroup) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    for (int step = 0; step < 300; ++step) {
      world.pick(3) == 0 ? world.unsubscribe() : world.subscribe();
      const std::string prefix = world.name();
      if (prefix.starts_with('$')) continue;  // no group send has such a prefix
      const auto wanted = [&](std::string_view filter) { return mqtt::overlaps_group(prefix, filter); };
      ASSERT_EQ(world.in_group(prefix), world.expected(wanted)) << "seed " << seed << " step " << step << " " << prefix;
    }
  }
}

TEST(Router, HasNoNodeLeftWhenEverybodyLeft) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    for (int round = 0; round < 3; ++round) {
      for (int step = 0; step < 200; ++step) world.subscribe();
      EXPECT_GT(world.router().node_count(), 0u);
      world.unsubscribe_all();
      ASSERT_EQ(world.router().node_count(), 0u) << "seed " << seed;
      EXPECT_TRUE(world.matching("a").empty());
    }
  }
}

TEST(Router, ReturnsToTheNodesItHadBeforeOneCameAndLeft) {
  Router router;
  Subscription stays{.filter = "a/b/+"};
  router.add(stays);
  const size_t before = router.node_count();
  for (const std::string_view filter : {"a/b/c/d/#", "a/b/+", "a/b/+/x", "#", "+/+", "a", "a/b", "/", "$a/b"}) {
    Subscription comes{.filter = std::string(filter)};
    router.add(comes);
    router.remove(comes);
    EXPECT_EQ(router.node_count(), before) << filter;
  }
  std::vector<Subscription*> found;
  router.match("a/b/x", found);
  EXPECT_EQ(found, std::vector<Subscription*>{&stays});
}

TEST(Router, HoldsTheSameFilterOfManyAndLosesTheRightOne) {
  Router router;
  std::vector<std::unique_ptr<Subscription>> all;
  for (int i = 0; i < 10; ++i) {
    all.push_back(std::make_unique<Subscription>());
    all.back()->filter = i % 2 == 0 ? "a/#" : "a";
    router.add(*all.back());
  }
  const size_t nodes = router.node_count();
  EXPECT_EQ(nodes, 1u) << "`#` is no node of its own";
  for (const size_t leaves : {4, 0, 0, 3}) {
    router.remove(*all[leaves]);
    all.erase(all.begin() + static_cast<ptrdiff_t>(leaves));
    std::vector<Subscription*> found;
    router.match("a", found);
    EXPECT_EQ(found.size(), all.size());
    for (const auto& one : all) EXPECT_NE(std::ranges::find(found, one.get()), found.end());
  }
}

TEST(Router, GoesAsDeepAsATopicCan) {
  Router router;
  Subscription deep;
  for (int i = 0; i < 20'000; ++i) deep.filter += "a/";
  Subscription all{.filter = "a/#"};
  router.add(deep);
  router.add(all);
  std::vector<Subscription*> found;
  router.match(deep.filter, found);
  EXPECT_EQ(found.size(), 2u);
  found.clear();
  router.match_group("a", found);
  EXPECT_EQ(found.size(), 2u);
  router.remove(deep);
  EXPECT_EQ(router.node_count(), 1u);
}

}  // namespace
}  // namespace mqttio::broker
