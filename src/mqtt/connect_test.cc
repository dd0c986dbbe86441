// What is refused of CONNECT and CONNACK, and what is not.

#include "mqtt/decoder_story.h"

namespace mqttio::mqtt::story {
namespace {

constexpr std::string_view kCut = "a field is longer than its packet";
constexpr std::string_view kUtf8 = "a string is no acceptable UTF-8";
constexpr std::string_view kBehind = "bytes behind the end of a packet";
constexpr std::string_view kNoProtocol = "an unknown protocol name";
constexpr std::string_view kUnknown = "an unknown protocol level";
constexpr std::string_view kStranger = "a property that this packet cannot have";
constexpr std::string_view kTwice = "a property that stands twice";
constexpr std::string_view kZero = "Receive Maximum or Maximum Packet Size is 0";
constexpr std::string_view kFlag = "a property that is neither 0 nor 1";
constexpr Reason protocol_error = Reason::protocol_error;
constexpr Reason unsupported = Reason::unsupported_protocol_version;

TEST(MqttConnect, Of_another_protocol_or_level_is_refused) {
  expect_all_refused({
      {"longer_name [MQTT-3.1.2-1]", v311, 0x10, "<MQTTX> 04 02 0000 <a>", kNoProtocol},
      {"lower_case [MQTT-3.1.2-1]", v311, 0x10, "<mqtt> 04 02 0000 <a>", kNoProtocol},
      {"no_name [MQTT-3.1.2-1]", v311, 0x10, "<> 04 02 0000 <a>", kNoProtocol},
      {"name_of_31_with_311 [MQTT-3.1.2-1]", v311, 0x10, "<MQIsdp> 04 02 0000 <a>", kUnknown, unsupported},
      {"name_of_311_with_31 [MQTT-3.1.2-1]", v311, 0x10, "<MQTT> 03 02 0000 <a>", kUnknown, unsupported},
      {"level_0 [MQTT-3.1.2-2]", v311, 0x10, "<MQTT> 00 02 0000 <a>", kUnknown, unsupported},
      {"level_2 [MQTT-3.1.2-2]", v311, 0x10, "<MQTT> 02 02 0000 <a>", kUnknown, unsupported},
      {"level_6 [MQTT-3.1.2-2]", v5, 0x10, "<MQTT> 06 02 0000 {} <a>", kUnknown, unsupported},
      {"level_255 [MQTT-3.1.2-2]", v5, 0x10, "<MQTT> ff 02 0000 {} <a>", kUnknown, unsupported},
      {"bridge_in_5 [MQTT-3.1.2-2]", v5, 0x10, "<MQTT> 85 02 0000 {} <a>", kUnknown, unsupported},
  });
}

TEST(MqttConnect, Of_a_level_above_5_is_refused_in_the_form_of_5_and_others_in_that_of_311) {  // [MQTT-3.1.2-2]
  for (const auto& [level, version] : {std::pair("<MQTT> 06", v5),
                                       {"<MQTT> 7f", v5},
                                       {"<MQTT> 00", v311},
                                       {"<MQTT> 02", v311},
                                       {"<MQTT> ff", v311},
                                       {"<MQIsdp> 02", v5},
                                       {"<MQIsdp> 04", v311},
                                       {"<MQIsdp> 06", v5},
                                       {"<MQTTX> 06", v311}}) {
    const std::string bytes = packet(0x10, std::string(level) + " 02 0000 <a>");
    Decoder decoder({});
    Bytes in = as_bytes(bytes);
    EXPECT_FALSE(decoder.next(in)) << level;
    EXPECT_EQ(decoder.version(), version) << level;
  }
}

TEST(MqttConnect, With_flags_that_do_not_fit_is_refused) {
  constexpr std::string_view kNoWill = "will QoS or retain without a will";
  constexpr std::string_view kNoUser = "a password without a user name";
  expect_all_refused({
      {"reserved [MQTT-3.1.2-3]", v311, 0x10, "<MQTT> 04 03 0000 <a>", "the reserved connect flag is set"},
      {"reserved_in_5 [MQTT-3.1.2-3]", v5, 0x10, "<MQTT> 05 03 0000 {} <a>", "the reserved connect flag is set"},
      {"reserved_in_31 [MQTT-3.1.2-3]", v31, 0x10, "<MQIsdp> 03 03 0000 <a>", "the reserved connect flag is set"},
      {"qos_1_without_will [MQTT-3.1.2-11]", v5, 0x10, "<MQTT> 05 0a 0000 {} <a>", kNoWill},
      {"qos_2_without_will [MQTT-3.1.2-13 of 3.1.1]", v311, 0x10, "<MQTT> 04 12 0000 <a>", kNoWill},
      {"retain_without_will [MQTT-3.1.2-13]", v5, 0x10, "<MQTT> 05 22 0000 {} <a>", kNoWill},
      {"retain_without_will_311 [MQTT-3.1.2-15 of 3.1.1]", v311, 0x10, "<MQTT> 04 22 0000 <a>", kNoWill},
      {"will_qos_3 [MQTT-3.1.2-12]", v5, 0x10, "<MQTT> 05 1e 0000 {} <a> {} <w> <x>", "a will at QoS 3"},
      {"will_qos_3_311 [MQTT-3.1.2-14 of 3.1.1]", v311, 0x10, "<MQTT> 04 1e 0000 <a> <w> <x>", "a will at QoS 3"},
      {"password_alone [MQTT-3.1.2-22 of 3.1.1]", v311, 0x10, "<MQTT> 04 42 0000 <a> <pw>", kNoUser},
      {"password_alone_31", v31, 0x10, "<MQIsdp> 03 42 0000 <a> <pw>", kNoUser},
  });
}

TEST(MqttConnect, Whose_fields_are_not_those_that_its_flags_say_is_refused) {
  expect_all_refused({
      {"nothing", v311, 0x10, "", kCut},
      {"no_level", v311, 0x10, "<MQTT>", kCut},
      {"no_keep_alive", v311, 0x10, "<MQTT> 04 02", kCut},
      {"no_client_id [MQTT-3.1.3-3]", v311, 0x10, "<MQTT> 04 02 0000", kCut},
      {"no_properties [MQTT-2.2.2-1]", v5, 0x10, "<MQTT> 05 02 0000", "a variable byte integer is cut off"},
      {"client_id_without_properties", v5, 0x10, "<MQTT> 05 02 0000 {} 0005 'a'", kCut},
      {"no_will [MQTT-3.1.2-9]", v311, 0x10, "<MQTT> 04 06 0000 <a>", kCut},
      {"no_will_payload [MQTT-3.1.2-9]", v311, 0x10, "<MQTT> 04 06 0000 <a> <w>", kCut},
      {"no_will_properties [MQTT-2.2.2-1]", v5, 0x10, "<MQTT> 05 06 0000 {} <a>", "a variable byte integer is cut off"},
      {"unflagged_will [MQTT-3.1.3-1]", v311, 0x10, "<MQTT> 04 02 0000 <a> <w> <x>", kBehind},
      {"no_user_name [MQTT-3.1.2-17]", v5, 0x10, "<MQTT> 05 82 0000 {} <a>", kCut},
      {"no_user_name_311 [MQTT-3.1.2-19 of 3.1.1]", v311, 0x10, "<MQTT> 04 82 0000 <a>", kCut},
      {"no_user_name_31", v31, 0x10, "<MQIsdp> 03 82 0000 <a>", kCut},
      {"unflagged_user_name [MQTT-3.1.2-16]", v5, 0x10, "<MQTT> 05 02 0000 {} <a> <ana>", kBehind},
      {"unflagged_user_name_311 [MQTT-3.1.2-18 of 3.1.1]", v311, 0x10, "<MQTT> 04 02 0000 <a> <ana>", kBehind},
      {"no_password [MQTT-3.1.2-19]", v5, 0x10, "<MQTT> 05 c2 0000 {} <a> <ana>", kCut},
      {"no_password_311 [MQTT-3.1.2-21 of 3.1.1]", v311, 0x10, "<MQTT> 04 c2 0000 <a> <ana>", kCut},
      {"unflagged_password [MQTT-3.1.2-18]", v5, 0x10, "<MQTT> 05 82 0000 {} <a> <ana> <pw>", kBehind},
      {"unflagged_password_311 [MQTT-3.1.2-20 of 3.1.1]", v311, 0x10, "<MQTT> 04 82 0000 <a> <ana> <pw>", kBehind},
  });
}

TEST(MqttConnect, With_strings_that_are_no_UTF_8_is_refused) {
  expect_all_refused({
      {"client_id [MQTT-3.1.3-4]", v5, 0x10, "<MQTT> 05 02 0000 {} [ff]", kUtf8},
      {"client_id_surrogate [MQTT-1.5.4-1]", v5, 0x10, "<MQTT> 05 02 0000 {} [eda080]", kUtf8},
      {"client_id_surrogate_311 [MQTT-1.5.3-1]", v311, 0x10, "<MQTT> 04 02 0000 [eda080]", kUtf8},
      {"client_id_nul [MQTT-1.5.4-2]", v5, 0x10, "<MQTT> 05 02 0000 {} [00]", kUtf8},
      {"client_id_nul_311 [MQTT-1.5.3-2]", v311, 0x10, "<MQTT> 04 02 0000 [610062]", kUtf8},
      {"client_id_modified_utf8_31", v31, 0x10, "<MQIsdp> 03 02 0000 [c080]", kUtf8},
      {"client_id_control", v311, 0x10, "<MQTT> 04 02 0000 [610a]", kUtf8},
      {"will_topic [MQTT-3.1.3-11]", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {} [ff] <x>", kUtf8},
      {"will_topic_311 [MQTT-3.1.3-10 of 3.1.1]", v311, 0x10, "<MQTT> 04 06 0000 <a> [ff] <x>", kUtf8},
      {"user_name [MQTT-3.1.3-12]", v5, 0x10, "<MQTT> 05 82 0000 {} <a> [80]", kUtf8},
      {"user_name_311 [MQTT-3.1.3-11 of 3.1.1]", v311, 0x10, "<MQTT> 04 82 0000 <a> [80]", kUtf8},
      {"user_property_key [MQTT-1.5.7-1]", v5, 0x10, "<MQTT> 05 02 0000 {26 [ff] <b>} <a>", kUtf8},
      {"user_property_value [MQTT-1.5.7-1]", v5, 0x10, "<MQTT> 05 02 0000 {26 <a> [ff]} <a>", kUtf8},
      {"user_property_nul [MQTT-1.5.4-2]", v5, 0x10, "<MQTT> 05 02 0000 {26 <a> [00]} <a>", kUtf8},
      {"method [MQTT-1.5.4-1]", v5, 0x10, "<MQTT> 05 02 0000 {15 [ff]} <a>", kUtf8},
      {"will_content_type [MQTT-3.3.2-19]", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {03 [ff]} <w> <x>", kUtf8},
  });
}

TEST(MqttConnect, Whose_will_goes_to_no_topic_name_is_refused) {  // [MQTT-3.1.3-11]
  constexpr std::string_view kNoName = "the will's topic is no topic name";
  expect_all_refused({
      {"empty", v311, 0x10, "<MQTT> 04 06 0000 <a> <> <x>", kNoName, Reason::topic_name_invalid},
      {"plus", v311, 0x10, "<MQTT> 04 06 0000 <a> <w/+> <x>", kNoName, Reason::topic_name_invalid},
      {"hash", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {} <#> <x>", kNoName, Reason::topic_name_invalid},
  });
}

TEST(MqttConnect, With_properties_out_of_place_or_range_is_refused) {  // [MQTT-3.1.4-1]
  constexpr std::string_view kNoMethod = "authentication data without a method";
  expect_all_refused({
      {"unknown", v5, 0x10, "<MQTT> 05 02 0000 {7e 00} <a>", "an unknown property"},
      {"unknown_above_63", v5, 0x10, "<MQTT> 05 02 0000 {51 00} <a>", "an unknown property"},
      {"identifier_of_two_bytes", v5, 0x10, "<MQTT> 05 02 0000 {9100 00000000} <a>", "an unknown property"},
      {"of_publish", v5, 0x10, "<MQTT> 05 02 0000 {23 0001} <a>", kStranger, protocol_error},
      {"of_connack", v5, 0x10, "<MQTT> 05 02 0000 {13 0001} <a>", kStranger, protocol_error},
      {"of_the_will", v5, 0x10, "<MQTT> 05 02 0000 {18 00000001} <a>", kStranger, protocol_error},
      {"reason_string", v5, 0x10, "<MQTT> 05 02 0000 {1f <x>} <a>", kStranger, protocol_error},
      {"in_the_will", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {11 00000001} <w> <x>", kStranger, protocol_error},
      {"alias_in_the_will", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {23 0001} <w> <x>", kStranger, protocol_error},
      {"twice", v5, 0x10, "<MQTT> 05 02 0000 {11 00000001 11 00000001} <a>", kTwice, protocol_error},
      {"twice_in_the_will", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {01 00 01 00} <w> <x>", kTwice, protocol_error},
      {"receive_maximum_0", v5, 0x10, "<MQTT> 05 02 0000 {21 0000} <a>", kZero, protocol_error},
      {"maximum_packet_size_0", v5, 0x10, "<MQTT> 05 02 0000 {27 00000000} <a>", kZero, protocol_error},
      {"response_information_2", v5, 0x10, "<MQTT> 05 02 0000 {19 02} <a>", kFlag, protocol_error},
      {"problem_information_2", v5, 0x10, "<MQTT> 05 02 0000 {17 02} <a>", kFlag, protocol_error},
      {"payload_format_2", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {01 02} <w> <x>", kFlag, protocol_error},
      {"data_without_method", v5, 0x10, "<MQTT> 05 02 0000 {16 <d>} <a>", kNoMethod, protocol_error},
      {"response_topic_with_wildcard [MQTT-3.3.2-14]", v5, 0x10, "<MQTT> 05 06 0000 {} <a> {08 <r/+>} <w> <x>",
       "the response topic is no topic name", protocol_error},
      {"property_cut_off", v5, 0x10, "<MQTT> 05 02 0000 {11 0000} <a>", kCut},
      {"properties_longer_than_the_packet", v5, 0x10, "<MQTT> 05 02 0000 7f <a>", kCut},
  });
}

TEST(MqttConnect, Keeps_the_order_of_user_properties_among_others) {  // [MQTT-3.1.3-10]
  const std::string bytes =
      packet(0x10, "<MQTT> 05 06 0000 {} <a> {26 <k> <1> 18 00000001 26 <k> <2> 01 01 26 <b> <3> 02 00000001} <w> <>");
  Decoder decoder({});
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_TRUE(tell(**decoded).ends_with("delay=1 format=1 expiry=1 (k:1) (k:2) (b:3)")) << tell(**decoded);
}

TEST(MqttConnect, Takes_ids_of_all_letters_and_of_every_length) {  // [MQTT-3.1.3-5]
  const std::string letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const std::string& id : {letters.substr(0, 1), letters.substr(0, 23), letters, std::string(60'000, 'x'),
                                std::string("\xef\xbb\xbf"
                                            "a")}) {  // a byte order mark stays [MQTT-1.5.4-3]
    const std::string bytes = packet(0x10, "<MQTT> 05 02 0000 {} <" + id + ">");
    Decoder decoder({});
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded && *decoded) << id.size();
    EXPECT_EQ(std::get<Connect>(**decoded).client_id, id);
  }
}

TEST(MqttConnack, Of_MQTT_3_1_has_no_session_present) {
  const std::string bytes = packet(0x20, "01 00");
  Decoder decoder = decoder_of(v31, Hears::server);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ(tell(**decoded), "CONNACK reason=00");
}

TEST(MqttConnack, That_a_server_must_not_send_is_refused) {
  constexpr std::string_view kReason = "a reason code that this packet cannot have";
  constexpr std::string_view kPresent = "a refusal with a session present";
  expect_all_refused(
      {
          {"reserved_flags [MQTT-3.2.2-1]", v5, 0x20, "02 00 {}", "reserved acknowledge flags"},
          {"unknown_return_code [MQTT-3.2.2-6 of 3.1.1]", v311, 0x20, "00 06", "an unknown return code"},
          {"session_present_and_refused [MQTT-3.2.2-4 of 3.1.1]", v311, 0x20, "01 05", kPresent, protocol_error},
          {"session_present_and_refused_in_5 [MQTT-3.2.2-6]", v5, 0x20, "01 87 {}", kPresent, protocol_error},
          {"granted_qos [MQTT-3.2.2-8]", v5, 0x20, "00 01 {}", kReason, protocol_error},
          {"keep_alive_timeout [MQTT-3.2.2-8]", v5, 0x20, "00 8d {}", kReason, protocol_error},
          {"server_shutting_down [MQTT-3.2.2-8]", v5, 0x20, "00 8b {}", kReason, protocol_error},
          {"no_properties [MQTT-2.2.2-1]", v5, 0x20, "00 00", "a variable byte integer is cut off"},
          {"receive_maximum_0", v5, 0x20, "00 00 {21 0000}", kZero, protocol_error},
          {"maximum_packet_size_0", v5, 0x20, "00 00 {27 00000000}", kZero, protocol_error},
          {"maximum_qos_2", v5, 0x20, "00 00 {24 02}", kFlag, protocol_error},
          {"of_connect", v5, 0x20, "00 00 {17 01}", kStranger, protocol_error},
          {"twice", v5, 0x20, "00 00 {13 0001 13 0001}", kTwice, protocol_error},
          {"behind", v311, 0x20, "00 00 00", kBehind},
      },
      Hears::server);
}

}  // namespace
}  // namespace mqttio::mqtt::story
