// What holds for all packets: the fixed header, who may send what, limits, one packet behind the other.

#include "mqtt/decoder.h"

#include "mqtt/decoder_story.h"
#include "mqtt/encoder.h"
#include "mqtt/reader.h"

namespace mqttio::mqtt::story {
namespace {

constexpr Reason protocol_error = Reason::protocol_error;

struct VarintCase {
  std::string_view name;
  std::string bytes;
  std::optional<uint32_t> value;
  std::string_view fault = "";
};

constexpr std::string_view kLong = "variable byte integer over four bytes";
constexpr std::string_view kNotShort = "variable byte integer not in its shortest form";

// The smallest and largest value of each length, and what must be refused. MQTT 5, table 1-1. [MQTT-1.5.5-1]
const VarintCase kVarints[] = {
    {"zero", wire("00"), 0},
    {"one_byte_max", wire("7f"), 127},
    {"two_bytes_min", wire("80 01"), 128},
    {"two_bytes_max", wire("ff 7f"), 16'383},
    {"three_bytes_min", wire("80 80 01"), 16'384},
    {"three_bytes_max", wire("ff ff 7f"), 2'097'151},
    {"four_bytes_min", wire("80 80 80 01"), 2'097'152},
    {"four_bytes_max", wire("ff ff ff 7f"), 268'435'455},
    {"nothing", "", std::nullopt},
    {"cut_after_one", wire("80"), std::nullopt},
    {"cut_after_three", wire("ff ff ff"), std::nullopt},
    {"zero_in_two", wire("80 00"), std::nullopt, kNotShort},
    {"127_in_two", wire("ff 00"), std::nullopt, kNotShort},
    {"zero_in_four", wire("80 80 80 00"), std::nullopt, kNotShort},
    {"five_bytes", wire("80 80 80 80 01"), std::nullopt, kLong},
    {"five_bytes_begun", wire("ff ff ff ff"), std::nullopt, kLong},
};

TEST(MqttVarint, Is_read_from_its_shortest_form_alone) {
  for (const VarintCase& c : kVarints) {
    Bytes in = as_bytes(c.bytes);
    const auto taken = take_varint(in);
    ASSERT_EQ(taken.has_value(), c.fault.empty()) << c.name;
    if (!taken) {
      EXPECT_EQ(taken.error().what, c.fault) << c.name;
      EXPECT_EQ(taken.error().reason, Reason::malformed_packet) << c.name;
      continue;
    }
    EXPECT_EQ(*taken, c.value) << c.name;
    EXPECT_EQ(in.size(), c.value ? 0 : c.bytes.size()) << c.name;
  }
}

TEST(MqttVarint, Is_written_in_its_shortest_form) {  // [MQTT-1.5.5-1]
  for (const VarintCase& c : kVarints) {
    if (!c.value) continue;
    Buffer out;
    put_varint(out, *c.value);
    EXPECT_EQ(out.text(), c.bytes) << c.name;
    EXPECT_EQ(varint_size(*c.value), c.bytes.size()) << c.name;
  }
}

TEST(MqttDecoder, Refuses_lengths_that_are_no_variable_byte_integers) {  // [MQTT-1.5.5-1]
  for (const auto& [bytes, what] : {std::pair(wire("c0 80 00"), kNotShort), {wire("c0 ff ff ff ff"), kLong}}) {
    Decoder decoder = decoder_of(v5);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().what, what);
  }
  expect_all_refused({{"property_length", v5, 0x30, "<a> 80 00 'x'", kNotShort},
                      {"property_length_of_five", v5, 0x30, "<a> ff ff ff ff 01 'x'", kLong}});
}

/// What the decoder says of a packet from its first byte alone.
std::string_view verdict(Version version, Hears hears, int first) {
  const std::string bytes(1, static_cast<char>(first));
  Decoder decoder = decoder_of(version, hears);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  return decoded ? "" : decoded.error().what;
}

// Every type with each of the 16 values of its flags. [MQTT-2.1.3-1], [MQTT-2.2.2-1 and -2 of 3.1.1],
// [MQTT-3.6.1-1], [MQTT-3.8.1-1], [MQTT-3.10.1-1], [MQTT-3.14.1-1], [MQTT-3.15.1-1]
TEST(MqttDecoder, Refuses_flags_other_than_those_of_the_type) {
  for (const Version version : {v31, v311, v5}) {
    for (int type = 2; type <= 15; ++type) {
      if (type == 3 || (type == 15 && version != v5)) continue;
      const bool has_two = type == 6 || type == 8 || type == 10;
      const bool of_server = type == 2 || type == 9 || type == 11 || type == 13;
      for (int flags = 0; flags < 16; ++flags) {
        const bool fine = flags == (has_two ? 2 : 0) || (version == v31 && has_two && flags == 10);
        EXPECT_EQ(verdict(version, of_server ? Hears::server : Hears::client, type << 4 | flags),
                  fine ? "" : "wrong flags in the fixed header")
            << type << " " << flags;
      }
    }
  }
}

TEST(MqttDecoder, Refuses_flags_in_CONNECT) {  // [MQTT-2.1.3-1]
  for (int flags = 1; flags < 16; ++flags)
    expect_refused(
        {"flags", v311, static_cast<uint8_t>(0x10 | flags), "<MQTT> 04 02 0000 <a>", "wrong flags in the fixed header"},
        Hears::client);
}

TEST(MqttDecoder, Refuses_types_that_do_not_exist) {
  EXPECT_EQ(verdict(v311, Hears::client, 0x00), "an unknown packet type");
  EXPECT_EQ(verdict(v5, Hears::client, 0x00), "an unknown packet type");
  EXPECT_EQ(verdict(v311, Hears::client, 0xf0), "an unknown packet type");
  EXPECT_EQ(verdict(v31, Hears::client, 0xf0), "an unknown packet type");
}

TEST(MqttDecoder, Refuses_what_only_the_other_side_sends) {
  for (const int first : {0x20, 0x90, 0xb0, 0xd0})
    EXPECT_EQ(verdict(v5, Hears::client, first), "a packet that only servers send") << first;
  for (const int first : {0x10, 0x82, 0xa2, 0xc0})
    EXPECT_EQ(verdict(v5, Hears::server, first), "a packet that only clients send") << first;
}

TEST(MqttDecoder, Hears_nothing_before_CONNECT) {  // [MQTT-3.1.0-1]
  for (int type = 0; type < 16; ++type) {
    if (type == 1) continue;
    const std::string bytes(1, static_cast<char>(type << 4));
    Decoder decoder({});
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_FALSE(decoded) << type;
    EXPECT_EQ(decoded.error().reason, protocol_error) << type;
  }
}

TEST(MqttDecoder, Hears_one_CONNECT_and_keeps_its_version) {  // [MQTT-3.1.0-2]
  Decoder decoder = decoder_of(v5);
  const std::string second = packet(0x10, "<MQTT> 04 02 0000 <a>");
  Bytes in = as_bytes(second);
  const auto decoded = decoder.next(in);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().reason, protocol_error);
  EXPECT_EQ(decoder.version(), v5) << "DISCONNECT must be told in the version of the conversation";
}

TEST(MqttDecoder, Takes_one_packet_after_the_other) {
  const std::string bytes = packet(0x10, "<MQTT> 05 02 0000 {} <a>") + packet(0xc0, "") + packet(0x30, "<a> {} 'hi'") +
                            packet(0xe0, "") + "\xc0";
  Decoder decoder({});
  Bytes in = as_bytes(bytes);
  std::string heard;
  for (auto decoded = decoder.next(in); decoded && *decoded; decoded = decoder.next(in))
    heard += tell(**decoded) + "; ";
  EXPECT_EQ(heard,
            "CONNECT v=5 clean alive=0 id=a; PINGREQ; PUBLISH topic=a payload=hi qos=0 id=0; DISCONNECT reason=00; ");
  EXPECT_EQ(in.size(), 1u);
}

TEST(MqttDecoder, Refuses_a_packet_above_the_limit_from_its_header) {  // [MQTT-3.2.2-15]
  const Decoder::Options options{.max_packet_size = 100, .max_connect_size = 50};
  const struct {
    std::string bytes;
    bool taken;
  } cases[] = {
      {wire("30 62"), true},  // with its two bytes just 100
      {wire("30 63"), false},
      {wire("30 ffffff7f"), false},
      {wire("30"), true},
  };
  for (const auto& c : cases) {
    Decoder decoder = decoder_of(v5, Hears::client, options);
    Bytes in = as_bytes(c.bytes);
    const auto decoded = decoder.next(in);
    EXPECT_EQ(decoded.has_value(), c.taken) << testing::PrintToString(c.bytes);
    if (decoded) continue;
    EXPECT_EQ(decoded.error().reason, Reason::packet_too_large);
  }
}

TEST(MqttDecoder, Has_a_smaller_limit_for_a_CONNECT) {
  const Decoder::Options options{.max_packet_size = 100, .max_connect_size = 50};
  for (const auto& [bytes, taken] : {std::pair(wire("10 30"), true), {wire("10 31"), false}}) {
    Decoder decoder(options);
    Bytes in = as_bytes(bytes);
    EXPECT_EQ(decoder.next(in).has_value(), taken) << testing::PrintToString(bytes);
  }
}

TEST(MqttDecoder, Refuses_bytes_behind_the_end_of_packets_that_have_one) {
  constexpr std::string_view kBehind = "bytes behind the end of a packet";
  expect_all_refused({{"pingreq", v311, 0xc0, "00", kBehind}, {"pingreq_5", v5, 0xc0, "00", kBehind}});
  expect_all_refused({{"pingresp", v311, 0xd0, "00", kBehind}}, Hears::server);
}

TEST(MqttDecoder, Takes_controls_and_noncharacters_where_that_is_chosen_and_never_a_NUL) {  // [MQTT-1.5.4-2]
  const struct {
    std::string_view topic;
    bool strict;
    bool lax;
  } cases[] = {
      {"<a>", true, true},         {"[c3a9]", true, true}, {"[efbbbf61]", true, true},  // [MQTT-1.5.4-3]
      {"[0a]", false, true},       {"[7f]", false, true},  {"[c285]", false, true},    {"[efbfbf]", false, true},
      {"[f09fbfbe]", false, true}, {"[00]", false, false}, {"[eda080]", false, false}, {"[c0af]", false, false},
  };
  for (const auto& c : cases) {
    const std::string bytes = packet(0x30, c.topic);
    for (const bool strict : {true, false}) {
      Decoder decoder = decoder_of(v311, Hears::client, {.strict_utf8 = strict});
      Bytes in = as_bytes(bytes);
      EXPECT_EQ(decoder.next(in).has_value(), strict ? c.strict : c.lax) << c.topic << " strict " << strict;
    }
  }
}

TEST(MqttDecoder, Reads_MQTT_3_1_where_a_packet_is_resent_with_DUP) {
  const std::string bytes = packet(0x8a, "0001 <a> 01");
  Decoder decoder = decoder_of(v31);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  ASSERT_TRUE(decoded && *decoded);
  EXPECT_EQ(tell(**decoded), "SUBSCRIBE id=1 filter=a qos=1");
}

}  // namespace
}  // namespace mqttio::mqtt::story
