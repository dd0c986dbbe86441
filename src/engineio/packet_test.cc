#include "engineio/packet.h"

#include <gtest/gtest.h>

#include <string>

namespace mqttio::engineio {
namespace {

using namespace std::string_literals;

struct TextCase {
  std::string name;
  Revision revision;
  std::string text;
  PacketType type;
  bool binary;
  std::string data;
};

// What travels in WebSocket text frames and in polling bodies, both ways. Captured from clients of five generations.
const TextCase kTexts[] = {
    {"open", Revision::v4, R"(0{"sid":"x"})", PacketType::open, false, R"({"sid":"x"})"},
    {"close", Revision::v4, "1", PacketType::close, false, ""},
    {"ping", Revision::v4, "2", PacketType::ping, false, ""},
    {"probe", Revision::v4, "2probe", PacketType::ping, false, "probe"},
    {"probe_answer", Revision::v3, "3probe", PacketType::pong, false, "probe"},
    {"connect", Revision::v4, "40/mqtt,", PacketType::message, false, "0/mqtt,"},
    {"connect_of_1x", Revision::v3, "40/mqtt", PacketType::message, false, "0/mqtt"},
    {"upgrade", Revision::v3, "5", PacketType::upgrade, false, ""},
    {"noop", Revision::v4, "6", PacketType::noop, false, ""},
    {"connack_v4", Revision::v4, "bIAIAAA==", PacketType::message, true, "\x20\x02\x00\x00"s},
    {"connack_v3", Revision::v3, "b4IAIAAA==", PacketType::message, true, "\x20\x02\x00\x00"s},
    {"publish_v4", Revision::v4, "bMAcAA2EvYmhp", PacketType::message, true, "\x30\x07\x00\x03\x61/bhi"s},
    {"no_bytes_v4", Revision::v4, "b", PacketType::message, true, ""},
    {"no_bytes_v3", Revision::v3, "b4", PacketType::message, true, ""},
};

TEST(EngineIoPacket, Text_becomes_the_packet_and_the_packet_that_text) {
  for (const TextCase& c : kTexts) {
    Buffer scratch;
    const auto packet = decode_text(c.revision, c.text, scratch);
    ASSERT_TRUE(packet) << c.name;
    EXPECT_EQ(packet->type, c.type) << c.name;
    EXPECT_EQ(packet->binary, c.binary) << c.name;
    EXPECT_EQ(as_text(packet->data), c.data) << c.name;

    Buffer out;
    append_text(out, c.revision, *packet);
    EXPECT_EQ(out.text(), c.text) << c.name;
  }
}

TEST(EngineIoPacket, Base64_without_padding_or_with_url_letters_is_taken) {
  for (const std::string_view text : {"b+/8=", "b-_8=", "b+/8", "b-_8"}) {
    Buffer scratch;
    const auto packet = decode_text(Revision::v4, text, scratch);
    ASSERT_TRUE(packet) << text;
    EXPECT_EQ(as_text(packet->data), "\xfb\xff") << text;
  }
}

TEST(EngineIoPacket, What_is_in_scratch_already_stays) {
  Buffer scratch;
  ASSERT_TRUE(decode_text(Revision::v4, "bYWI=", scratch));
  const auto second = decode_text(Revision::v4, "bY2Q=", scratch);
  ASSERT_TRUE(second);
  EXPECT_EQ(as_text(second->data), "cd");
  EXPECT_EQ(scratch.text(), "abcd");
}

TEST(EngineIoPacket, Text_that_is_no_packet_is_refused) {
  const struct {
    Revision revision;
    std::string_view text;
  } cases[] = {
      {Revision::v4, ""},          {Revision::v4, "7"},          {Revision::v4, "/"},      {Revision::v4, "abc"},
      {Revision::v4, "bA"},        {Revision::v4, "b!!!!"},      {Revision::v4, "bAA==A"}, {Revision::v3, "b"},
      {Revision::v3, "bIAIAAA=="}, {Revision::v3, "b3IAIAAA=="}, {Revision::v3, "b4A"},    {Revision::v3, "\x04"},
  };
  for (const auto& c : cases) {
    Buffer scratch;
    EXPECT_FALSE(decode_text(c.revision, c.text, scratch)) << c.text;
    EXPECT_TRUE(scratch.empty()) << c.text;
  }
}

TEST(EngineIoPacket, A_binary_frame_is_a_message_and_in_revision_3_says_so_first) {
  const std::string connack = "\x20\x02\x00\x00"s;
  const auto v4 = decode_binary(Revision::v4, as_bytes(connack));
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->type, PacketType::message);
  EXPECT_TRUE(v4->binary);
  EXPECT_EQ(as_text(v4->data), connack);
  EXPECT_EQ(binary_prefix(Revision::v4), "");

  const std::string prefixed = "\x04" + connack;
  const auto v3 = decode_binary(Revision::v3, as_bytes(prefixed));
  ASSERT_TRUE(v3);
  EXPECT_EQ(v3->type, PacketType::message);
  EXPECT_TRUE(v3->binary);
  EXPECT_EQ(as_text(v3->data), connack);
  EXPECT_EQ(binary_prefix(Revision::v3), "\x04");
}

TEST(EngineIoPacket, An_empty_binary_frame_carries_nothing_in_revision_4_and_is_refused_in_3) {
  const auto v4 = decode_binary(Revision::v4, {});
  ASSERT_TRUE(v4);
  EXPECT_TRUE(v4->data.empty());
  EXPECT_FALSE(decode_binary(Revision::v3, {}));
}

TEST(EngineIoPacket, A_binary_frame_of_revision_3_that_is_no_message_is_refused) {
  EXPECT_FALSE(decode_binary(Revision::v3, as_bytes("\x20\x02\x00\x00"s)));
  EXPECT_FALSE(decode_binary(Revision::v3, as_bytes("4\x20\x02\x00\x00"s))) << "the digit is not the number";
}

TEST(EngineIoPacket, The_open_packet_has_five_keys_in_the_order_that_clients_know) {
  EXPECT_EQ(to_json({"c2tFqbBrUwnvx1KTAAAA", true, 25000, 20000, 1000000}),
            R"({"sid":"c2tFqbBrUwnvx1KTAAAA","upgrades":["websocket"],)"
            R"("pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(to_json({"x", false, 300, 200, 1}),
            R"({"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1})");
}

TEST(EngineIoPacket, Refusals_have_the_numbers_and_words_of_the_reference) {
  EXPECT_EQ(to_json(Refusal::transport_unknown), R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(to_json(Refusal::session_id_unknown), R"({"code":1,"message":"Session ID unknown"})");
  EXPECT_EQ(to_json(Refusal::bad_handshake_method), R"({"code":2,"message":"Bad handshake method"})");
  EXPECT_EQ(to_json(Refusal::bad_request), R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(to_json(Refusal::forbidden), R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(to_json(Refusal::unsupported_protocol_version), R"({"code":5,"message":"Unsupported protocol version"})");
}

}  // namespace
}  // namespace mqttio::engineio
