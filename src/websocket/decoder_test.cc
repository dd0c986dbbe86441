#include "websocket/decoder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mqttio::websocket {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

/// A client's frame. `first`: fin and opcode, as one byte.
std::string frame(uint8_t first, std::string payload, std::string_view mask = "\x37\xfa\x21\x3d") {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | payload.size());
  } else {
    bytes += '\xfe';
    bytes += static_cast<char>(payload.size() >> 8);
    bytes += static_cast<char>(payload.size());
  }
  for (size_t i = 0; i < payload.size(); ++i) payload[i] ^= mask[i % 4];
  return bytes + std::string(mask) + payload;
}

/// A connection: hears pieces, and tells of whole messages and control frames. Pieces of data become messages here.
class Peer {
 public:
  explicit Peer(uint64_t max_message = 1000) : assembler_(max_message) {}

  void says(std::string piece) {
    auto in = std::as_writable_bytes(std::span(piece));
    while (error.empty()) {
      const auto event = decoder_.next(in);
      if (!event) return fail(event.error());
      if (!*event) break;
      hear(**event);
    }
    if (error.empty()) {
      EXPECT_TRUE(in.empty()) << "what belongs to an unfinished frame is kept inside";
    }
  }

  Lines heard;
  std::string error;

 private:
  void fail(const Error& why) { error = std::to_string(why.close_code) + " " + std::string(why.what); }

  void hear(const Event& event) {
    static constexpr std::string_view kNames[] = {"", "ping ", "pong ", "close "};
    if (event.kind != Event::Kind::data) {
      heard.push_back(std::string(kNames[static_cast<int>(event.kind)]) + std::string(as_text(event.payload)));
      return;
    }
    const auto message = assembler_.add(event);
    if (!message) return fail(message.error());
    if (*message) heard.push_back(((*message)->text ? "text " : "binary ") + std::string(as_text((*message)->bytes)));
  }

  Decoder decoder_;
  Assembler assembler_;
};

struct Case {
  std::string_view name;
  std::string bytes;
  Lines heard;
  std::string error = "";
};

constexpr uint8_t kText = 0x81;
constexpr uint8_t kBinary = 0x82;

const Case kStreams[] = {
    {"text", frame(kText, "hello"), {"text hello"}},
    {"binary", frame(kBinary, "\x00\xff"s), {"binary \x00\xff"s}},
    {"empty", frame(kBinary, ""), {"binary "}},
    {"empty_and_more", frame(kBinary, "") + frame(kText, "") + frame(kBinary, "x"), {"binary ", "text ", "binary x"}},
    {"other_masks",
     frame(kBinary, "ab", "\0\0\0\0"s) + frame(kBinary, "cd", "\xff\xfe\xfd\xfc"),
     {"binary ab", "binary cd"}},
    {"medium", frame(kBinary, std::string(300, 'x')), {"binary " + std::string(300, 'x')}},
    {"fragments", frame(0x01, "he") + frame(0x00, "ll") + frame(0x80, "o"), {"text hello"}},
    {"empty_fragments", frame(0x02, "") + frame(0x00, "") + frame(0x80, ""), {"binary "}},
    {"last_fragment_empty", frame(0x02, "a") + frame(0x80, ""), {"binary a"}},
    {"character_over_fragments", frame(0x01, "\xe2") + frame(0x80, "\x82\xac"), {"text \xe2\x82\xac"}},
    {"controls_in_between",
     frame(0x01, "he") + frame(0x89, "are you there") + frame(0x00, "l") + frame(0x8a, "") + frame(0x80, "lo"),
     {"ping are you there", "pong ", "text hello"}},
    {"two_messages_in_fragments",
     frame(0x01, "a") + frame(0x80, "b") + frame(0x02, "c") + frame(0x80, "d"),
     {"text ab", "binary cd"}},
    {"longest_ping",
     frame(0x89, std::string(125, 'p')) + frame(kText, "x"),
     {"ping " + std::string(125, 'p'), "text x"}},
    {"close",
     frame(0x88,
           "\x03\xe8"
           "bye"),
     {"close \x03\xe8"
      "bye"}},
    {"empty_close", frame(0x88, ""), {"close "}},
    // What must end the connection; what came whole before it is heard.
    {"continuation_of_nothing", frame(kText, "a") + frame(0x80, "b"), {"text a"}, "1002 a continuation of nothing"},
    {"message_inside_another", frame(0x01, "a") + frame(0x81, "b"), {}, "1002 a new message inside another"},
    {"binary_inside_text", frame(0x01, "a") + frame(0x02, "b"), {}, "1002 a new message inside another"},
    {"no_mask", frame(kText, "a") + "\x81\x01x", {"text a"}, "1002 a client's frame without a mask"},
    {"reserved_bit", frame(0xc1, "a"), {}, "1002 reserved bits are set"},
    {"reserved_opcode", frame(0x83, "a"), {}, "1002 a reserved opcode"},
    {"fragment_of_a_ping", frame(0x09, "a"), {}, "1002 a control frame that is long or fragmented"},
    {"ping_of_126", frame(0x89, std::string(126, 'p')), {}, "1002 a control frame that is long or fragmented"},
    {"text_that_is_no_UTF_8", frame(kText, "a\xff"), {}, "1007 a text message is no UTF-8"},
    {"text_that_ends_in_a_character", frame(0x01, "\xe2") + frame(0x80, "\x82"), {}, "1007 a text message is no UTF-8"},
    {"binary_need_not_be_UTF_8", frame(kBinary, "\xff"), {"binary \xff"}},
    {"at_the_limit", frame(kBinary, std::string(1000, 'x')), {"binary " + std::string(1000, 'x')}},
    {"above_the_limit", frame(kBinary, std::string(1001, 'x')), {}, "1009 a message is larger than the limit"},
    {"fragments_at_the_limit",
     frame(0x02, std::string(999, 'x')) + frame(0x80, "y"),
     {"binary " + std::string(999, 'x') + "y"}},
    {"fragments_above_the_limit",
     frame(0x02, std::string(999, 'x')) + frame(0x80, "yy"),
     {},
     "1009 a message is larger than the limit"},
};

TEST(WebSocketDecoder, Hears_the_same_however_the_stream_is_cut) {
  for (const Case& c : kStreams) {
    for (size_t cut = 0; cut < c.bytes.size(); ++cut) {
      Peer peer;
      peer.says(c.bytes.substr(0, cut));
      peer.says(c.bytes.substr(cut));
      ASSERT_EQ(peer.heard, c.heard) << c.name << " cut at " << cut;
      ASSERT_EQ(peer.error, c.error) << c.name << " cut at " << cut;
    }
    Peer slow;
    for (const char byte : c.bytes) slow.says(std::string(1, byte));
    EXPECT_EQ(slow.heard, c.heard) << c.name << " byte by byte";
    EXPECT_EQ(slow.error, c.error) << c.name << " byte by byte";
  }
}

TEST(WebSocketDecoder, Refuses_a_message_above_the_limit_from_its_header_and_first_byte) {
  Peer peer;
  peer.says(
      "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"
      "maskx");
  EXPECT_EQ(peer.error, "1009 a message is larger than the limit");
}

TEST(WebSocketDecoder, Hands_payload_on_as_it_comes_and_says_how_much_is_still_to_come) {
  Decoder decoder;
  std::string bytes = frame(0x01, "hello");
  auto in = std::as_writable_bytes(std::span(bytes)).first(8);
  auto event = decoder.next(in);
  ASSERT_TRUE(event && *event);
  EXPECT_EQ(as_text((*event)->payload), "he");
  EXPECT_EQ((*event)->remaining, 3u);
  EXPECT_TRUE((*event)->text);
  EXPECT_FALSE((*event)->last);
  EXPECT_EQ(static_cast<void*>((*event)->payload.data()), bytes.data() + 6) << "nothing is copied";

  in = std::as_writable_bytes(std::span(bytes)).subspan(8);
  event = decoder.next(in);
  ASSERT_TRUE(event && *event);
  EXPECT_EQ(as_text((*event)->payload), "llo");
  EXPECT_EQ((*event)->remaining, 0u);
  EXPECT_FALSE((*event)->last) << "the message goes on in another frame";

  bytes = frame(0x80, "");
  in = std::as_writable_bytes(std::span(bytes));
  event = decoder.next(in);
  ASSERT_TRUE(event && *event);
  EXPECT_TRUE((*event)->last);
  EXPECT_TRUE((*event)->text) << "a continuation is of the kind of its message";
}

TEST(WebSocketAssembler, Hands_a_message_that_comes_in_one_piece_on_without_a_copy) {
  Assembler assembler(100);
  std::string piece = "whole";
  const auto message = assembler.add({.text = true, .last = true, .payload = std::as_writable_bytes(std::span(piece))});
  ASSERT_TRUE(message && *message);
  EXPECT_EQ(static_cast<const void*>((*message)->bytes.data()), piece.data());
}

}  // namespace
}  // namespace mqttio::websocket
