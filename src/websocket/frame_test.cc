#include "websocket/frame.h"

#include <gtest/gtest.h>

#include <string>

#include "websocket/handshake.h"

namespace mqttio::websocket {
namespace {

using namespace std::string_literals;

const std::string kMask = "\x01\x02\x03\x04";

struct HeaderCase {
  std::string_view name;
  std::string bytes;
  Opcode opcode;
  bool fin;
  uint64_t length;
};

// RFC 6455, section 5.2: each length in its shortest form.
const HeaderCase kHeaders[] = {
    {"binary", "\x82\x85" + kMask, Opcode::binary, true, 5},
    {"text", "\x81\x80" + kMask, Opcode::text, true, 0},
    {"begins", "\x02\x81" + kMask, Opcode::binary, false, 1},
    {"goes_on", "\x00\x81"s + kMask, Opcode::continuation, false, 1},
    {"ends", "\x80\x81" + kMask, Opcode::continuation, true, 1},
    {"short_max", "\x82\xfd" + kMask, Opcode::binary, true, 125},
    {"medium_min", "\x82\xfe\x00\x7e"s + kMask, Opcode::binary, true, 126},
    {"medium_max", "\x82\xfe\xff\xff" + kMask, Opcode::binary, true, 65'535},
    {"long_min", "\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"s + kMask, Opcode::binary, true, 65'536},
    {"long_max", "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff" + kMask, Opcode::binary, true, INT64_MAX},
    {"close", "\x88\x80" + kMask, Opcode::close, true, 0},
    {"ping", "\x89\xfd" + kMask, Opcode::ping, true, 125},
    {"pong", "\x8a\x80" + kMask, Opcode::pong, true, 0},
};

TEST(WebSocketHeader, Is_read_as_RFC_6455_writes_it) {
  for (const HeaderCase& c : kHeaders) {
    const std::string bytes = c.bytes + "payload";
    Bytes in = as_bytes(bytes);
    const auto header = take_frame_header(in);
    ASSERT_TRUE(header) << c.name << ": " << header.error().what;
    ASSERT_TRUE(*header) << c.name;
    EXPECT_EQ((*header)->opcode, c.opcode) << c.name;
    EXPECT_EQ((*header)->fin, c.fin) << c.name;
    EXPECT_EQ((*header)->length, c.length) << c.name;
    EXPECT_EQ(as_text((*header)->mask), kMask) << c.name;
    EXPECT_EQ(as_text(in), "payload") << c.name;
  }
}

TEST(WebSocketHeader, That_is_cut_anywhere_is_not_all_here_and_nothing_is_taken) {
  for (const HeaderCase& c : kHeaders) {
    for (size_t size = 0; size < c.bytes.size(); ++size) {
      Bytes in = as_bytes(std::string_view(c.bytes).substr(0, size));
      const auto header = take_frame_header(in);
      ASSERT_TRUE(header) << c.name << " cut at " << size;
      EXPECT_FALSE(*header) << c.name << " cut at " << size;
      EXPECT_EQ(in.size(), size) << c.name;
    }
  }
}

TEST(WebSocketHeader, That_a_client_must_not_send_is_refused) {
  const struct {
    std::string_view name;
    std::string bytes;
    std::string_view what;
  } cases[] = {
      {"no_mask", "\x82\x05hello", "a client's frame without a mask"},
      {"reserved_1", "\xc2\x80" + kMask, "reserved bits are set"},
      {"reserved_2", "\xa2\x80" + kMask, "reserved bits are set"},
      {"reserved_3", "\x92\x80" + kMask, "reserved bits are set"},
      {"opcode_3", "\x83\x80" + kMask, "a reserved opcode"},
      {"opcode_7", "\x87\x80" + kMask, "a reserved opcode"},
      {"opcode_11", "\x8b\x80" + kMask, "a reserved opcode"},
      {"opcode_15", "\x8f\x80" + kMask, "a reserved opcode"},
      {"medium_125", "\x82\xfe\x00\x7d"s + kMask, "a length not in its shortest form"},
      {"long_65535", "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + kMask, "a length not in its shortest form"},
      {"highest_bit", "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00"s + kMask, "a length not in its shortest form"},
      {"long_ping", "\x89\xfe\x00\x7e"s + kMask, "a control frame that is long or fragmented"},
      {"very_long_close", "\x88\xff" + kMask, "a control frame that is long or fragmented"},
      {"part_of_a_ping", "\x09\x80" + kMask, "a control frame that is long or fragmented"},
  };
  for (const auto& c : cases) {
    Bytes in = as_bytes(c.bytes);
    const auto header = take_frame_header(in);
    ASSERT_FALSE(header) << c.name;
    EXPECT_EQ(header.error().what, c.what) << c.name;
    EXPECT_EQ(header.error().close_code, close_code::protocol_error) << c.name;
  }
}

TEST(WebSocketHeader, Of_ours_has_no_mask_and_the_shortest_length) {
  const std::pair<uint64_t, std::string> cases[] = {
      {0, "\x82\x00"s},
      {125, "\x82\x7d"},
      {126, "\x82\x7e\x00\x7e"s},
      {65'535, "\x82\x7e\xff\xff"},
      {65'536, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
  };
  for (const auto& [length, bytes] : cases) {
    std::array<std::byte, kMaxServerHeader> to;
    EXPECT_EQ(write_server_header(to.data(), Opcode::binary, length), bytes.size()) << length;
    EXPECT_EQ(server_header_size(length), bytes.size()) << length;
    EXPECT_EQ(as_text(to).substr(0, bytes.size()), bytes) << length;
  }
}

TEST(WebSocketFrame, Of_ours_is_the_header_and_what_is_told) {
  Buffer out;
  append_frame(out, Opcode::text, as_bytes("Hello"));  // RFC 6455, section 5.7
  EXPECT_EQ(out.text(), "\x81\x05Hello");
  out.clear();
  append_close(out, close_code::going_away, "bye");
  EXPECT_EQ(out.text(),
            "\x88\x05\x03\xe9"
            "bye");
  out.clear();
  append_close(out, close_code::normal, std::string(500, 'x'));
  EXPECT_EQ(out.size(), 2u + 125u) << "a control frame has at most 125 bytes";
}

TEST(WebSocketMask, Is_undone_from_every_offset_at_every_length) {
  const std::array<std::byte, 4> mask{std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}};
  for (size_t length = 0; length < 40; ++length) {
    for (uint64_t offset : {0ull, 1ull, 2ull, 3ull, 4ull, 5ull, 7ull, 1'000'003ull, (1ull << 40) + 2}) {
      std::string payload;
      std::string expected;
      for (size_t i = 0; i < length; ++i) {
        payload += static_cast<char>(i * 31);
        expected += static_cast<char>(static_cast<uint8_t>(i * 31) ^ to_u8(mask[(offset + i) % 4]));
      }
      unmask(std::as_writable_bytes(std::span(payload)), mask, offset);
      ASSERT_EQ(payload, expected) << length << " from " << offset;
    }
  }
}

TEST(WebSocketMask, Of_the_standards_example_is_undone) {  // RFC 6455, section 5.7
  std::string payload = "\x7f\x9f\x4d\x51\x58";
  unmask(std::as_writable_bytes(std::span(payload)),
         {std::byte{0x37}, std::byte{0xfa}, std::byte{0x21}, std::byte{0x3d}}, 0);
  EXPECT_EQ(payload, "Hello");
}

TEST(WebSocketClose, Has_a_code_that_may_be_sent_or_none) {
  const struct {
    uint16_t code;
    bool fine;
  } cases[] = {
      {0, false},    {999, false},  {1000, true}, {1001, true},  {1002, true},  {1003, true},  {1004, false},
      {1005, false}, {1006, false}, {1007, true}, {1008, true},  {1009, true},  {1010, true},  {1011, true},
      {1012, true},  {1013, true},  {1014, true}, {1015, false}, {1016, false}, {1999, false}, {2000, false},
      {2999, false}, {3000, true},  {3999, true}, {4000, true},  {4999, true},  {5000, false}, {65'535, false},
  };
  for (const auto& c : cases) {
    Buffer payload;
    payload.put_u16(c.code);
    const auto code = parse_close(payload.view());
    EXPECT_EQ(code.has_value(), c.fine) << c.code;
    if (!code) {
      EXPECT_EQ(code.error().close_code, close_code::protocol_error) << c.code;
    } else {
      EXPECT_EQ(*code, c.code);
    }
  }
}

TEST(WebSocketClose, May_be_empty_and_its_words_are_UTF_8) {
  EXPECT_EQ(parse_close({}).value(), 1005);
  EXPECT_EQ(parse_close(as_bytes("\x03\xe8"
                                 "bye \xc3\xa9"))
                .value(),
            1000);
  EXPECT_EQ(parse_close(as_bytes("\x03")).error().close_code, close_code::protocol_error);
  EXPECT_EQ(parse_close(as_bytes("\x03\xe8\xff")).error().close_code, close_code::invalid_data);
}

TEST(WebSocketHandshake, Answers_the_key_of_the_standards_example) {  // RFC 6455, section 1.3
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, Has_a_key_of_16_bytes) {
  EXPECT_TRUE(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_key("AAAAAAAAAAAAAAAAAAAAAA=="));
  for (const std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZUE=", "dGhlIHNhbXBsZSBub25jZUFB",
        "dGhlIHNhbXBsZSBub25j!Q==", "AAAA"})
    EXPECT_FALSE(is_key(key)) << key;
}

}  // namespace
}  // namespace mqttio::websocket
