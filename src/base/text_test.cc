// UTF-8, base64 and SHA-1: well-known things, held to the tables of those who wrote them down.

#include <gtest/gtest.h>

#include <string>

#include "base/base64.h"
#include "base/digest.h"
#include "base/utf8.h"

namespace mqttio {
namespace {

using namespace std::string_literals;

struct Utf8Case {
  std::string_view name;
  std::string text;
  bool well_formed;
  bool strict;
};

// Unicode, table 3-7, from both sides of each boundary.
const Utf8Case kTexts[] = {
    {"empty", "", true, true},
    {"ascii", "abc", true, true},
    {"nul", "\0"s, true, false},
    {"control_01", "\x01", true, false},
    {"control_1f", "\x1f", true, false},
    {"space", " ", true, true},
    {"tilde", "~", true, true},
    {"control_7f", "\x7f", true, false},
    {"first_of_two", "\xc2\x80", true, false},
    {"last_control", "\xc2\x9f", true, false},
    {"first_beyond_controls", "\xc2\xa0", true, true},
    {"last_of_two", "\xdf\xbf", true, true},
    {"first_of_three", "\xe0\xa0\x80", true, true},
    {"last_before_surrogates", "\xed\x9f\xbf", true, true},
    {"first_surrogate", "\xed\xa0\x80", false, false},
    {"last_surrogate", "\xed\xbf\xbf", false, false},
    {"surrogate_pair", "\xed\xa0\xbd\xed\xb8\x80", false, false},
    {"first_behind_surrogates", "\xee\x80\x80", true, true},
    {"before_noncharacters", "\xef\xb7\x8f", true, true},
    {"noncharacter_fdd0", "\xef\xb7\x90", true, false},
    {"noncharacter_fdef", "\xef\xb7\xaf", true, false},
    {"behind_noncharacters", "\xef\xb7\xb0", true, true},
    {"byte_order_mark", "\xef\xbb\xbf", true, true},
    {"replacement_character", "\xef\xbf\xbd", true, true},
    {"noncharacter_fffe", "\xef\xbf\xbe", true, false},
    {"noncharacter_ffff", "\xef\xbf\xbf", true, false},
    {"first_of_four", "\xf0\x90\x80\x80", true, true},
    {"emoji", "\xf0\x9f\x98\x80", true, true},
    {"noncharacter_1fffe", "\xf0\x9f\xbf\xbe", true, false},
    {"noncharacter_1ffff", "\xf0\x9f\xbf\xbf", true, false},
    {"last", "\xf4\x8f\xbf\xbd", true, true},
    {"noncharacter_10ffff", "\xf4\x8f\xbf\xbf", true, false},
    {"above_10ffff", "\xf4\x90\x80\x80", false, false},
    {"lead_f5", "\xf5\x80\x80\x80", false, false},
    {"lead_ff", "\xff", false, false},
    {"five_bytes", "\xf8\x88\x80\x80\x80", false, false},
    {"overlong_nul", "\xc0\x80", false, false},
    {"overlong_slash_2", "\xc0\xaf", false, false},
    {"overlong_7f", "\xc1\xbf", false, false},
    {"overlong_slash_3", "\xe0\x80\xaf", false, false},
    {"overlong_7ff", "\xe0\x9f\xbf", false, false},
    {"overlong_slash_4", "\xf0\x80\x80\xaf", false, false},
    {"overlong_ffff", "\xf0\x8f\xbf\xbf", false, false},
    {"continuation_alone", "\x80", false, false},
    {"cut_of_two", "\xc3", false, false},
    {"cut_of_three", "\xe2\x82", false, false},
    {"cut_of_four", "\xf0\x9f\x98", false, false},
    {"lead_and_letter", "\xc3(", false, false},
    {"three_and_letter", "\xe2\x82(", false, false},
};

// At each place around the eight bytes that are looked at together.
TEST(Utf8, Is_told_from_what_is_none_wherever_it_stands) {
  for (const Utf8Case& c : kTexts) {
    for (size_t before = 0; before < 18; ++before) {
      for (const size_t behind : {0, 1, 9}) {
        const std::string text = std::string(before, 'a') + c.text + std::string(behind, 'z');
        EXPECT_EQ(is_utf8(text), c.well_formed) << c.name << " behind " << before;
        EXPECT_EQ(is_strict_utf8(text), c.strict) << c.name << " behind " << before;
      }
    }
  }
}

TEST(Utf8, Has_the_length_that_JavaScript_counts) {
  EXPECT_EQ(utf16_length(""), 0u);
  EXPECT_EQ(utf16_length("abc"), 3u);
  EXPECT_EQ(utf16_length("\xc3\xa9"), 1u);
  EXPECT_EQ(utf16_length("\xe2\x82\xac"), 1u);
  EXPECT_EQ(utf16_length("a\xf0\x9f\x98\x80"), 3u);
}

// RFC 4648, section 10, and the two letters that differ among alphabets.
const std::pair<std::string, std::string> kBase64[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
    {"\0"s, "AA=="},
};

TEST(Base64, Is_what_RFC_4648_says_both_ways) {
  for (const auto& [bytes, text] : kBase64) {
    Buffer encoded;
    append_base64(encoded, as_bytes(bytes));
    EXPECT_EQ(encoded.text(), text);
    Buffer decoded;
    EXPECT_EQ(append_from_base64(decoded, text), bytes.size()) << text;
    EXPECT_EQ(decoded.text(), bytes) << text;
  }
}

TEST(Base64, Is_taken_without_padding_and_with_URL_letters) {
  for (const auto& [text, bytes] : {std::pair("Zg", "f"), {"Zm8", "fo"}, {"Zg=", "f"}, {"-_-_", "\xfb\xff\xbf"}}) {
    Buffer decoded;
    EXPECT_EQ(append_from_base64(decoded, text), std::string_view(bytes).size()) << text;
    EXPECT_EQ(decoded.text(), bytes) << text;
  }
}

TEST(Base64, That_is_none_is_refused_and_leaves_nothing) {
  for (const std::string_view text :
       {"Z", "Zm9vY", "Zm9v!", "Zm 9v", "Zm9v\n", "Zg==Zg==", "Z===", "====", "Zm9\xc3\xa9", "=Zg=", "Zm.v"}) {
    Buffer decoded;
    decoded.append(std::string_view("kept"));
    EXPECT_EQ(append_from_base64(decoded, text), std::nullopt) << text;
    EXPECT_EQ(decoded.text(), "kept") << text;
  }
  Buffer decoded;
  EXPECT_EQ(append_from_base64(decoded, "Zm9\0"s), std::nullopt);
}

TEST(Base64, Appends_to_what_is_there_and_survives_every_length) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    Buffer text;
    text.append(std::string_view("b"));
    append_base64(text, as_bytes(bytes));
    Buffer again;
    ASSERT_EQ(append_from_base64(again, text.text().substr(1)), bytes.size());
    ASSERT_EQ(again.text(), bytes);
    bytes += static_cast<char>(i * 7);
  }
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[to_u8(byte) >> 4];
    text += "0123456789abcdef"[to_u8(byte) & 15];
  }
  return text;
}

TEST(Sha1, Is_what_FIPS_180_says) {
  EXPECT_EQ(hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex(sha1(as_bytes(""))), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex(sha1(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

}  // namespace
}  // namespace mqttio
