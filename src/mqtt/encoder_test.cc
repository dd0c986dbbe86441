// What the encoder leaves out, and what it writes for versions that lack a thing. The bytes of every packet are in
// packet_test.cc.

#include "mqtt/encoder.h"

#include "mqtt/decoder_story.h"

namespace mqttio::mqtt::story {
namespace {

std::string encoded(const Packet& packet, Version version) {
  Buffer out;
  encode(out, packet, version);
  return std::string(out.text());
}

TEST(MqttEncoder, Leaves_properties_out_of_MQTT_3) {
  Publish publish{.topic = "a", .payload = as_bytes("x"), .topic_alias = 1};
  publish.properties.content_type = "text";
  publish.properties.message_expiry_interval = 60;
  EXPECT_EQ(encoded(publish, v311), packet(0x30, "<a> 'x'"));
  EXPECT_EQ(encoded(publish, v31), packet(0x30, "<a> 'x'"));
  EXPECT_EQ(encoded_size(publish, v311), packet(0x30, "<a> 'x'").size());
  EXPECT_EQ(encoded(Puback{{.packet_id = 1, .reason = Reason::not_authorized, .reason_string = "no"}}, v311),
            packet(0x40, "0001"));
  EXPECT_EQ(encoded(Disconnect{.reason = Reason::server_shutting_down, .reason_string = "bye"}, v311),
            packet(0xe0, ""));
  EXPECT_EQ(encoded(Connack{.receive_maximum = 10, .reason_string = "hi"}, v311), packet(0x20, "00 00"));
}

TEST(MqttEncoder, Leaves_out_what_is_success_and_has_no_properties) {
  EXPECT_EQ(encoded(Puback{{.packet_id = 1}}, v5), packet(0x40, "0001"));
  EXPECT_EQ(encoded(Pubrel{{.packet_id = 1}}, v5), packet(0x62, "0001"));  // [MQTT-3.6.1-1]
  EXPECT_EQ(encoded(Disconnect{}, v5), packet(0xe0, ""));
  EXPECT_EQ(encoded(Disconnect{.reason = Reason::session_taken_over}, v5), packet(0xe0, "8e"));
}

TEST(MqttEncoder, Writes_a_property_length_of_0_where_there_are_none) {  // [MQTT-2.2.2-1]
  const Reason reasons[] = {Reason::success};
  EXPECT_EQ(encoded(Connack{}, v5), packet(0x20, "00 00 00"));
  EXPECT_EQ(encoded(Publish{.topic = "a"}, v5), packet(0x30, "<a> 00"));
  EXPECT_EQ(encoded(Suback{.packet_id = 1, .reasons = reasons}, v5), packet(0x90, "0001 00 00"));
  EXPECT_EQ(encoded(Unsuback{.packet_id = 1, .reasons = reasons}, v5), packet(0xb0, "0001 00 00"));
  EXPECT_EQ(encoded(Connect{.version = v5, .clean_start = false, .client_id = "a", .will = Will{.topic = "w"}}, v5),
            packet(0x10, "<MQTT> 05 04 0000 00 <a> 00 <w> <>"));
}

TEST(MqttEncoder, Has_no_session_present_in_MQTT_3_1) {
  EXPECT_EQ(encoded(Connack{.session_present = true}, v31), packet(0x20, "00 00"));
  EXPECT_EQ(encoded(Connack{.session_present = true}, v311), packet(0x20, "01 00"));
}

TEST(MqttEncoder, Has_no_reason_codes_in_an_UNSUBACK_of_MQTT_3) {
  const Reason reasons[] = {Reason::no_subscription_existed};
  EXPECT_EQ(encoded(Unsuback{.packet_id = 1, .reasons = reasons}, v311), packet(0xb0, "0001"));
}

TEST(MqttEncoder, Finds_a_return_code_of_MQTT_3_for_a_refusal) {  // [MQTT-3.2.2-6 of 3.1.1]
  const std::pair<Reason, uint8_t> cases[] = {
      {Reason::success, 0},
      {Reason::unsupported_protocol_version, 1},
      {Reason::client_identifier_not_valid, 2},
      {Reason::server_unavailable, 3},
      {Reason::server_busy, 3},
      {Reason::server_shutting_down, 3},
      {Reason::quota_exceeded, 3},
      {Reason::connection_rate_exceeded, 3},
      {Reason::use_another_server, 3},
      {Reason::server_moved, 3},
      {Reason::bad_user_name_or_password, 4},
      {Reason::not_authorized, 5},
      {Reason::banned, 5},
      {Reason::malformed_packet, 0},
      {Reason::protocol_error, 0},
      {Reason::topic_name_invalid, 0},
      {Reason::bad_authentication_method, 0},
  };
  for (const auto& [reason, code] : cases) {
    EXPECT_EQ(connack_return_code(reason), code) << to_text(reason);
    if (code != 0) {
      EXPECT_EQ(encoded(Connack{.reason = reason}, v311), std::string("\x20\x02\x00", 3) + static_cast<char>(code));
    }
  }
}

TEST(MqttEncoder, Appends_to_what_is_there) {
  Buffer out;
  encode(out, Packet(Pingreq{}), v5);
  encode(out, Publish{.topic = "a"}, v311);
  encode(out, PacketType::pubcomp, Ack{.packet_id = 2}, v311);
  EXPECT_EQ(out.text(), wire("c000 3003 <a> 7002 0002"));
}

TEST(MqttEncoder, Tells_the_size_of_a_PUBLISH_at_every_length_of_its_length) {
  const std::string payload(2'100'000, 'x');
  for (const size_t size : {0, 1, 120, 123, 124, 125, 16'378, 16'380, 16'381, 2'097'148, 2'097'149, 2'100'000}) {
    for (const Version version : {v311, v5}) {
      Publish publish{.topic = "a", .payload = as_bytes(payload).first(size), .packet_id = 1, .qos = 1};
      EXPECT_EQ(encoded_size(publish, version), encoded(publish, version).size()) << size;
      publish.properties.content_type = std::string_view(payload).substr(0, std::min<size_t>(size, 200));
      EXPECT_EQ(encoded_size(publish, version), encoded(publish, version).size()) << size;
    }
  }
}

TEST(MqttEncoder, Writes_a_subscription_identifier_as_a_PUBLISH_has_it) {
  EXPECT_EQ(encode_subscription_id(1), wire("0b 01"));
  EXPECT_EQ(encode_subscription_id(268'435'455), wire("0b ffffff7f"));
  const std::string both = encode_subscription_id(1) + encode_subscription_id(128);
  Publish publish{.topic = "a"};
  publish.subscription_ids = {as_bytes(both)};
  EXPECT_EQ(encoded(publish, v5), packet(0x30, "<a> {0b 01 0b 8001}"));
}

// Properties may come in any order and user properties between them; they are written in one order.
TEST(MqttEncoder, Writes_what_was_not_in_the_shortest_form_or_order_so_that_it_says_the_same) {
  const struct {
    uint8_t first;
    std::string rest;
    std::string canonical;
  } cases[] = {
      {0x30, "<a> {26 <k> <1> 23 0001 26 <k> <2> 01 01} 'x'", "<a> {23 0001 01 01 26 <k> <1> 26 <k> <2>} 'x'"},
      {0x40, "0001 00 {}", "0001"},
      {0x40, "0001 10 {}", "0001 10"},
      {0x40, "0001 00 {26 <a> <b> 1f <c>}", "0001 00 {1f <c> 26 <a> <b>}"},
      {0xe0, "00 {}", ""},
      {0x82, "0001 {26 <a> <b> 0b 05 26 <c> <d>} <f> 00", "0001 {0b 05 26 <a> <b> 26 <c> <d>} <f> 00"},
  };
  for (const auto& c : cases) {
    const std::string bytes = packet(c.first, c.rest);
    Decoder decoder = decoder_of(v5);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded && *decoded) << c.rest;
    EXPECT_EQ(testing::PrintToString(encoded(**decoded, v5)), testing::PrintToString(packet(c.first, c.canonical)));
  }
}

TEST(MqttReason, Has_the_words_of_the_standard) {
  EXPECT_EQ(to_text(Reason::success), "success");
  EXPECT_EQ(to_text(Reason::not_authorized), "not authorized");
  EXPECT_EQ(to_text(Reason::qos_not_supported), "QoS not supported");
  EXPECT_EQ(to_text(static_cast<Reason>(0x03)), "unknown reason");
  int known = 0;
  for (int code = 0; code < 256; ++code) known += to_text(static_cast<Reason>(code)) != "unknown reason";
  EXPECT_EQ(known, 43);  // MQTT 5, table 2-6, where 0x00 stands three times
}

TEST(MqttReason, Is_an_error_from_0x80) {
  EXPECT_FALSE(is_error(Reason::success));
  EXPECT_FALSE(is_error(Reason::reauthenticate));
  EXPECT_TRUE(is_error(Reason::unspecified_error));
  EXPECT_TRUE(is_error(Reason::wildcard_subscriptions_not_supported));
}

}  // namespace
}  // namespace mqttio::mqtt::story
