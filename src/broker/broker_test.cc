#include "broker/broker.h"

#include "broker/session_image.h"
#include "broker/story.h"

namespace mqttio::broker::story {
namespace {

using namespace std::chrono_literals;
using mqtt::Reason;

// ---- retained messages

TEST(Retained, WaitsForNewSubscriptions) {  // [MQTT-3.3.1-5], [MQTT-3.3.1-9], [MQTT-3.3.1-12]
  World world;
  Client writer(world, "writer");
  Client early(world, "early");
  early.subscribes("a/+");
  writer.publishes("a/b", "1", 1, 1, true);
  writer.publishes("a/b", "2", 1, 2, true);
  Client late(world, "late");
  late.subscribes("#", 1);
  EXPECT_EQ(early.hears(), (Lines{"CONNACK new success", "SUBACK #77 0", "PUBLISH a/b 1 q0", "PUBLISH a/b 2 q0"}));
  EXPECT_EQ(late.hears(), (Lines{"CONNACK new success", "SUBACK #77 1", "PUBLISH a/b 2 q1 #1 retain"}));
}

TEST(Retained, AnEmptyPayloadDeletesAndIsDelivered) {  // [MQTT-3.3.1-6], [MQTT-3.3.1-7]
  World world;
  Client writer(world, "writer");
  Client early(world, "early");
  early.subscribes("a");
  writer.publishes("a", "x", 0, 0, true);
  writer.publishes("a", "", 0, 0, true);
  EXPECT_EQ(early.hears().back(), "PUBLISH a  q0");
  Client late(world, "late");
  late.subscribes("a");
  EXPECT_EQ(late.hears(), (Lines{"CONNACK new success", "SUBACK #77 0"}));
}

TEST(Retained, HandlingSaysWhenItIsSent) {  // [MQTT-3.3.1-10], [MQTT-3.3.1-11]
  using mqtt::RetainHandling;
  World world;
  Client writer(world, "writer");
  writer.publishes("a", "x", 0, 0, true);
  Client reader(world, "reader", {.version = Version::v5});
  reader.hears();
  reader.subscribes("a", 0, {.retain_handling = RetainHandling::do_not_send});
  EXPECT_EQ(reader.hears(), Lines{"SUBACK #77 0"});
  reader.subscribes("a", 0, {.retain_handling = RetainHandling::send_if_new});
  EXPECT_EQ(reader.hears(), Lines{"SUBACK #77 0"});
  reader.subscribes("a", 0, {.retain_handling = RetainHandling::send});
  EXPECT_EQ(reader.hears(), (Lines{"SUBACK #77 0", "PUBLISH a x q0 retain"}));
  reader.unsubscribes("a");
  reader.subscribes("a", 0, {.retain_handling = RetainHandling::send_if_new});
  EXPECT_EQ(reader.hears().back(), "PUBLISH a x q0 retain");
}

TEST(Retained, AsPublishedKeepsTheBit) {  // [MQTT-3.3.1-13]
  World world;
  Client reader(world, "reader", {.version = Version::v5});
  Client writer(world, "writer");
  reader.subscribes("a", 0, {.retain_as_published = true});
  reader.hears();
  writer.publishes("a", "x", 0, 0, true);
  writer.publishes("a", "y");
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a x q0 retain", "PUBLISH a y q0"}));
}

TEST(Retained, WildcardsDoNotMatchSystemTopics) {  // [MQTT-4.7.2-1]
  World world;
  Client writer(world, "writer");
  writer.publishes("$own/a", "x", 0, 0, true);
  Client reader(world, "reader");
  for (const char* filter : {"#", "+/a", "$own/#"}) reader.subscribes(filter);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK new success", "SUBACK #77 0", "SUBACK #77 0", "SUBACK #77 0",
                                   "PUBLISH $own/a x q0 retain"}));
}

// ---- wills

Hello with_will(uint32_t delay = 0, std::optional<uint32_t> expiry = std::nullopt) {
  Hello hello{.version = Version::v5, .clean = false, .expiry = expiry};
  hello.will = mqtt::Will{.topic = "will", .payload = as_bytes("gone"), .delay_interval = delay};
  return hello;
}

struct WillStory : testing::Test {
  World world;
  Client reader{world, "reader"};

  void SetUp() override {
    reader.subscribes("will");
    reader.hears();
  }
};

TEST_F(WillStory, IsSentWhenTheConnectionBreaks) {  // [MQTT-3.1.2-8]
  {
    Client client(world, "ana", with_will());
  }
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
}

TEST_F(WillStory, IsDroppedByANormalDisconnect) {  // [MQTT-3.14.4-3], [MQTT-3.1.2-10]
  Client client(world, "ana", with_will());
  client.leaves();
  world.wait(1h);
  EXPECT_TRUE(reader.hears().empty());
}

TEST_F(WillStory, IsSentByADisconnectThatAsksForIt) {
  Client client(world, "ana", with_will());
  client.leaves(Reason::disconnect_with_will_message);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
}

TEST_F(WillStory, WaitsForItsDelay) {
  {
    Client client(world, "ana", with_will(2, 60));
  }
  world.wait(1900ms);
  EXPECT_TRUE(reader.hears().empty());
  world.wait(100ms);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
  world.wait(1h);
  EXPECT_TRUE(reader.hears().empty());
}

TEST_F(WillStory, IsSentWhenTheSessionEndsBeforeTheDelay) {
  {
    Client client(world, "ana", with_will(60, 2));
  }
  world.wait(2s);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
}

TEST_F(WillStory, IsVoidIfTheClientComesBackInTime) {  // [MQTT-3.1.3-9]
  {
    Client client(world, "ana", with_will(2, 60));
  }
  world.wait(1s);
  Client again(world, "ana", {.version = Version::v5, .clean = false, .expiry = 60});
  world.wait(1h);
  EXPECT_TRUE(reader.hears().empty());
}

TEST_F(WillStory, IsSentAtOnceIfTheClientComesBackWithCleanStart) {
  {
    Client client(world, "ana", with_will(60, 600));
  }
  Client again(world, "ana", {.version = Version::v5, .clean = true});
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
}

TEST_F(WillStory, IsSentWhenTheSessionIsTakenOver) {
  Client client(world, "ana", with_will());
  Client again(world, "ana", {.version = Version::v5, .clean = false});
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH will gone q0"});
}

// ---- group send

struct GroupStory : testing::Test {
  World world;
  Client page{world, "page", {.version = Version::v5, .group_send = true}};
};

TEST_F(GroupStory, ReachesEachSessionOnceAtItsOwnTopic) {
  struct Case {
    const char* filter;
    const char* line;
  };
  const Case cases[] = {
      {"groups/group1/1", "PUBLISH groups/group1/1 hi q0"}, {"groups/group1/#", "PUBLISH groups/group1 hi q0"},
      {"groups/#", "PUBLISH groups/group1 hi q0"},          {"#", "PUBLISH groups/group1 hi q0"},
      {"groups/group1/+", "PUBLISH groups/group1/ hi q0"},  {"+/+/2/#", "PUBLISH groups/group1/2 hi q0"},
      {"groups/group1", "PUBLISH groups/group1 hi q0"}};
  for (const Case& c : cases) {
    Client reader(world, "reader");
    reader.subscribes(c.filter);
    reader.hears();
    page.publishes("groups/group1/#", "hi");
    EXPECT_EQ(reader.hears(), Lines{c.line}) << c.filter;
    reader.leaves();
  }
}

TEST_F(GroupStory, DoesNotReachOthers) {
  Client reader(world, "reader");
  for (const char* filter : {"groups/group2/#", "groups", "groups/+", "other/#", "groups/group11"})
    if (std::string_view(filter) != "groups/+") reader.subscribes(filter);
  reader.hears();
  page.publishes("groups/group1/#", "hi");
  EXPECT_TRUE(reader.hears().empty());
}

TEST_F(GroupStory, OverlappingSubscriptionsGiveOneCopyAtTheShortestTopic) {
  Client reader(world, "reader");
  for (const char* filter : {"io/left", "io/right/far", "io/#"}) reader.subscribes(filter, 1);
  reader.hears();
  page.publishes("io/#", "hi", 1, 4);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH io hi q1 #1"});
  EXPECT_EQ(page.hears().back(), "PUBACK #4");
}

TEST_F(GroupStory, HasAnAlias) {
  Client reader(world, "reader");
  reader.subscribes("io/left");
  reader.hears();
  page.publishes("$group/io", "hi");
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH io/left hi q0"});
}

TEST_F(GroupStory, CannotBeRetained) {
  page.publishes("io/#", "hi", 1, 4, true);
  EXPECT_EQ(page.hears().back(), "PUBACK #4 implementation specific error");
  EXPECT_EQ(world.broker.retained_count(), 0u);
}

TEST_F(GroupStory, NeedsOneLiteralLevelAndNoOtherWildcard) {
  for (const char* topic : {"#", "+/#", "a/+/#", "a/+", "a#", "$SYS/#"}) {
    Client writer(world, "writer", {.version = Version::v5, .group_send = true});
    writer.publishes(topic, "hi");
    EXPECT_EQ(writer.hears().back(), "DISCONNECT topic name invalid") << topic;
  }
}

TEST_F(GroupStory, TheAliasIsRefusedWhereGroupSendIsOff) {
  Client writer(world, "writer", {.version = Version::v5});
  writer.publishes("$group/io", "hi", 1, 4);
  EXPECT_EQ(writer.hears().back(), "PUBACK #4 not authorized");
}

TEST_F(GroupStory, AWillCannotBeOne) {
  Hello hello{.version = Version::v5};
  hello.will = mqtt::Will{.topic = "$group/io"};
  Client client(world, "ana", hello);
  EXPECT_EQ(client.hears(), Lines{"CONNACK new topic name invalid"});
}

// ---- the Bus: two brokers that are neighbours

/// Two ends of a wire between brokers, both run by the story.
struct Wire : Bus {
  Broker* here = nullptr;
  Broker* there = nullptr;
  World* world = nullptr;
  struct Claim {
    std::string client_id;
    ClaimTicket ticket;
  };
  std::vector<Claim> claims;

  void subscribed(std::string_view) override {}
  void unsubscribed(std::string_view) override {}
  void forward(const Message& message, bool group) override {
    mqtt::Publish publish{.topic = message.topic(),
                          .payload = message.payload(),
                          .qos = message.qos(),
                          .retain = message.retain(),
                          .properties = message.properties()};
    there->deliver(Message::copy(publish, world->now), group);
  }
  void flush() override {}
  bool claim(std::string_view client_id, ClaimTicket ticket) override {
    claims.push_back({std::string(client_id), ticket});
    return false;
  }
  void released(std::string_view) override {}
  /// The neighbour answers what was asked.
  void answer() {
    for (const Claim& claim : std::exchange(claims, {}))
      here->claimed(claim.ticket, there->surrender(claim.client_id, world->now), world->now);
  }
};

struct BusStory : testing::Test {
  Wire left_wire, right_wire;
  World left{{}, &left_wire};
  World right{{}, &right_wire};

  void SetUp() override {
    left_wire.here = right_wire.there = &left.broker;
    left_wire.there = right_wire.here = &right.broker;
    left_wire.world = &left;
    right_wire.world = &right;
  }
};

TEST_F(BusStory, AMessageReachesTheNeighboursSubscribers) {
  Client writer(left, "writer");
  Client reader(right, "reader");
  left_wire.answer();
  right_wire.answer();
  reader.subscribes("a/#");
  writer.publishes("a/b", "x");
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK new success", "SUBACK #77 0", "PUBLISH a/b x q0"}));
}

TEST_F(BusStory, NothingIsHeardWhileTheClaimIsOpen) {
  Client client(left, "ana");
  EXPECT_FALSE(client.channel().hears());
  EXPECT_TRUE(client.hears().empty());
  left_wire.answer();
  EXPECT_TRUE(client.channel().hears());
  EXPECT_EQ(client.hears(), Lines{"CONNACK new success"});
}

TEST_F(BusStory, ASessionMovesToWhereItsClientTurnsUp) {
  const Hello kept{.version = Version::v5, .clean = false, .expiry = 60};
  Client old(left, "ana", kept);
  left_wire.answer();
  old.subscribes("a", 1);
  old.hears();
  Client writer(left, "writer");
  left_wire.answer();
  writer.publishes("a", "open", 1, 1);
  EXPECT_EQ(old.hears(), Lines{"PUBLISH a open q1 #1"});

  Client young(right, "ana", kept);
  right_wire.answer();
  EXPECT_EQ(old.hears(), Lines{"DISCONNECT session taken over"});
  writer.publishes("a", "later", 1, 2);
  EXPECT_EQ(young.hears(), (Lines{"CONNACK present success", "PUBLISH a open q1 #1 dup", "PUBLISH a later q1 #2"}));
  EXPECT_EQ(left.broker.session_count(), 1u);
  EXPECT_EQ(right.broker.session_count(), 1u);
}

TEST_F(BusStory, AClaimOutlivedByItsConnectionIsForgotten) {
  {
    Client client(left, "ana");
  }
  left_wire.answer();
  EXPECT_EQ(left.broker.session_count(), 0u);
}

}  // namespace
}  // namespace mqttio::broker::story
