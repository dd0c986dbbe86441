// What is refused of PUBLISH and its acknowledgements, and what is not.

#include "mqtt/decoder_story.h"

namespace mqttio::mqtt::story {
namespace {

constexpr std::string_view kCut = "a field is longer than its packet";
constexpr std::string_view kUtf8 = "a string is no acceptable UTF-8";
constexpr std::string_view kBehind = "bytes behind the end of a packet";
constexpr std::string_view kStranger = "a property that this packet cannot have";
constexpr std::string_view kTwice = "a property that stands twice";
constexpr std::string_view kReason = "a reason code that this packet cannot have";
constexpr std::string_view kZero = "packet identifier 0";
constexpr Reason protocol_error = Reason::protocol_error;

TEST(MqttPublish, With_flags_or_ids_that_do_not_fit_is_refused) {
  expect_all_refused({
      {"qos_3 [MQTT-3.3.1-4]", v311, 0x36, "<a> 0001 'x'", "a PUBLISH at QoS 3"},
      {"qos_3_in_5 [MQTT-3.3.1-4]", v5, 0x36, "<a> 0001 {} 'x'", "a PUBLISH at QoS 3"},
      {"dup_at_qos_0 [MQTT-3.3.1-2]", v311, 0x38, "<a> 'x'", "DUP at QoS 0"},
      {"dup_at_qos_0_in_5 [MQTT-3.3.1-2]", v5, 0x39, "<a> {} 'x'", "DUP at QoS 0"},
      {"id_0_at_qos_1 [MQTT-2.2.1-3]", v5, 0x32, "<a> 0000 {} 'x'", kZero},
      {"id_0_at_qos_2 [MQTT-2.3.1-1 of 3.1.1]", v311, 0x34, "<a> 0000 'x'", kZero},
      {"no_id [MQTT-2.2.1-3]", v311, 0x32, "<a>", kCut},
      {"half_an_id [MQTT-2.2.1-3]", v311, 0x32, "<a> 00", kCut},
      {"no_properties [MQTT-2.2.2-1]", v5, 0x30, "<a>", "a variable byte integer is cut off"},
  });
}

TEST(MqttPublish, Without_a_topic_name_in_UTF_8_is_refused) {
  expect_all_refused({
      {"nothing [MQTT-3.3.2-1]", v311, 0x30, "", kCut},
      {"longer_than_the_packet [MQTT-3.3.2-1]", v311, 0x30, "0002 'a'", kCut},
      {"empty_in_311 [MQTT-4.7.3-1]", v311, 0x30, "<> 'x'", "a PUBLISH without a topic", protocol_error},
      {"empty_without_alias", v5, 0x30, "<> {} 'x'", "a PUBLISH without a topic", protocol_error},
      {"surrogate [MQTT-1.5.4-1]", v5, 0x30, "[eda080] {} 'x'", kUtf8},
      {"surrogate_311 [MQTT-1.5.3-1]", v311, 0x30, "[61eda080] 'x'", kUtf8},
      {"overlong [MQTT-3.3.2-1]", v5, 0x30, "[c0af] {} 'x'", kUtf8},
      {"cut_character [MQTT-3.3.2-1]", v5, 0x30, "[61e282] {} 'x'", kUtf8},
      {"nul [MQTT-1.5.4-2] [MQTT-4.7.3-2]", v5, 0x30, "[610062] {} 'x'", kUtf8},
      {"nul_311 [MQTT-1.5.3-2]", v311, 0x30, "[00] 'x'", kUtf8},
      {"control", v311, 0x30, "[0a] 'x'", kUtf8},
      {"noncharacter", v311, 0x30, "[efbfbf] 'x'", kUtf8},
  });
}

TEST(MqttPublish, With_properties_out_of_place_or_range_is_refused) {
  constexpr std::string_view kResponse = "the response topic is no topic name";
  expect_all_refused({
      {"alias_0 [MQTT-3.3.2-8]", v5, 0x30, "<a> {23 0000} 'x'", "topic alias 0", Reason::topic_alias_invalid},
      {"subscription_identifier [MQTT-3.3.4-6]", v5, 0x30, "<a> {0b 01} 'x'",
       "a client's PUBLISH with a subscription identifier", protocol_error},
      {"payload_format_2", v5, 0x30, "<a> {01 02} 'x'", "a property that is neither 0 nor 1", protocol_error},
      {"response_topic_utf8 [MQTT-3.3.2-13]", v5, 0x30, "<a> {08 [ff]} 'x'", kUtf8},
      {"response_topic_plus [MQTT-3.3.2-14]", v5, 0x30, "<a> {08 <r/+>} 'x'", kResponse, protocol_error},
      {"response_topic_hash [MQTT-3.3.2-14]", v5, 0x30, "<a> {08 <#>} 'x'", kResponse, protocol_error},
      {"response_topic_empty", v5, 0x30, "<a> {08 <>} 'x'", kResponse, protocol_error},
      {"content_type_utf8 [MQTT-3.3.2-19]", v5, 0x30, "<a> {03 [c328]} 'x'", kUtf8},
      {"user_property_key [MQTT-1.5.7-1]", v5, 0x30, "<a> {26 [ff] <b>} 'x'", kUtf8},
      {"user_property_value [MQTT-1.5.7-1]", v5, 0x30, "<a> {26 <a> [ff]} 'x'", kUtf8},
      {"user_property_cut_off", v5, 0x30, "<a> {26 <a>} 'x'", kCut},
      {"of_connect", v5, 0x30, "<a> {11 00000001} 'x'", kStranger, protocol_error},
      {"of_the_will", v5, 0x30, "<a> {18 00000001} 'x'", kStranger, protocol_error},
      {"of_an_ack", v5, 0x30, "<a> {1f <x>} 'x'", kStranger, protocol_error},
      {"alias_twice", v5, 0x30, "<a> {23 0001 23 0001} 'x'", kTwice, protocol_error},
      {"expiry_twice", v5, 0x30, "<a> {02 00000001 02 00000001} 'x'", kTwice, protocol_error},
      {"correlation_twice", v5, 0x30, "<a> {09 <a> 09 <a>} 'x'", kTwice, protocol_error},
      {"unknown", v5, 0x30, "<a> {04 00} 'x'", "an unknown property"},
      {"longer_than_the_packet", v5, 0x30, "<a> 05 01 00", kCut},
  });
  expect_all_refused(
      {{"subscription_identifier_0", v5, 0x30, "<a> {0b 00} 'x'", "subscription identifier 0", protocol_error}},
      Hears::server);
}

TEST(MqttPublish, At_QoS_0_has_its_payload_right_behind_the_topic_or_the_properties) {  // [MQTT-2.2.1-2]
  for (const auto& [version, rest] : {std::pair(v311, "<a> 0000 'x'"), {v5, "<a> {} 0000 'x'"}}) {
    const std::string bytes = packet(0x30, rest);
    Decoder decoder = decoder_of(version);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded && *decoded);
    EXPECT_EQ(as_text(std::get<Publish>(**decoded).payload), std::string("\0\0x", 3));
  }
}

// Wildcards may be a group send, which the broker knows about and the decoder does not.
TEST(MqttPublish, Leaves_wildcards_in_topics_to_the_broker) {
  const std::string bytes = packet(0x30, "<a/#>");
  Decoder decoder = decoder_of(v311);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  EXPECT_TRUE(decoded && *decoded);
}

TEST(MqttPublish, Takes_a_topic_of_the_greatest_length) {  // [MQTT-4.7.3-3]
  const std::string topic(65'535, 'x');
  const std::string bytes = packet(0x30, "<" + topic + ">");
  Decoder decoder = decoder_of(v311);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ(std::get<Publish>(**decoded).topic, topic);
}

TEST(MqttAck, With_an_id_of_0_or_a_length_that_does_not_fit_is_refused) {
  constexpr uint8_t kAcks[] = {0x40, 0x50, 0x62, 0x70};
  for (const uint8_t first : kAcks) {
    expect_all_refused({
        {"id_0", v311, first, "0000", kZero},
        {"id_0_in_5", v5, first, "0000", kZero},
        {"no_id", v311, first, "", kCut},
        {"half_an_id", v5, first, "00", kCut},
        {"reason_in_311", v311, first, "0001 00", kBehind},
        {"reason_in_31", v31, first, "0001 00", kBehind},
        {"behind_the_properties", v5, first, "0001 00 {} 00", kBehind},
        {"properties_cut_off", v5, first, "0001 00 05 1f", kCut},
        {"of_publish", v5, first, "0001 00 {23 0001}", kStranger, protocol_error},
        {"reason_string_twice", v5, first, "0001 00 {1f <a> 1f <a>}", kTwice, protocol_error},
        {"reason_string_utf8 [MQTT-1.5.4-1]", v5, first, "0001 00 {1f [ff]}", kUtf8},
    });
  }
}

// The codes that each may have, of all 256: MQTT 5, tables 3-4 to 3-7.
TEST(MqttAck, Has_a_reason_code_of_its_table_or_is_refused) {
  const std::string of_publish = wire("00 10 80 83 87 90 91 97 99");
  const std::string of_release = wire("00 92");
  const struct {
    uint8_t first;
    const std::string& allowed;
  } cases[] = {
      {0x40, of_publish},  // [MQTT-3.4.2-1]
      {0x50, of_publish},  // [MQTT-3.5.2-1]
      {0x62, of_release},  // [MQTT-3.6.2-1]
      {0x70, of_release},  // [MQTT-3.7.2-1]
  };
  for (const auto& c : cases) {
    for (int code = 0; code < 256; ++code) {
      const std::string bytes = packet(c.first, "0001") + static_cast<char>(code);
      std::string whole = bytes;
      whole[1] = 3;
      Decoder decoder = decoder_of(v5);
      Bytes in = as_bytes(whole);
      const auto decoded = decoder.next(in);
      const bool allowed = c.allowed.find(static_cast<char>(code)) != std::string::npos;
      EXPECT_EQ(decoded.has_value(), allowed) << int{c.first} << " " << code;
      if (!decoded) {
        EXPECT_EQ(decoded.error().what, kReason);
      }
    }
  }
}

TEST(MqttAck, May_end_behind_its_reason_or_have_empty_properties) {
  for (const std::string_view rest : {"0001", "0001 00", "0001 00 {}"}) {
    const std::string bytes = packet(0x40, rest);
    Decoder decoder = decoder_of(v5);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded && *decoded) << rest;
    EXPECT_EQ(tell(**decoded), "PUBACK id=1 reason=00");
  }
}

}  // namespace
}  // namespace mqttio::mqtt::story
