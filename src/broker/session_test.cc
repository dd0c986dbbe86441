#include "broker/session.h"

#include "broker/story.h"

namespace mqttio::broker::story {
namespace {

using namespace std::chrono_literals;
using mqtt::Reason;

constexpr Hello kKept{.clean = false};

TEST(Session, KeepsWhatIsSentWhileItsClientIsAway) {  // [MQTT-3.1.2-23], [MQTT-3.1.2-5]
  World world;
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 2);
  }
  writer.publishes("a", "zero", 0);
  writer.publishes("a", "one", 1, 1);
  writer.publishes("a", "two", 2, 2);
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a one q1 #1", "PUBLISH a two q2 #2"}));
}

TEST(Session, CleanStartForgetsEverything) {  // [MQTT-3.1.2-4], [MQTT-3.2.2-2]
  World world;
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 2);
  }
  Client writer(world, "writer");
  writer.publishes("a", "one", 1, 1);
  Client reader(world, "reader");
  writer.publishes("a", "two", 1, 2);
  EXPECT_EQ(reader.hears(), Lines{"CONNACK new success"});
}

TEST(Session, EndsAfterItsExpiryInterval) {  // [MQTT-4.1.0-2]
  World world;
  {
    Client client(world, "ana", {.version = Version::v5, .expiry = 2});
  }
  world.wait(1900ms);
  EXPECT_EQ(world.broker.session_count(), 1u);
  world.wait(100ms);
  EXPECT_EQ(world.broker.session_count(), 0u);
}

TEST(Session, EndsWithItsConnectionByDefaultInMqtt5) {
  World world;
  {
    Client client(world, "ana", {.version = Version::v5, .clean = false});
  }
  EXPECT_EQ(world.broker.session_count(), 0u);
}

TEST(Session, OpenDeliveriesComeAgainInOrderMarkedAsDuplicates) {  // [MQTT-3.3.1-1], [MQTT-4.4.0-1], [MQTT-4.6.0-1]
  World world;
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 2);
    writer.publishes("a", "1", 1, 1);
    writer.publishes("a", "2", 2, 2);
    writer.publishes("a", "3", 1, 3);
    EXPECT_EQ(reader.hears().size(), 5u);
  }
  writer.publishes("a", "4", 1, 4);
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a 1 q1 #1 dup", "PUBLISH a 2 q2 #2 dup",
                                   "PUBLISH a 3 q1 #3 dup", "PUBLISH a 4 q1 #4"}));
}

TEST(Session, AfterPubrecOnlyPubrelComesAgain) {  // [MQTT-4.3.3-6]
  World world;
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 2);
    writer.publishes("a", "x", 2, 1);
    reader.hears();
    reader.says(mqtt::Pubrec{{.packet_id = 1}});
    EXPECT_EQ(reader.hears(), Lines{"PUBREL #1"});
  }
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBREL #1"}));
  reader.says(mqtt::Pubcomp{{.packet_id = 1}});
  reader.breaks();
  Client again(world, "reader", kKept);
  EXPECT_EQ(again.hears(), Lines{"CONNACK present success"});
}

TEST(Session, APublishThatWasAcceptedIsNoSecondMessage) {  // [MQTT-4.3.3-10], also over a new connection
  World world;
  Client reader(world, "reader");
  reader.subscribes("a");
  reader.hears();
  Client writer(world, "writer", kKept);
  writer.publishes("a", "x", 2, 7);
  writer.publishes("a", "x", 2, 7);
  writer.breaks();
  Client again(world, "writer", kKept);
  again.publishes("a", "x", 2, 7);
  again.says(mqtt::Pubrel{{.packet_id = 7}});
  EXPECT_EQ(again.hears(), (Lines{"CONNACK present success", "PUBREC #7", "PUBCOMP #7"}));
  again.publishes("a", "y", 2, 7);  // the id is free again
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a x q0", "PUBLISH a y q0"}));
}

TEST(Session, APubrelOfNothingIsAnswered) {
  World world;
  Client writer(world, "writer", {.version = Version::v5});
  writer.says(mqtt::Pubrel{{.packet_id = 7}});
  EXPECT_EQ(writer.hears().back(), "PUBCOMP #7 packet identifier not found");
}

TEST(Session, KeepsToTheClientsReceiveMaximum) {  // [MQTT-3.3.4-9], [MQTT-4.9.0-2]
  World world;
  Client reader(world, "reader", {.version = Version::v5, .receive_maximum = 2});
  Client writer(world, "writer");
  reader.subscribes("a", 1);
  reader.hears();
  for (uint16_t id = 1; id <= 3; ++id) writer.publishes("a", std::to_string(id), 1, id);
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a 1 q1 #1", "PUBLISH a 2 q1 #2"}));
  reader.says(mqtt::Pingreq{});
  EXPECT_EQ(reader.hears(), Lines{"PINGRESP"});  // [MQTT-4.9.0-3]
  reader.acks(1);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH a 3 q1 #3"});
}

TEST(Session, ANegativePubrecSettlesTheMessage) {  // [MQTT-4.4.0-2]
  World world;
  Client writer(world, "writer");
  Client reader(world, "reader", {.version = Version::v5, .clean = false, .expiry = 60});
  reader.subscribes("a", 2);
  writer.publishes("a", "x", 2, 1);
  reader.hears();
  reader.says(mqtt::Pubrec{{.packet_id = 1, .reason = Reason::quota_exceeded}});
  EXPECT_TRUE(reader.hears().empty());
  reader.breaks();
  Client again(world, "reader", {.version = Version::v5, .clean = false, .expiry = 60});
  EXPECT_EQ(again.hears(), Lines{"CONNACK present success"});
}

TEST(Session, ExpiredMessagesAreNotDelivered) {  // [MQTT-3.3.2-5], [MQTT-3.3.2-6]
  World world;
  Client writer(world, "writer", {.version = Version::v5});
  const Hello kept{.version = Version::v5, .clean = false, .expiry = 60};
  {
    Client reader(world, "reader", kept);
    reader.subscribes("a", 1);
  }
  for (const uint32_t expiry : {1u, 10u}) {
    mqtt::Publish publish{.topic = "a", .payload = as_bytes("x"), .packet_id = 1, .qos = 1};
    publish.properties.message_expiry_interval = expiry;
    writer.says(publish);
  }
  world.wait(3s);
  Client reader(world, "reader", kept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a x q1 #1 expires7"}));
  EXPECT_EQ(world.notes.lines, Lines{"reader a expired"});
}

TEST(Session, AFullQueueRefusesTheNewestAndSaysSo) {
  Options options;
  options.queue_messages = 2;
  World world(options);
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 1);
  }
  for (uint16_t id = 1; id <= 3; ++id) writer.publishes("a", std::to_string(id), 1, id);
  EXPECT_EQ(world.notes.lines, Lines{"reader a queue_full"});
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a 1 q1 #1", "PUBLISH a 2 q1 #2"}));
}

TEST(Session, AFullQueueForgetsWhatHasExpiredFirst) {  // [MQTT-3.3.2-5]
  Options options;
  options.queue_messages = 3;
  World world(options);
  Client writer(world, "writer", {.version = Version::v5});
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 1);
  }
  const auto publish = [&](const char* payload, std::optional<uint32_t> expiry) {
    mqtt::Publish packet{.topic = "a", .payload = as_bytes(payload), .packet_id = 1, .qos = 1};
    packet.properties.message_expiry_interval = expiry;
    writer.says(packet);
  };
  publish("first", std::nullopt);
  publish("short", 1);
  publish("long", 10);
  publish("too many", 10);
  EXPECT_EQ(std::exchange(world.notes.lines, {}), Lines{"reader a queue_full"});
  world.wait(1s);
  publish("fresh", std::nullopt);
  EXPECT_EQ(std::exchange(world.notes.lines, {}), Lines{"reader a expired"});
  publish("too many", std::nullopt);
  EXPECT_EQ(std::exchange(world.notes.lines, {}), Lines{"reader a queue_full"});
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a first q1 #1", "PUBLISH a long q1 #2",
                                   "PUBLISH a fresh q1 #3"}));
}

TEST(Session, AFullQueueGivesUpQosZeroForWhatIsAcknowledged) {
  Options options;
  options.queue_messages = 3;
  World world(options);
  Client writer(world, "writer");
  Client reader(world, "reader");
  reader.subscribes("a", 1);
  reader.hears();
  for (const char* payload : {"0", "1", "2", "newest"}) writer.publishes("a", payload);
  EXPECT_EQ(std::exchange(world.notes.lines, {}), Lines{"reader a queue_full"});
  writer.publishes("a", "one", 1, 1);
  writer.publishes("a", "two", 1, 2);
  EXPECT_EQ(world.notes.lines, (Lines{"reader a queue_full", "reader a queue_full"}));
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a 2 q0", "PUBLISH a one q1 #1", "PUBLISH a two q1 #2"}));
}

TEST(Session, QosZeroPassesAFullWindowAndNothingElse) {
  World world;
  Client writer(world, "writer");
  Client reader(world, "reader", {.version = Version::v5, .receive_maximum = 1});
  reader.subscribes("#", 2);
  reader.hears();
  writer.publishes("a", "0");
  writer.publishes("a", "1", 1, 1);
  writer.publishes("a", "2", 2, 2);
  writer.publishes("a", "3");
  writer.publishes("a", "4", 1, 3);
  writer.publishes("a", "5");
  EXPECT_EQ(reader.hears(), (Lines{"PUBLISH a 0 q0", "PUBLISH a 1 q1 #1", "PUBLISH a 3 q0", "PUBLISH a 5 q0"}));
  reader.acks(1);
  EXPECT_EQ(reader.hears(), Lines{"PUBLISH a 2 q2 #2"});
  reader.says(mqtt::Pubrec{{.packet_id = 2}});
  reader.says(mqtt::Pubcomp{{.packet_id = 2}});
  EXPECT_EQ(reader.hears(), (Lines{"PUBREL #2", "PUBLISH a 4 q1 #3"}));
}

TEST(Session, WhatIsQueuedAtQosZeroGoesWithTheConnection) {  // [MQTT-3.1.2-23]
  World world;
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 1);
    writer.publishes("a", "zero");
    writer.publishes("a", "one", 1, 1);
  }
  Client reader(world, "reader", kKept);
  EXPECT_EQ(reader.hears(), (Lines{"CONNACK present success", "PUBLISH a one q1 #1"}));
}

TEST(Session, AQueueBoundInBytesCountsAllThatAMessageCarries) {
  Options options;
  options.queue_bytes = {100};
  const auto drops = [&](auto change) {
    World world(options);
    Client writer(world, "writer", {.version = Version::v5});
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 1);
    mqtt::Publish packet{.topic = "a", .packet_id = 1, .qos = 1};
    change(packet);
    for (int i = 0; i < 2; ++i) writer.says(packet);
    return world.notes.lines.size();
  };
  const std::string long_text(60, 'x');
  EXPECT_EQ(drops([&](mqtt::Publish&) {}), 0u);
  EXPECT_EQ(drops([&](mqtt::Publish& p) { p.payload = as_bytes(long_text); }), 1u);
  EXPECT_EQ(drops([&](mqtt::Publish& p) { p.properties.content_type = long_text; }), 1u);
  EXPECT_EQ(drops([&](mqtt::Publish& p) { p.properties.response_topic = long_text; }), 1u);
  EXPECT_EQ(drops([&](mqtt::Publish& p) { p.properties.correlation_data = as_bytes(long_text); }), 1u);
}

TEST(Session, OurReceiveMaximumBeginsAnewWithEachConnection) {  // [MQTT-4.9.0-1]
  Options options;
  options.receive_maximum = 2;
  World world(options);
  const Hello kept{.version = Version::v5, .clean = false, .expiry = 60};
  {
    Client writer(world, "writer", kept);
    for (uint16_t id = 1; id <= 2; ++id) writer.publishes("a", "x", 2, id);
  }
  Client writer(world, "writer", kept);
  for (uint16_t id = 3; id <= 4; ++id) writer.publishes("a", "x", 2, id);
  EXPECT_FALSE(writer.ended());
  for (uint16_t id = 1; id <= 2; ++id) writer.says(mqtt::Pubrel{{.packet_id = id}});
  EXPECT_FALSE(writer.ended());
  writer.publishes("a", "x", 2, 5);
  EXPECT_EQ(writer.hears().back(), "DISCONNECT receive maximum exceeded");  // [MQTT-3.3.4-7]
}

TEST(Session, AQueueBoundInBytesAlwaysAdmitsOneMessage) {
  Options options;
  options.queue_bytes = {10};
  World world(options);
  Client writer(world, "writer");
  {
    Client reader(world, "reader", kKept);
    reader.subscribes("a", 1);
  }
  writer.publishes("a", "much longer than ten bytes", 1, 1);
  writer.publishes("a", "one more", 1, 2);
  EXPECT_EQ(world.notes.lines, Lines{"reader a queue_full"});
}

TEST(Turn, IsFullBeforeOneFastPublisherFillsAQueue) {
  World world;
  Client reader(world, "reader");
  Client writer(world, "writer");
  reader.subscribes("a");
  world.broker.begin_turn();
  int sent = 0;
  for (; !world.broker.turn_is_full(); ++sent)
    ASSERT_TRUE(writer.channel().handle(mqtt::Publish{.topic = "a"}, world.now));
  EXPECT_LT(static_cast<uint32_t>(sent), world.broker.options().queue_messages);
  EXPECT_TRUE(world.notes.lines.empty());
}

}  // namespace
}  // namespace mqttio::broker::story
