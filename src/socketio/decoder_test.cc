#include "socketio/decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace mqttio::socketio {
namespace {

using namespace std::string_literals;
using Kind = Incoming::Kind;

const std::string kConnack = "\x20\x02\x00\x00"s;
constexpr std::string_view kHeader = R"(51-/mqtt,["message",{"_placeholder":true,"num":0}])";

// A story: a client of the 4.x generation joins, sends bytes, asks for an answer, leaves.
TEST(SocketIoDecoder, A_client_joins_sends_bytes_and_leaves) {
  Decoder decoder;
  auto heard = decoder.text(R"(0/mqtt,{"token":"abc"})");
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->kind, Kind::connect);
  EXPECT_EQ((*heard)->nsp, "/mqtt");
  EXPECT_EQ((*heard)->json, R"({"token":"abc"})");

  heard = decoder.text(kHeader);
  ASSERT_TRUE(heard);
  EXPECT_FALSE(*heard) << "the attachment must come first";
  heard = decoder.binary(as_bytes(kConnack));
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->kind, Kind::bytes);
  EXPECT_EQ((*heard)->nsp, "/mqtt");
  EXPECT_EQ(as_text((*heard)->bytes), kConnack);
  EXPECT_FALSE((*heard)->ack_id);

  ASSERT_TRUE(decoder.text(R"(51-/mqtt,12["message",{"_placeholder":true,"num":0}])"));
  heard = decoder.binary({});
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->kind, Kind::bytes);
  EXPECT_EQ((*heard)->ack_id, 12u);
  EXPECT_TRUE((*heard)->bytes.empty());

  heard = decoder.text("1/mqtt,");
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->kind, Kind::disconnect);
  EXPECT_EQ((*heard)->nsp, "/mqtt");
}

TEST(SocketIoDecoder, The_memory_of_the_header_may_be_gone_when_its_attachment_comes) {
  Decoder decoder;
  auto header = std::make_unique<std::string>(R"(51-/a-namespace-longer-than-a-short-string,["message",)"
                                              R"({"_placeholder":true,"num":0}])");
  ASSERT_TRUE(decoder.text(*header));
  header.reset();
  const auto heard = decoder.binary(as_bytes(kConnack));
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->nsp, "/a-namespace-longer-than-a-short-string");
}

struct EventCase {
  std::string_view text;
  Kind kind;
  std::string bytes = "";
};

// Text messages, each followed by as many attachments "first", "second"... as it announces.
const EventCase kEvents[] = {
    {kHeader, Kind::bytes, "first"},
    {R"(51-/mqtt,["message",{"num":0,"_placeholder":true}])", Kind::bytes, "first"},
    {R"(51-/mqtt,[ "message", {"_placeholder": true, "num": 0} ])", Kind::bytes, "first"},
    {R"(51-/mqtt,["message",{"_placeholder":true,"num":0},"Q82AQ5H"])", Kind::bytes, "first"},
    {R"(2/mqtt,["message",{"type":"Buffer","data":[104,105]}])", Kind::bytes, "hi"},
    {R"(50-/mqtt,["message",{"type":"Buffer","data":[104,105]}])", Kind::bytes, "hi"},
    {R"(2/mqtt,["message","text"])", Kind::text_argument},
    {R"(2/mqtt,["message"])", Kind::text_argument},
    {R"(2/mqtt,["message",{"type":"Buffer","data":[104,256]}])", Kind::text_argument},
    {R"(2/mqtt,["message",{"_placeholder":true,"num":0}])", Kind::text_argument},
    {R"(50-/mqtt,["message",{"_placeholder":true,"num":0}])", Kind::text_argument},
    {R"(51-/mqtt,["message","text",{"_placeholder":true,"num":0}])", Kind::text_argument},
    {R"(52-/mqtt,["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])", Kind::several_attachments},
    {R"(51-/mqtt,["message",{"type":"Buffer","data":[104,105]},{"_placeholder":true,"num":0}])",
     Kind::several_attachments},
    {R"(2/mqtt,["other",1])", Kind::other_event},
    {R"(2/mqtt,[7])", Kind::other_event},
    {R"(51-/mqtt,["other",{"_placeholder":true,"num":0}])", Kind::other_event},
    {R"(510-/mqtt,["other"])", Kind::other_event},
    {"3/mqtt,12[]", Kind::ack},
    {R"(61-/mqtt,12[{"_placeholder":true,"num":0}])", Kind::ack},
    {"0/mqtt", Kind::connect},
    {"1/mqtt", Kind::disconnect},
};

TEST(SocketIoDecoder, An_event_is_told_by_what_it_carries) {
  Decoder decoder;
  for (const EventCase& c : kEvents) {
    auto heard = decoder.text(c.text);
    ASSERT_TRUE(heard) << c.text;
    const size_t attachments = decode(c.text)->attachments;
    for (size_t i = 0; i < attachments; ++i) {
      ASSERT_FALSE(*heard) << c.text << " came before its attachments";
      heard = decoder.binary(as_bytes(i == 0 ? "first" : "another"));
      ASSERT_TRUE(heard) << c.text;
    }
    ASSERT_TRUE(*heard) << c.text;
    EXPECT_EQ((*heard)->kind, c.kind) << c.text;
    EXPECT_EQ((*heard)->nsp, "/mqtt") << c.text;
    EXPECT_EQ(as_text((*heard)->bytes), c.bytes) << c.text;
  }
}

TEST(SocketIoDecoder, A_JSON_Buffer_leaves_no_bytes_for_the_next_event) {
  Decoder decoder;
  ASSERT_TRUE(decoder.text(R"(2/mqtt,["message",{"type":"Buffer","data":[104,105]}])"));
  const auto heard = decoder.text(R"(2/mqtt,["message",{"type":"Buffer","data":[]}])");
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ((*heard)->kind, Kind::bytes);
  EXPECT_TRUE((*heard)->bytes.empty());
}

TEST(SocketIoDecoder, Text_while_an_attachment_is_missing_is_refused) {
  for (const std::string_view text : {kHeader, std::string_view("1/mqtt,"), std::string_view("")}) {
    Decoder decoder;
    ASSERT_TRUE(decoder.text(kHeader));
    EXPECT_FALSE(decoder.text(text)) << text;
  }
}

TEST(SocketIoDecoder, An_attachment_that_nothing_announced_is_refused) {
  Decoder decoder;
  EXPECT_FALSE(decoder.binary(as_bytes(kConnack)));
  ASSERT_TRUE(decoder.text(kHeader));
  ASSERT_TRUE(decoder.binary(as_bytes(kConnack)));
  EXPECT_FALSE(decoder.binary(as_bytes(kConnack))) << "one was announced";
}

TEST(SocketIoDecoder, What_the_reference_closes_the_connection_for_is_refused) {
  for (const std::string_view text :
       {"", "abc", "2", "2{}", R"(2"message")", "2[]", "2[{}]", R"(2abc["message-with-ack",1])",  //
        R"(2["message")", R"(2["disconnecting"])",                                                //
        R"(51-["message",{"_placeholder":true,"num":1}])", R"(5["message"])", R"(511-["message"])",
        R"(4/mqtt,{"message":"no"})", "0[]", "0/mqtt,\"token\"", "0/mqtt,{"}) {
    Decoder decoder;
    EXPECT_FALSE(decoder.text(text)) << text;
  }
}

}  // namespace
}  // namespace mqttio::socketio
