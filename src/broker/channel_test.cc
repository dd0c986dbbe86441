#include "broker/channel.h"

#include "broker/story.h"

namespace mqttio::broker::story {
namespace {

using namespace std::chrono_literals;
using mqtt::Reason;

Hello v5(Hello hello = {}) {
  hello.version = Version::v5;
  return hello;
}

TEST(Connect, IsAnsweredFirst) {  // [MQTT-3.2.0-1]
  World world;
  Client client(world, "ana");
  EXPECT_EQ(client.hears(), Lines{"CONNACK new success"});
}

TEST(Connect, ASecondOneEndsTheConversation) {  // [MQTT-3.1.0-2]
  World world;
  Client client(world, "ana", v5());
  client.says(mqtt::Connect{.version = Version::v5, .client_id = "ana"});
  EXPECT_EQ(client.hears(), (Lines{"CONNACK new success", "DISCONNECT protocol error"}));
  EXPECT_TRUE(client.ended());
}

TEST(Connect, AnEmptyIdGetsOneOfItsOwn) {  // [MQTT-3.1.3-6], [MQTT-3.1.3-7]
  World world;
  Client one(world, "", v5());
  Client two(world, "", v5());
  EXPECT_EQ(one.channel().client_id(), "made-1");
  EXPECT_EQ(two.channel().client_id(), "made-2");
}

TEST(Connect, AnEmptyIdWithoutCleanSessionIsRefusedInMqtt311) {  // [MQTT-3.1.3-8]
  World world;
  Client client(world, "", {.clean = false});
  EXPECT_EQ(client.hears(), Lines{"CONNACK new client identifier not valid"});
  EXPECT_TRUE(client.ended());
}

TEST(Connect, ARefusalIsTheLastWord) {  // [MQTT-3.2.2-7]
  World world;
  world.door.verdict = Reason::bad_user_name_or_password;
  Client client(world, "ana", v5());
  EXPECT_EQ(client.hears(), Lines{"CONNACK new bad user name or password"});
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(world.broker.session_count(), 0u);
}

TEST(Connect, ARefusalNamesWhoWasAskedFor) {
  World world;
  world.door.verdict = Reason::not_authorized;
  Client client(world, "ana", v5());
  EXPECT_EQ(world.notes.lines, Lines{"ana refused: not authorized"});
}

TEST(Connect, AWillCannotGoWhereNobodyMayPublish) {  // decisions 17
  for (const char* topic : {"$SYS/a", "$SYS", "$CONTROL/a", "$share/a/b", "$queue/a", "$group/a"}) {
    World world;
    Hello hello = v5();
    hello.will = mqtt::Will{.topic = topic};
    Client client(world, "ana", hello);
    EXPECT_EQ(client.hears(), Lines{"CONNACK new topic name invalid"}) << topic;
  }
  World world;
  Hello hello = v5();
  hello.will = mqtt::Will{.topic = "$own/a"};
  Client client(world, "ana", hello);
  EXPECT_EQ(client.hears(), Lines{"CONNACK new success"});
}

TEST(Connect, AnUnknownAuthenticationMethodIsRefused) {  // [MQTT-4.12.0-1]
  World world;
  Channel channel(world.broker, {}, nullptr, world.now);
  mqtt::Connect connect{.version = Version::v5, .client_id = "ana"};
  connect.authentication_method = "none";
  const auto handled = channel.handle(connect, world.now);
  ASSERT_FALSE(handled);
  EXPECT_EQ(handled.error().reason, Reason::bad_authentication_method);
}

TEST(Connect, MustComeInTime) {
  World world;
  Channel channel(world.broker, {}, nullptr, world.now);
  world.wait(9s);
  EXPECT_FALSE(channel.ended());
  world.wait(1s);
  EXPECT_TRUE(channel.ended());
}

TEST(KeepAlive, EndsASilentConnectionAfterOneAndAHalf) {  // [MQTT-3.1.2-22]
  World world;
  Client client(world, "ana", v5({.keep_alive = 2}));
  world.wait(2500ms);
  client.says(mqtt::Pingreq{});
  world.wait(2900ms);
  EXPECT_EQ(client.hears(), (Lines{"CONNACK new success", "PINGRESP"}));
  world.wait(100ms);
  EXPECT_EQ(client.hears(), Lines{"DISCONNECT keep alive timeout"});
}

TEST(KeepAlive, ZeroMeansNever) {
  World world;
  Client client(world, "ana");
  world.wait(24h);
  EXPECT_FALSE(client.ended());
}

TEST(TakeOver, TheNewConnectionWins) {  // [MQTT-3.1.4-3]
  World world;
  Client old(world, "ana", v5({.clean = false, .expiry = 60}));
  Client young(world, "ana", v5({.clean = false, .expiry = 60}));
  EXPECT_EQ(old.hears(), (Lines{"CONNACK new success", "DISCONNECT session taken over"}));
  EXPECT_EQ(young.hears(), Lines{"CONNACK present success"});
  EXPECT_TRUE(old.ended());
  EXPECT_EQ(world.broker.session_count(), 1u);
}

TEST(TakeOver, AClientIdDiffersByOneLetter) {  // [MQTT-3.1.3-2]
  World world;
  Client one(world, "ana");
  Client two(world, "Ana");
  EXPECT_FALSE(one.ended());
}

TEST(Publish, ReachesEachTransportOfWishAtTheLowerQos) {  // [MQTT-3.8.4-8]
  for (uint8_t published = 0; published <= 2; ++published) {
    for (uint8_t granted = 0; granted <= 2; ++granted) {
      World world;
      Client reader(world, "reader");
      Client writer(world, "writer");
      reader.subscribes("a", granted);
      reader.hears();
      writer.publishes("a", "x", published, published > 0 ? 9 : 0);
      const uint8_t qos = std::min(published, granted);
      const std::string line = "PUBLISH a x q" + std::to_string(qos) + (qos > 0 ? " #1" : "");
      EXPECT_EQ(reader.hears(), Lines{line});
    }
  }
}

TEST(Publish, OverlappingSubscriptionsGiveOneCopyAtTheHighestQosWithAllIdentifiers) {  // [MQTT-3.3.4-2, -3, -4]
  World world;
  Client reader(world, "reader", v5());
  Client writer(world, "writer");
  reader.subscribes("a/+", 0, {}, 3);
  reader.subscribes("a/#", 2, {}, 4);
  reader.subscribes("a/b", 1);
  reader.hears();
  writer.publishes("a/b", "x", 2, 1);
  const Lines heard = reader.hears();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_TRUE(heard[0] == "PUBLISH a/b x q2 #1 sub3 sub4" || heard[0] == "PUBLISH a/b x q2 #1 sub4 sub3") << heard[0];
}

TEST(Publish, NoLocalIsNotHeardByItsAuthor) {  // [MQTT-3.8.3-3]
  World world;
  Client client(world, "ana", v5());
  client.subscribes("a", 0, {.no_local = true});
  client.publishes("a", "x");
  EXPECT_EQ(client.hears(), (Lines{"CONNACK new success", "SUBACK #77 0"}));
}

TEST(Publish, WithoutReadersSaysSoInMqtt5) {
  World world;
  Client writer(world, "writer", v5());
  writer.publishes("a", "x", 1, 5);
  EXPECT_EQ(writer.hears().back(), "PUBACK #5 no matching subscribers");
}

TEST(Publish, ToSysIsRefusedAndGoesNowhere) {
  World world;
  Client reader(world, "reader");
  Client writer(world, "writer", v5());
  reader.subscribes("$SYS/#");
  reader.hears();
  writer.publishes("$SYS/x", "x", 1, 5);
  EXPECT_EQ(writer.hears().back(), "PUBACK #5 not authorized");
  EXPECT_TRUE(reader.hears().empty());
  EXPECT_EQ(world.notes.lines, Lines{"writer $SYS/x not_authorized"});
}

TEST(Publish, ToATopicWithTooManyLevelsIsAnsweredWhereThatIsPossible) {  // conformance 5.18 and 7
  Options options;
  options.max_topic_levels = 3;
  const auto answer = [&](Version version, uint8_t qos, const char* topic) {
    World world(options);
    Client writer(world, "writer", {.version = version, .group_send = true});
    writer.hears();
    writer.publishes(topic, "x", qos, qos > 0 ? 5 : 0);
    Lines lines = writer.hears();
    if (writer.ended()) lines.emplace_back("the end");
    return lines;
  };
  EXPECT_EQ(answer(Version::v5, 1, "a/b/c"), Lines{"PUBACK #5 no matching subscribers"});
  for (const char* topic : {"a/b/c/d", "a/b/c/d/#"}) {
    EXPECT_EQ(answer(Version::v5, 1, topic), Lines{"PUBACK #5 topic name invalid"});
    EXPECT_EQ(answer(Version::v5, 2, topic), Lines{"PUBREC #5 topic name invalid"});
    EXPECT_EQ(answer(Version::v5, 0, topic), (Lines{"DISCONNECT topic name invalid", "the end"}));
    EXPECT_EQ(answer(Version::v311, 1, topic), Lines{"the end"});
  }
}

TEST(Publish, AWildcardInTheTopicEndsTheConversation) {  // [MQTT-3.3.2-2]
  World world;
  Client writer(world, "writer", v5());
  writer.publishes("a/#", "x");
  EXPECT_EQ(writer.hears().back(), "DISCONNECT topic name invalid");
}

TEST(Publish, MoreOpenOnesThanReceiveMaximumEndTheConversation) {  // [MQTT-3.3.4-7]
  Options options;
  options.receive_maximum = 2;
  World world(options);
  Client writer(world, "writer", v5());
  for (uint16_t id = 1; id <= 2; ++id) writer.publishes("a", "x", 2, id);
  EXPECT_FALSE(writer.ended());
  writer.publishes("a", "x", 2, 3);
  EXPECT_EQ(writer.hears().back(), "DISCONNECT receive maximum exceeded");
}

TEST(TopicAlias, StandsForTheTopicThatSetIt) {  // [MQTT-3.3.2-7]
  World world;
  Client reader(world, "reader");
  Client writer(world, "writer", v5());
  reader.subscribes("a");
  reader.hears();
  writer.says(mqtt::Publish{.topic = "a", .payload = as_bytes("1"), .topic_alias = uint16_t{1}});
  writer.says(mqtt::Publish{.topic = "", .payload = as_bytes("2"), .topic_alias = uint16_t{1}});
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a 1 q0", "PUBLISH a 2 q0"}));
  writer.says(mqtt::Publish{.topic = "", .topic_alias = uint16_t{2}});
  EXPECT_EQ(writer.hears().back(), "DISCONNECT protocol error");
}

TEST(TopicAlias, AboveTheMaximumEndsTheConversation) {  // [MQTT-3.3.2-9]
  World world;
  Client writer(world, "writer", v5());
  writer.says(mqtt::Publish{.topic = "a", .topic_alias = uint16_t{33}});
  EXPECT_EQ(writer.hears().back(), "DISCONNECT topic alias invalid");
}

TEST(MaximumPacketSize, IsKeptByDroppingWhatIsLarger) {  // [MQTT-3.1.2-24], [MQTT-3.1.2-25]
  World world;
  Client reader(world, "reader", v5({.maximum_packet_size = 20}));
  Client writer(world, "writer");
  reader.subscribes("a", 1);
  reader.hears();
  writer.publishes("a", "this is too long to fit", 1, 1);
  writer.publishes("a", "short", 1, 2);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH a short q1 #2"});
  EXPECT_EQ(world.notes.lines, Lines{"reader a packet_too_large"});
}

/// Connects, says what is to be said and gives the sizes of all packets that it hears.
template <class Say>
std::vector<size_t> sizes_heard(World& world, uint32_t maximum, Say say, std::string_view id = "ana") {
  Channel channel(world.broker, {.address = "ana", .transport = "story"}, nullptr, world.now);
  mqtt::Connect connect{.version = Version::v5, .client_id = id};
  connect.maximum_packet_size = maximum;
  const auto handle = [&](const mqtt::Packet& packet) {
    if (const auto handled = channel.handle(packet, world.now); !handled) channel.refuse(handled.error(), world.now);
  };
  handle(connect);
  say(handle);
  std::vector<size_t> sizes;
  Buffer out;
  while (channel.next_outbound(out, world.now)) {
  }
  channel.lost("that is all", world.now);
  for (Bytes bytes = out.view(); !bytes.empty(); bytes = bytes.subspan(sizes.back()))
    sizes.push_back(2 + to_u8(bytes[1]));
  return sizes;
}

TEST(MaximumPacketSize, IsKeptByEveryPacketThatCanBeShortened) {  // [MQTT-3.2.2-19], [MQTT-3.14.2-3], [MQTT-3.1.2-24]
  using Sizes = std::vector<size_t>;
  const auto nothing = [](auto) {};
  const auto fault = [](auto handle) { handle(mqtt::Auth{}); };
  {
    World world;
    const Sizes full = sizes_heard(world, 1000, fault);
    ASSERT_EQ(full.size(), 2u);
    EXPECT_EQ(sizes_heard(world, 5, nothing), Sizes{5});
    EXPECT_EQ(sizes_heard(world, static_cast<uint32_t>(full[0]), nothing), Sizes{full[0]});
    EXPECT_EQ(sizes_heard(world, static_cast<uint32_t>(full[0] - 1), nothing), Sizes{5});
    EXPECT_EQ(sizes_heard(world, static_cast<uint32_t>(full[1]), fault), (Sizes{full[0], full[1]}));
    EXPECT_EQ(sizes_heard(world, static_cast<uint32_t>(full[1] - 1), fault), (Sizes{full[0], 3}));
  }
  World world;
  world.door.verdict = Reason::bad_user_name_or_password;
  const Sizes full = sizes_heard(world, 1000, nothing);
  EXPECT_EQ(sizes_heard(world, static_cast<uint32_t>(full[0] - 1), nothing), Sizes{5});
}

TEST(MaximumPacketSize, BelowTheSmallestConnackIsRefused) {
  World world;
  EXPECT_EQ(sizes_heard(world, 4, [](auto) {}), std::vector<size_t>{});
  EXPECT_EQ(sizes_heard(world, 13, [](auto) {}, ""), std::vector<size_t>{5});
  EXPECT_EQ(sizes_heard(world, 14, [](auto) {}, ""), std::vector<size_t>{14});  // with its "made-2"
}

TEST(MaximumPacketSize, AnAnswerThatCannotBeShortenedEndsTheConversation) {
  World world;
  Client client(world, "ana", v5({.maximum_packet_size = 30}));
  client.hears();
  const auto subscribe = [&](int count) {
    Buffer encoded;
    for (int i = 0; i < count; ++i) {
      encoded.put_u16(1);
      encoded.append("a");
      encoded.put_u8(0);
    }
    client.says(mqtt::Subscribe{.packet_id = 1, .filters = {encoded.view(), true, Version::v5}});
  };
  subscribe(25);
  EXPECT_FALSE(client.ended());
  client.hears();
  subscribe(26);
  EXPECT_EQ(client.hears(), Lines{"DISCONNECT packet too large"});
}

TEST(Subscribe, InvalidFiltersAreAnsweredOneByOneInMqtt5) {  // [MQTT-3.8.4-6]
  World world;
  Client client(world, "ana", v5());
  client.subscribes("a/#/b");
  client.subscribes("$share/group/a");
  EXPECT_EQ(client.hears(), (Lines{"CONNACK new success", "SUBACK #77 8f", "SUBACK #77 9e"}));
}

TEST(Subscribe, ARefusalHasNoWordInMqtt31) {
  const std::pair<Version, const char*> cases[] = {
      {Version::v31, "SUBACK #77 1"}, {Version::v311, "SUBACK #77 80"}, {Version::v5, "SUBACK #77 97"}};
  for (const auto& [version, answer] : cases) {
    Options options;
    options.max_subscriptions = 1;
    World world(options);
    Client writer(world, "writer");
    Client client(world, "ana", {.version = version});
    client.subscribes("a", 1);
    client.hears();
    client.subscribes("b", 1);
    writer.publishes("b", "x");
    EXPECT_EQ(client.hears(), Lines{answer});
    EXPECT_EQ(world.notes.lines, version == Version::v31 ? Lines{"ana b subscription_refused"} : Lines{});
  }
}

TEST(Subscribe, ABridgeHearsNothingOfItsOwnAndTheRetainBitAsItWas) {  // conformance 4 and 5.6
  for (const bool bridge : {false, true}) {
    World world;
    Client writer(world, "writer");
    Client client(world, "ana", {.bridge = bridge});
    client.subscribes("#");
    client.hears();
    client.publishes("a", "own");
    writer.publishes("a", "x", 0, 0, true);
    EXPECT_EQ(client.hears(), bridge ? Lines{"PUBLISH a x q0 retain"} : (Lines{"PUBLISH a own q0", "PUBLISH a x q0"}));
  }
}

TEST(Subscribe, ABridgeIsOneForTheSubscriptionsThatItFinds) {
  World world;
  {
    Client client(world, "ana", {.clean = false});
    client.subscribes("#");
  }
  Client client(world, "ana", {.clean = false, .bridge = true});
  client.publishes("a", "own");
  EXPECT_EQ(client.hears(), Lines{"CONNACK present success"});
}

TEST(Subscribe, AnInvalidFilterEndsTheConversationInMqtt311) {  // [MQTT-4.7.1-2]
  World world;
  Client client(world, "ana");
  client.subscribes("a#");
  EXPECT_TRUE(client.ended());
}

TEST(Unsubscribe, NothingMoreIsHeard) {  // [MQTT-3.10.4-2], [MQTT-3.10.4-5]
  World world;
  Client reader(world, "reader", v5());
  Client writer(world, "writer");
  reader.subscribes("a");
  reader.unsubscribes("a");
  reader.unsubscribes("b");
  writer.publishes("a", "x");
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK new success", "SUBACK #77 0", "UNSUBACK #78 0", "UNSUBACK #78 11"}));
}

TEST(Disconnect, WhatWasAnsweredBeforeStillGoesOut) {  // ADR 7; the sender of DISCONNECT is bound [MQTT-3.14.4-1]
  for (const Version version : {Version::v31, Version::v311, Version::v5}) {
    World world;
    Client reader(world, "reader");
    reader.subscribes("#");
    Client client(world, "ana", {.version = version});
    client.publishes("a", "x", 1, 3);
    client.publishes("a", "x", 2, 4);
    client.says(mqtt::Pingreq{});
    client.says(mqtt::Disconnect{});
    client.says(mqtt::Pingreq{});
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(client.hears(), (Lines{"CONNACK new success", "PUBACK #3", "PUBREC #4", "PINGRESP"}));
  }
}

TEST(Disconnect, NothingNewFollowsIt) {
  World world;
  Client writer(world, "writer");
  Client client(world, "ana", v5());
  client.subscribes("#");
  client.hears();
  writer.publishes("a", "x");
  client.says(mqtt::Disconnect{});
  EXPECT_EQ(client.hears(), Lines{});
}

TEST(Disconnect, CannotRaiseAnExpiryOfZero) {  // [MQTT-3.14.2-2]
  World world;
  Client client(world, "ana", v5());
  mqtt::Disconnect packet;
  packet.session_expiry_interval = 10;
  client.says(packet);
  EXPECT_EQ(client.hears().back(), "DISCONNECT protocol error");
}

TEST(Backpressure, AClientThatTakesNoAnswersIsNotHeard) {
  World world;
  Client client(world, "ana");
  for (int i = 0; client.channel().hears(); ++i) {
    ASSERT_LT(i, 100'000);
    client.says(mqtt::Pingreq{});
  }
  client.hears();
  EXPECT_TRUE(client.channel().hears());
}

}  // namespace
}  // namespace mqttio::broker::story
