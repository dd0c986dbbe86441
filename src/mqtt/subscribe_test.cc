// What is refused of SUBSCRIBE, UNSUBSCRIBE and their acknowledgements, of DISCONNECT and AUTH, and what is not.

#include "mqtt/decoder_story.h"

namespace mqttio::mqtt::story {
namespace {

constexpr std::string_view kCut = "a field is longer than its packet";
constexpr std::string_view kUtf8 = "a string is no acceptable UTF-8";
constexpr std::string_view kBehind = "bytes behind the end of a packet";
constexpr std::string_view kStranger = "a property that this packet cannot have";
constexpr std::string_view kReason = "a reason code that this packet cannot have";
constexpr std::string_view kZero = "packet identifier 0";
constexpr std::string_view kNoFilter = "no topic filter";
constexpr std::string_view kNoProperties = "a variable byte integer is cut off";
constexpr std::string_view kReserved = "reserved subscription options";
constexpr Reason protocol_error = Reason::protocol_error;

TEST(MqttSubscribe, That_is_not_well_formed_is_refused) {
  expect_all_refused({
      {"id_0 [MQTT-2.2.1-3]", v5, 0x82, "0000 {} <a> 00", kZero},
      {"id_0_311 [MQTT-2.3.1-1 of 3.1.1]", v311, 0x82, "0000 <a> 00", kZero},
      {"no_properties [MQTT-2.2.2-1]", v5, 0x82, "0001", kNoProperties},
      {"no_filter [MQTT-3.8.3-2]", v5, 0x82, "0001 {}", kNoFilter, protocol_error},
      {"no_filter_311 [MQTT-3.8.3-3 of 3.1.1]", v311, 0x82, "0001", kNoFilter, protocol_error},
      {"filter_without_options", v311, 0x82, "0001 <a>", kCut},
      {"second_filter_without_options", v5, 0x82, "0001 {} <a> 00 <b>", kCut},
      {"filter_cut_off", v311, 0x82, "0001 0002 'a'", kCut},
      {"utf8 [MQTT-3.8.3-1]", v5, 0x82, "0001 {} [ff] 00", kUtf8},
      {"utf8_311 [MQTT-3.8.3-1 of 3.1.1]", v311, 0x82, "0001 [eda080] 00", kUtf8},
      {"nul [MQTT-4.7.3-2]", v5, 0x82, "0001 {} [610062] 00", kUtf8},
  });
}

TEST(MqttSubscribe, With_options_out_of_range_is_refused) {
  expect_all_refused({
      {"bit_6 [MQTT-3.8.3-5]", v5, 0x82, "0001 {} <a> 40", kReserved},
      {"bit_7 [MQTT-3.8.3-5]", v5, 0x82, "0001 {} <a> 80", kReserved},
      {"of_the_second_filter [MQTT-3.8.3-5]", v5, 0x82, "0001 {} <a> 00 <b> 80", kReserved},
      {"qos_3 [MQTT-3.8.3-5]", v5, 0x82, "0001 {} <a> 03", "a subscription at QoS 3", protocol_error},
      {"qos_3_311 [MQTT-3.8.3-4 of 3.1.1]", v311, 0x82, "0001 <a> 03", "a subscription at QoS 3", protocol_error},
      {"retain_handling_3", v5, 0x82, "0001 {} <a> 30", "retain handling 3", protocol_error},
      {"no_local_and_shared [MQTT-3.8.3-4]", v5, 0x82, "0001 {} <$share/g/a> 04", "No Local on a shared subscription",
       protocol_error},
  });
  for (uint8_t bit = 2; bit < 8; ++bit) {  // in 3.1.1 all above QoS are reserved [MQTT-3.8.3-4 of 3.1.1]
    std::string rest = "0001 <a> 00";
    rest.replace(rest.size() - 2, 2,
                 std::string{"0123456789abcdef"[(1 << bit) >> 4], "0123456789abcdef"[(1 << bit) & 15]});
    expect_refused({rest, v311, 0x82, rest, kReserved}, Hears::client);
    expect_refused({rest, v31, 0x82, rest, kReserved}, Hears::client);
  }
}

TEST(MqttSubscribe, With_properties_out_of_place_or_range_is_refused) {
  expect_all_refused({
      {"identifier_0", v5, 0x82, "0001 {0b 00} <a> 00", "subscription identifier 0", protocol_error},
      {"two_identifiers", v5, 0x82, "0001 {0b 01 0b 01} <a> 00", "two subscription identifiers", protocol_error},
      {"identifier_of_five_bytes [MQTT-1.5.5-1]", v5, 0x82, "0001 {0b ffffffff01} <a> 00",
       "variable byte integer over four bytes"},
      {"of_publish", v5, 0x82, "0001 {01 00} <a> 00", kStranger, protocol_error},
      {"user_property [MQTT-1.5.7-1]", v5, 0x82, "0001 {26 <a> [ff]} <a> 00", kUtf8},
  });
}

// One bad filter must not cost the others: SUBACK says so for each. [MQTT-3.8.4-6]
TEST(MqttSubscribe, Leaves_the_form_of_filters_to_the_broker) {
  for (const std::string_view filter : {"<>", "<a#>", "<a/#/b>", "<+a>", "<$share/g>"}) {
    const std::string bytes = packet(0x82, "0001 {} " + std::string(filter) + " 00");
    Decoder decoder = decoder_of(v5);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    EXPECT_TRUE(decoded && *decoded) << filter;
  }
}

TEST(MqttUnsubscribe, That_is_not_well_formed_is_refused) {
  expect_all_refused({
      {"id_0 [MQTT-2.2.1-3]", v5, 0xa2, "0000 {} <a>", kZero},
      {"id_0_311 [MQTT-2.3.1-1 of 3.1.1]", v311, 0xa2, "0000 <a>", kZero},
      {"no_properties [MQTT-2.2.2-1]", v5, 0xa2, "0001", kNoProperties},
      {"no_filter [MQTT-3.10.3-2]", v5, 0xa2, "0001 {}", kNoFilter, protocol_error},
      {"no_filter_311 [MQTT-3.10.3-2]", v311, 0xa2, "0001", kNoFilter, protocol_error},
      {"utf8 [MQTT-3.10.3-1]", v5, 0xa2, "0001 {} [ff]", kUtf8},
      {"utf8_311 [MQTT-3.10.3-1]", v311, 0xa2, "0001 [c080]", kUtf8},
      {"filter_cut_off", v311, 0xa2, "0001 <a> 0002 'b'", kCut},
      {"of_subscribe", v5, 0xa2, "0001 {0b 01} <a>", kStranger, protocol_error},
  });
}

/// The codes among all 256 with which `bytes`, ended by one, is a packet.
std::string codes_taken(Version version, Hears hears, uint8_t first, std::string_view rest) {
  std::string taken;
  for (int code = 0; code < 256; ++code) {
    std::string bytes = packet(first, rest) + static_cast<char>(code);
    ++bytes[1];
    Decoder decoder = decoder_of(version, hears);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    if (decoded && *decoded) taken += static_cast<char>(code);
    if (!decoded) {
      EXPECT_EQ(decoded.error().what, kReason) << code;
    }
  }
  return taken;
}

TEST(MqttReasonCodes, Are_those_of_each_packets_table) {
  EXPECT_EQ(codes_taken(v5, Hears::server, 0x90, "0001 {}"),
            wire("00 01 02 80 83 87 8f 91 97 9e a1 a2"));                                    // [MQTT-3.9.3-2]
  EXPECT_EQ(codes_taken(v311, Hears::server, 0x90, "0001"), wire("00 01 02 80"));            // [MQTT-3.9.3-2 of 3.1.1]
  EXPECT_EQ(codes_taken(v5, Hears::server, 0xb0, "0001 {}"), wire("00 11 80 83 87 8f 91"));  // [MQTT-3.11.3-2]
  EXPECT_EQ(codes_taken(v5, Hears::client, 0xe0, ""),                                        // [MQTT-3.14.2-1]
            wire("00 04 80 81 82 83 90 93 94 95 96 97 98 99"));
  EXPECT_EQ(codes_taken(v5, Hears::server, 0xe0, ""),  // [MQTT-3.14.2-1]
            wire("00 80 81 82 83 87 89 8b 8d 8e 8f 90 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f a0 a1 a2"));
}

TEST(MqttDisconnect, That_is_not_well_formed_is_refused) {
  expect_all_refused({
      {"body_in_311", v311, 0xe0, "00", kBehind},
      {"body_in_31", v31, 0xe0, "00", kBehind},
      {"properties_cut_off", v5, 0xe0, "00 05 11", kCut},
      {"behind_the_properties", v5, 0xe0, "00 {} 00", kBehind},
      {"of_connect", v5, 0xe0, "00 {21 0001}", kStranger, protocol_error},
      {"expiry_twice", v5, 0xe0, "00 {11 00000001 11 00000001}", "a property that stands twice", protocol_error},
      {"reason_string_utf8 [MQTT-1.5.4-1]", v5, 0xe0, "00 {1f [ff]}", kUtf8},
  });
  expect_all_refused({{"session_expiry [MQTT-3.14.2-2]", v5, 0xe0, "00 {11 00000001}",
                       "a server's DISCONNECT with a session expiry", protocol_error}},
                     Hears::server);
}

TEST(MqttAuth, That_is_not_well_formed_is_refused) {
  constexpr std::string_view kNoMethod = "AUTH without an authentication method";
  constexpr std::string_view kEnds = "AUTH of a client that ends the exchange";
  expect_all_refused({
      {"in_311", v311, 0xf0, "18 {15 <m>}", "an unknown packet type"},
      {"code_01 [MQTT-3.15.2-1]", v5, 0xf0, "01 {15 <m>}", kReason, protocol_error},
      {"code_87 [MQTT-3.15.2-1]", v5, 0xf0, "87 {15 <m>}", kReason, protocol_error},
      {"success_of_a_client [MQTT-4.12.0-3]", v5, 0xf0, "00 {15 <m>}", kEnds, protocol_error},
      {"empty_of_a_client [MQTT-4.12.0-3]", v5, 0xf0, "", kEnds, protocol_error},
      {"no_properties", v5, 0xf0, "18", kNoProperties},
      {"no_method", v5, 0xf0, "18 {}", kNoMethod, protocol_error},
      {"data_without_method", v5, 0xf0, "18 {16 <d>}", kNoMethod, protocol_error},
      {"of_connect", v5, 0xf0, "18 {15 <m> 21 0001}", kStranger, protocol_error},
      {"method_utf8 [MQTT-1.5.4-1]", v5, 0xf0, "18 {15 [ff]}", kUtf8},
      {"behind", v5, 0xf0, "18 {15 <m>} 00", kBehind},
  });
  expect_all_refused(
      {{"server_begins_anew", v5, 0xf0, "19 {15 <m>}", "AUTH of a server that begins anew", protocol_error}},
      Hears::server);
}

TEST(MqttSuback, That_is_not_well_formed_is_refused) {
  expect_all_refused(
      {
          {"id_0 [MQTT-2.2.1-6]", v311, 0x90, "0000 00", kZero},
          {"no_code [MQTT-3.8.4-6]", v311, 0x90, "0001", "no reason code", protocol_error},
          {"no_code_in_5 [MQTT-3.8.4-6]", v5, 0x90, "0001 {}", "no reason code", protocol_error},
          {"unsuback_without_codes [MQTT-3.11.3-1]", v5, 0xb0, "0001 {}", "no reason code", protocol_error},
          {"unsuback_with_codes_in_311", v311, 0xb0, "0001 00", kBehind},
          {"of_subscribe", v5, 0x90, "0001 {0b 01} 00", kStranger, protocol_error},
      },
      Hears::server);
}

}  // namespace
}  // namespace mqttio::mqtt::story
