#include "socketio/packet.h"

#include <gtest/gtest.h>

#include <string>

namespace mqttio::socketio {
namespace {

struct Case {
  std::string text;
  PacketType type;
  size_t attachments;
  std::string nsp;
  std::string query;
  std::optional<uint64_t> ack_id;
  std::string json;
  std::string canonical;  ///< As we write it; "" if it is `text`.
};

// Every form that clients of five generations and the reference server were seen to send.
const Case kCases[] = {
    {"0", PacketType::connect, 0, "/", "", {}, "", ""},
    {R"(0{"token":"abc"})", PacketType::connect, 0, "/", "", {}, R"({"token":"abc"})", ""},
    {"0/mqtt", PacketType::connect, 0, "/mqtt", "", {}, "", "0/mqtt,"},
    {"0/mqtt,", PacketType::connect, 0, "/mqtt", "", {}, "", ""},
    {"0/mqtt?token=abc", PacketType::connect, 0, "/mqtt", "token=abc", {}, "", "0/mqtt,"},
    {"0/mqtt?token=abc,", PacketType::connect, 0, "/mqtt", "token=abc", {}, "", "0/mqtt,"},
    {"0/mqtt?a=1?2,", PacketType::connect, 0, "/mqtt", "a=1?2", {}, "", "0/mqtt,"},
    {R"(0/mqtt,{"token":"abc"})", PacketType::connect, 0, "/mqtt", "", {}, R"({"token":"abc"})", ""},
    {R"(0/mqtt,{"sid":"o8pWkwMn4SkJG4XYAAAA"})",
     PacketType::connect,
     0,
     "/mqtt",
     "",
     {},
     R"({"sid":"o8pWkwMn4SkJG4XYAAAA"})",
     ""},
    {"1", PacketType::disconnect, 0, "/", "", {}, "", ""},
    {"1/mqtt", PacketType::disconnect, 0, "/mqtt", "", {}, "", "1/mqtt,"},
    {"1/mqtt,", PacketType::disconnect, 0, "/mqtt", "", {}, "", ""},
    {R"(2["message",1])", PacketType::event, 0, "/", "", {}, R"(["message",1])", ""},
    {R"(2/,["message",1])", PacketType::event, 0, "/", "", {}, R"(["message",1])", R"(2["message",1])"},
    {R"(213["message",1])", PacketType::event, 0, "/", "", 13, R"(["message",1])", ""},
    {R"(2/mqtt,["message"])", PacketType::event, 0, "/mqtt", "", {}, R"(["message"])", ""},
    {R"(2/mqtt?token=abc,["message"])",
     PacketType::event,
     0,
     "/mqtt",
     "token=abc",
     {},
     R"(["message"])",
     R"(2/mqtt,["message"])"},
    {"3/mqtt,12[]", PacketType::ack, 0, "/mqtt", "", 12, "[]", ""},
    {"30[]", PacketType::ack, 0, "/", "", 0, "[]", ""},
    {R"(4/nope,{"message":"Invalid namespace"})",
     PacketType::connect_error,
     0,
     "/nope",
     "",
     {},
     R"({"message":"Invalid namespace"})",
     ""},
    {R"(4/mqtt,"text")", PacketType::connect_error, 0, "/mqtt", "", {}, R"("text")", ""},
    {R"(51-/mqtt,["message",{"_placeholder":true,"num":0}])",
     PacketType::binary_event,
     1,
     "/mqtt",
     "",
     {},
     R"(["message",{"_placeholder":true,"num":0}])",
     ""},
    {R"(51-/mqtt,7["message",{"_placeholder":true,"num":0}])", PacketType::binary_event, 1, "/mqtt", "", 7,
     R"(["message",{"_placeholder":true,"num":0}])", ""},
    {"510-[]", PacketType::binary_event, 10, "/", "", {}, "[]", ""},
    {R"(50-/mqtt,["message"])", PacketType::event, 0, "/mqtt", "", {}, R"(["message"])", R"(2/mqtt,["message"])"},
    {R"(61-/mqtt,12[{"_placeholder":true,"num":0}])", PacketType::binary_ack, 1, "/mqtt", "", 12,
     R"([{"_placeholder":true,"num":0}])", ""},
    {"60-/mqtt,12[]", PacketType::ack, 0, "/mqtt", "", 12, "[]", "3/mqtt,12[]"},
    {"2/mqtt,18446744073709551615[]", PacketType::event, 0, "/mqtt", "", UINT64_MAX, "[]", ""},
};

TEST(SocketIoPacket, Text_becomes_the_packet_and_the_packet_its_canonical_text) {
  for (const Case& c : kCases) {
    const auto packet = decode(c.text);
    ASSERT_TRUE(packet) << c.text;
    EXPECT_EQ(packet->type, c.type) << c.text;
    EXPECT_EQ(packet->attachments, c.attachments) << c.text;
    EXPECT_EQ(packet->nsp, c.nsp) << c.text;
    EXPECT_EQ(packet->query, c.query) << c.text;
    EXPECT_EQ(packet->ack_id, c.ack_id) << c.text;
    EXPECT_EQ(packet->json, c.json) << c.text;
    EXPECT_EQ(encode(*packet), c.canonical.empty() ? c.text : c.canonical);
  }
}

TEST(SocketIoPacket, The_event_that_carries_bytes_is_the_51_letters_that_everybody_sends) {
  const Packet event{.type = PacketType::binary_event, .attachments = 1, .nsp = "/mqtt", .json = kMessageEvent};
  EXPECT_EQ("4" + encode(event), R"(451-/mqtt,["message",{"_placeholder":true,"num":0}])");
}

TEST(SocketIoPacket, Text_that_is_no_packet_is_refused) {
  for (const std::string_view text : {"",
                                      "7",
                                      "9",
                                      "a",
                                      "/",
                                      "-1",
                                      " 0",  //
                                      "5",
                                      "5[]",
                                      "5-",
                                      "5-[]",
                                      "5a-[]",
                                      "51",
                                      "51[]",  //
                                      "5 1-[]",
                                      "5-1-[]",
                                      "511-[]",
                                      "599999999999999999999-[]",
                                      "611-[]",
                                      "6[]",
                                      "2/mqtt,18446744073709551616[]"})
    EXPECT_FALSE(decode(text)) << text;
}

TEST(SocketIoPacket, A_namespace_is_short_printable_ASCII_for_refusals_repeat_it) {
  for (const std::string_view nsp : {"/a\x1e", "/a\n", "/\x7f",
                                     "/gr\xc3\xb6\xc3\x9f"
                                     "e",
                                     "/\xff"})
    EXPECT_FALSE(decode("0" + std::string(nsp) + ",")) << testing::PrintToString(nsp);
  EXPECT_TRUE(decode("0/" + std::string(255, 'a')));
  EXPECT_FALSE(decode("0/" + std::string(256, 'a')));
  EXPECT_TRUE(decode("0/mqtt?" + std::string(4000, 'a'))) << "tokens in a query may be long";
}

TEST(SocketIoPacket, A_packet_that_is_cut_anywhere_is_refused_or_a_shorter_one) {
  for (const Case& c : kCases) {
    for (size_t size = 0; size < c.text.size(); ++size) {
      const std::string_view cut = std::string_view(c.text).substr(0, size);
      const auto packet = decode(cut);
      if (!packet) continue;
      EXPECT_TRUE(c.json.starts_with(packet->json)) << cut;
      EXPECT_TRUE(c.nsp.starts_with(packet->nsp)) << cut;
      EXPECT_TRUE(c.query.starts_with(packet->query)) << cut;
    }
  }
}

}  // namespace
}  // namespace mqttio::socketio
