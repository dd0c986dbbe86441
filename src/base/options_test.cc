#include "base/options.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace mqttio {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct Case {
  std::string_view text;
  OptionValue value;  ///< Also says what kind is wanted.
};

const Case kValues[] = {
    {"true", true},
    {"false", false},
    {"0", uint64_t{0}},
    {"12", uint64_t{12}},
    {"18446744073709551615", UINT64_MAX},
    {"0B", Size{0}},
    {"1B", Size{1}},
    {"64KiB", Size{65'536}},
    {"1MiB", Size{1'048'576}},
    {"2GiB", Size{2'147'483'648}},
    {"1kB", Size{1000}},
    {"1MB", Size{1'000'000}},
    {"3GB", Size{3'000'000'000}},
    {"1023B", Size{1023}},
    {"0ms", 0ms},
    {"25ms", 25ms},
    {"25s", 25'000ms},
    {"90s", 90'000ms},
    {"5m", 5min},
    {"12h", 12h},
    {"7d", 168h},
    {"50000d", 24h * 50'000},
};

TEST(Options, Are_read_and_written_as_people_write_them) {
  for (const Case& c : kValues) {
    const auto parsed = parse_option(c.text, c.value);
    ASSERT_TRUE(parsed) << c.text << ": " << parsed.error();
    EXPECT_EQ(*parsed, c.value) << c.text;
    EXPECT_EQ(to_text(c.value), c.text);
  }
}

TEST(Options, Have_more_than_one_spelling) {
  const Case cases[] = {
      {"1KB", Size{1000}}, {"1024KiB", Size{1'048'576}}, {"60000ms", 1min}, {"24h", 24h}, {"007", uint64_t{7}},
  };
  for (const Case& c : cases) EXPECT_EQ(parse_option(c.text, c.value), c.value) << c.text;
}

TEST(Options, That_mean_nothing_are_refused_in_a_sentence) {
  const struct {
    std::string_view text;
    OptionValue like;
    std::string_view says;
  } cases[] = {
      {"yes", false, "`yes` is neither `true` nor `false`"},
      {"True", false, "`True` is neither `true` nor `false`"},
      {"", false, "`` is neither `true` nor `false`"},
      {"", uint64_t{}, "`` is not a whole number of 0 or more"},
      {"-1", uint64_t{}, "`-1` is not a whole number of 0 or more"},
      {"+1", uint64_t{}, "`+1` is not a whole number of 0 or more"},
      {" 1", uint64_t{}, "` 1` is not a whole number of 0 or more"},
      {"x", uint64_t{}, "`x` is not a whole number of 0 or more"},
      {"18446744073709551616", uint64_t{}, "`18446744073709551616` is not a whole number of 0 or more"},
      {"12s", uint64_t{}, "`12s` takes a plain number without a unit"},
      {"1.5", uint64_t{}, "`1.5` takes a plain number without a unit"},
      {"64", Size{}, "`64` is no size: write a number and B, KiB, MiB, GiB, kB, MB or GB"},
      {"64 KiB", Size{}, "`64 KiB` is no size: write a number and B, KiB, MiB, GiB, kB, MB or GB"},
      {"64kib", Size{}, "`64kib` is no size: write a number and B, KiB, MiB, GiB, kB, MB or GB"},
      {"17179869184GiB", Size{}, "`17179869184GiB` is no size: write a number and B, KiB, MiB, GiB, kB, MB or GB"},
      {"KiB", Size{}, "`KiB` is not a whole number of 0 or more"},
      {"25", 1ms, "`25` is no duration: write a number and ms, s, m, h or d"},
      {"1w", 1ms, "`1w` is no duration: write a number and ms, s, m, h or d"},
      {"1.5s", 1ms, "`1.5s` is no duration: write a number and ms, s, m, h or d"},
      {"18446744073709551615d", 1ms, "`18446744073709551615d` is no duration: write a number and ms, s, m, h or d"},
      {"50001d", 1ms, "`50001d` is a longer time than a clock can count: at most 50000d"},
      {"18446744073709551615ms", 1ms,
       "`18446744073709551615ms` is a longer time than a clock can count: at most 50000d"},
  };
  for (const auto& c : cases) {
    const auto parsed = parse_option(c.text, c.like);
    ASSERT_FALSE(parsed) << c.text;
    EXPECT_EQ(parsed.error(), c.says);
  }
}

struct Room {
  bool flag = false;
  uint16_t small = 1;
  uint32_t number = 2;
  Size size{3};
  milliseconds time = 4ms;
};

const Field<Room> kFields[] = {
    {"flag", &Room::flag, ""},
    {"small", &Room::small, ""},
    {"number", &Room::number, "", 5, 10},
    {"size", &Room::size, "", 1024},
    {"time", &Room::time, "", 100, 60'000},
};

Result<void, std::string> set(Room& room, std::string_view name, std::string_view text) {
  return set_option(room, *std::ranges::find(kFields, name, &Field<Room>::name), text);
}

TEST(OptionTable, Sets_the_member_that_a_row_names) {
  Room room;
  EXPECT_TRUE(set(room, "flag", "true"));
  EXPECT_TRUE(set(room, "small", "65535"));
  EXPECT_TRUE(set(room, "number", "10"));
  EXPECT_TRUE(set(room, "size", "1KiB"));
  EXPECT_TRUE(set(room, "time", "1m"));
  EXPECT_TRUE(room.flag);
  EXPECT_EQ(room.small, 65'535);
  EXPECT_EQ(room.number, 10u);
  EXPECT_EQ(room.size, Size{1024});
  EXPECT_EQ(room.time, 60s);
  std::string told;
  for (const auto& field : kFields) told += to_text(get_option(room, field)) + " ";
  EXPECT_EQ(told, "true 65535 10 1KiB 1m ");
}

TEST(OptionTable, Refuses_what_is_out_of_range_and_leaves_the_member_alone) {
  for (const auto& [name, text] : {std::pair("small", "65536"),
                                   {"number", "4"},
                                   {"number", "11"},
                                   {"size", "1023B"},
                                   {"time", "99ms"},
                                   {"time", "61s"},
                                   {"flag", "1"}}) {
    Room room;
    EXPECT_FALSE(set(room, name, text)) << name << " " << text;
    EXPECT_EQ(room.small, 1);
    EXPECT_EQ(room.number, 2u);
    EXPECT_EQ(room.size, Size{3});
    EXPECT_EQ(room.time, 4ms);
  }
  Room room;
  EXPECT_EQ(set(room, "number", "11").error(),
            "`11` is out of range: from 5 to 10 (milliseconds, bytes or the plain number)");
  EXPECT_EQ(set(room, "small", "65536").error(),
            "`65536` is out of range: from 0 to 65535 (milliseconds, bytes or the plain number)");
}

TEST(OptionNames, That_are_mistyped_find_the_one_that_was_meant) {
  constexpr std::string_view kNames[] = {"mqtt.max_packet_size", "mqtt.receive_maximum", "http.port", "bind"};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"mqtt.max_packet_size", "mqtt.max_packet_size"},
      {"mqtt.max_packetsize", "mqtt.max_packet_size"},
      {"mqtt.max-packet-size", "mqtt.max_packet_size"},
      {"mqtt.recieve_maximum", "mqtt.receive_maximum"},
      {"max_packet_size", "mqtt.max_packet_size"},
      {"http.prot", "http.port"},
      {"bnid", "bind"},
      {"bin", "bind"},
      {"", ""},
      {"colour", ""},
      {"verbose_logging", ""},
  };
  for (const auto& [wrong, meant] : cases) EXPECT_EQ(nearest_name(wrong, kNames), meant) << wrong;
  EXPECT_EQ(nearest_name("bind", {}), "");
}

}  // namespace
}  // namespace mqttio
