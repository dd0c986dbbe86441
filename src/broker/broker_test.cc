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

TEST(Retained, ARepeatedSubscribeBeginsAnewAndPilesUpNothing) {  // [MQTT-3.8.4-3]
  World world;
  Client writer(world, "writer");
  Client reader(world, "reader");
  reader.hears();
  for (const char* topic : {"a", "b"}) writer.publishes(topic, "x", 0, 0, true);
  for (int i = 0; i < 100; ++i) reader.subscribes("#");
  Lines lines(100, "SUBACK #77 0");
  lines.insert(lines.end(), {"PUBLISH a x q0 retain", "PUBLISH b x q0 retain"});
  EXPECT_EQ(reader.hears(), lines);
}

/// A reader whose window of one is taken by the first of three retained messages.
struct SlowWalk : testing::Test {
  World world;
  Client writer{world, "writer"};
  const Hello kept{.version = Version::v5, .clean = false, .expiry = 60, .receive_maximum = 1};
  std::unique_ptr<Client> reader = std::make_unique<Client>(world, "reader", kept);

  void SetUp() override {
    for (const char* topic : {"a", "b", "c"}) writer.publishes(topic, "old", 1, 1, true);
    reader->subscribes("#", 1);
    EXPECT_EQ(reader->hears(), (Lines{"CONNACK new success", "SUBACK #77 1", "PUBLISH a old q1 #1 retain"}));
  }
};

TEST_F(SlowWalk, WhatIsDeletedOrReplacedMeanwhileIsNotSent) {
  writer.publishes("b", "", 1, 1, true);
  writer.publishes("c", "new", 1, 1, true);
  reader->acks(1);
  EXPECT_EQ(reader->hears(), Lines{"PUBLISH b  q1 #2"});
  reader->acks(2);
  EXPECT_EQ(reader->hears(), Lines{"PUBLISH c new q1 #3"});
  reader->acks(3);
  EXPECT_TRUE(reader->hears().empty());
}

TEST_F(SlowWalk, UnsubscribeEndsIt) {  // [MQTT-3.10.4-2]
  reader->unsubscribes("#");
  reader->acks(1);
  EXPECT_EQ(reader->hears(), Lines{"UNSUBACK #78 0"});
}

TEST_F(SlowWalk, NothingNewerOvertakesIt) {
  writer.publishes("b", "live", 0);
  reader->acks(1);
  EXPECT_EQ(reader->hears(), Lines{"PUBLISH b old q1 #2 retain"});
  reader->acks(2);
  EXPECT_EQ(reader->hears(), (Lines{"PUBLISH c old q1 #3 retain", "PUBLISH b live q0"}));
}

TEST_F(SlowWalk, GoesOnOverTheNextConnectionAsFarAsItIsAcknowledged) {
  Client other(world, "other", kept);
  other.subscribes("#", 0);  // and never takes a byte
  for (Client* client : {reader.get(), &other}) client->breaks();
  writer.publishes("b", "", 0, 0, true);
  reader = std::make_unique<Client>(world, "reader", kept);
  EXPECT_EQ(reader->hears(), (Lines{"CONNACK present success", "PUBLISH a old q1 #1 dup retain"}));
  reader->acks(1);
  EXPECT_EQ(reader->hears(), Lines{"PUBLISH c old q1 #2 retain"});
  Client again(world, "other", kept);
  EXPECT_EQ(again.hears(), Lines{"CONNACK present success"});
}

TEST(Retained, DoesNotOvertakeWhatIsOlder) {
  World world;
  Client writer(world, "writer");
  Client reader(world, "reader");
  reader.subscribes("a");
  reader.hears();
  writer.publishes("a", "1", 0, 0, true);
  writer.publishes("a", "2", 0, 0, true);
  reader.subscribes("a");
  writer.publishes("a", "3");
  EXPECT_EQ(reader.hears(),
            (Lines{"SUBACK #77 0", "PUBLISH a 1 q0", "PUBLISH a 2 q0", "PUBLISH a 2 q0 retain", "PUBLISH a 3 q0"}));
}

TEST(Retained, AWalkThroughVeryManyTakesManyShortTurns) {
  World world;
  Client writer(world, "writer");
  for (int i = 0; i < 20'000; ++i) writer.publishes("a/" + std::to_string(i), "x", 0, 0, true);
  writer.publishes("z/last", "x", 0, 0, true);
  Client reader(world, "reader");
  reader.subscribes("+/last");
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK new success", "SUBACK #77 0"}));
  world.broker.take_dirty();
  int turns = 0;
  Lines lines;
  for (; lines.empty() && turns < 100; ++turns) {
    world.wait(0s);
    lines = reader.hears();
    const bool again = world.broker.next_deadline() == Time::min();
    EXPECT_EQ(again, lines.empty());
    EXPECT_EQ(world.broker.take_dirty().size(), again ? 1u : 0u);
  }
  EXPECT_EQ(lines, Lines{"PUBLISH z/last x q0 retain"});
  EXPECT_GT(turns, 10);
  EXPECT_LT(turns, 100);
}

TEST(Retained, ManyWalksAtOnceAllComeToTheirEnd) {
  World world;
  Client writer(world, "writer");
  for (int i = 0; i < 200; ++i) writer.publishes("a/" + std::to_string(i), "x", 0, 0, true);
  std::vector<std::unique_ptr<Client>> readers;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(std::make_unique<Client>(world, "reader" + std::to_string(i)));
    readers.back()->subscribes("+/199");
    readers.back()->channel().handle(mqtt::Pingreq{}, world.now).value();
  }
  std::vector<size_t> heard(readers.size());
  for (int turn = 0; turn < 40; ++turn) {
    world.wait(0s);
    for (size_t i = 0; i < readers.size(); ++i) heard[i] += readers[i]->hears().size();
  }
  EXPECT_EQ(heard, std::vector<size_t>(readers.size(), 4));  // CONNACK, SUBACK, PINGRESP and the message
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

TEST_F(WillStory, IsNotHeardByASubscriptionOfItsOwnWithNoLocal) {  // [MQTT-3.8.3-3]
  for (const bool no_local : {true, false}) {
    Client client(world, "ana", with_will(0, 60));
    client.subscribes("will", 1, {.no_local = no_local});
    client.breaks();
    Client again(world, "ana", {.version = Version::v5, .clean = false, .expiry = 60});
    EXPECT_EQ(again.hears().size(), 1u) << "at QoS 0 it is not kept";
    again.leaves();
  }
  Hello hello = with_will(0, 60);
  hello.will->qos = 1;
  for (const bool no_local : {true, false}) {
    Client client(world, "ana", hello);
    client.subscribes("will", 1, {.no_local = no_local});
    client.breaks();
    Client again(world, "ana", {.version = Version::v5, .clean = false, .expiry = 60});
    EXPECT_EQ(again.hears().size(), no_local ? 1u : 2u);
    again.leaves();
  }
}

TEST_F(WillStory, ComesBeforeTheGoodByeWhenTheServerShutsDown) {
  Client now(world, "now", with_will());
  Client with_session(world, "with session", with_will(60, 0));
  Client later(world, "later", with_will(60, 600));
  world.broker.shut_down(world.now);
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH will gone q0", "PUBLISH will gone q0"}));
  EXPECT_FALSE(now.ended());
  for (Client* client : {&now, &with_session, &reader})
    client->channel().refuse({Reason::server_shutting_down, "the story ends"}, world.now);
  EXPECT_EQ(now.hears(), (Lines{"CONNACK new success", "DISCONNECT server shutting down"}));
  EXPECT_EQ(world.broker.counters().received, 2u);
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
    bool clean_start;
    ClaimTicket ticket;
  };
  std::vector<Claim> claims;
  std::vector<std::string> released_ids;

  void subscribed(std::string_view) override {}
  void unsubscribed(std::string_view) override {}
  void forward(const Message& message, bool group) override {
    mqtt::Publish publish{.topic = message.topic(),
                          .payload = message.payload(),
                          .qos = message.qos(),
                          .retain = message.retain(),
                          .properties = message.properties()};
    there->deliver(Message::copy(publish, world->now), group, world->now);
  }
  void flush() override {}
  bool claim(std::string_view client_id, bool clean_start, ClaimTicket ticket) override {
    claims.push_back({std::string(client_id), clean_start, ticket});
    return false;
  }
  void released(std::string_view client_id) override { released_ids.emplace_back(client_id); }
  /// The neighbour answers what was asked.
  void answer() {
    for (const Claim& claim : std::exchange(claims, {}))
      here->claimed(claim.ticket, there->surrender(claim.client_id, claim.clean_start, world->now), world->now);
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

TEST_F(BusStory, ARefusalWhileTheClaimIsOpenIsOneThatConnackHas) {  // [MQTT-3.2.2-8]
  Client waits(left, "ana", {.version = Version::v5});
  left.wait(10s);
  EXPECT_EQ(waits.hears(), Lines{"CONNACK new server busy"});
  Client is_cut_off(left, "bob", {.version = Version::v5});
  is_cut_off.channel().refuse({Reason::server_shutting_down, "the story ends"}, left.now);
  EXPECT_EQ(is_cut_off.hears(), Lines{"CONNACK new server unavailable"});
  left_wire.answer();
  EXPECT_EQ(left.broker.session_count(), 0u);
  EXPECT_EQ(left_wire.released_ids, (Lines{"ana", "bob"}));
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

TEST_F(BusStory, AClaimOutlivedByItsConnectionIsGivenBack) {
  {
    Client client(left, "ana");
  }
  left_wire.answer();
  EXPECT_EQ(left.broker.session_count(), 0u);
  EXPECT_EQ(left_wire.released_ids, Lines{"ana"});
}

TEST_F(BusStory, ASessionThatArrivesForAConnectionThatIsGoneIsKept) {
  const Hello kept{.version = Version::v5, .clean = false, .expiry = 60};
  {
    Client old(left, "ana", kept);
    left_wire.answer();
  }
  {
    Client young(right, "ana", kept);
  }
  right_wire.answer();
  EXPECT_EQ(left.broker.session_count(), 0u);
  EXPECT_EQ(right.broker.session_count(), 1u);
  right.wait(61s);
  EXPECT_EQ(right.broker.session_count(), 0u);
  EXPECT_EQ(right_wire.released_ids, Lines{"ana"});
}

TEST_F(BusStory, ASessionIsReleasedOnlyWhenNobodyTakesItOver) {
  {
    Client client(left, "ana");
    left_wire.answer();
    Client cleaner(left, "ana");  // the first one's session ends with its connection
    left_wire.answer();
    Client keeper(left, "ana", {.version = Version::v5, .clean = false, .expiry = 60});
    left_wire.answer();
    keeper.breaks();
    Client again(left, "ana");  // ends a session that was kept
    left_wire.answer();
    EXPECT_EQ(left_wire.released_ids, Lines{});
    Client away(right, "ana");  // and takes it from the neighbour
    right_wire.answer();
    EXPECT_EQ(left_wire.released_ids, Lines{});
    EXPECT_EQ(left.broker.session_count(), 0u);
  }
  EXPECT_EQ(left_wire.released_ids, Lines{});
  EXPECT_EQ(right_wire.released_ids, Lines{"ana"});
}

TEST_F(BusStory, ADelayedWillIsSentIfTheClientTurnsUpElsewhereWithCleanStart) {
  Client reader(left, "reader");
  left_wire.answer();
  reader.subscribes("will");
  reader.hears();
  for (const bool clean : {false, true}) {
    {
      Client client(left, "ana", with_will(60, 600));
      left_wire.answer();
    }
    Client young(right, "ana", {.version = Version::v5, .clean = clean, .expiry = 600});
    right_wire.answer();
    EXPECT_EQ(young.hears(), Lines{clean ? "CONNACK new success" : "CONNACK present success"});
    EXPECT_EQ(reader.hears(), clean ? Lines{"PUBLISH will gone q0"} : Lines{});
    right_wire.answer();
    young.breaks();
    right.wait(1h);
  }
}

TEST_F(BusStory, ASessionThatMovesGetsTheRestOfItsRetainedMessages) {
  const Hello slow{.version = Version::v5, .clean = false, .expiry = 60, .receive_maximum = 1};
  Client writer(left, "writer");
  Client old(left, "ana", slow);
  left_wire.answer();
  for (const char* topic : {"a", "b", "c"}) writer.publishes(topic, "x", 1, 1, true);
  writer.publishes("d", "x", 0, 0, true);
  old.subscribes("#", 1);
  EXPECT_EQ(old.hears().back(), "PUBLISH a x q1 #1 retain");
  writer.publishes("live", "x", 1, 1);
  Client young(right, "ana", slow);
  right_wire.answer();
  Lines lines = young.hears();
  for (uint16_t id = 1; id < 5; ++id) {
    young.acks(id);
    for (const std::string& line : young.hears()) lines.push_back(line);
  }
  EXPECT_EQ(lines, (Lines{"CONNACK present success", "PUBLISH a x q1 #1 dup retain", "PUBLISH live x q1 #2",
                          "PUBLISH b x q1 #3 retain", "PUBLISH c x q1 #4 retain"}));
}

}  // namespace
}  // namespace mqttio::broker::story
