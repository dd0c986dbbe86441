#include "socketio/json.h"

#include <gtest/gtest.h>

#include <string>

namespace mqttio::socketio {
namespace {

using First = EventArguments::First;

TEST(SocketIoJson, The_first_argument_of_an_event_is_recognised) {
  const struct {
    std::string_view json;
    bool is_message;
    First first;
    uint64_t placeholder = 0;
    std::string bytes = "";
  } cases[] = {
      {R"(["message",{"_placeholder":true,"num":0}])", true, First::placeholder, 0},
      {R"(["message",{"num":3,"_placeholder":true}])", true, First::placeholder, 3},
      {R"( [ "message" , { "_placeholder" : true , "num" : 0 , "x" : [] } ] )", true, First::placeholder, 0},
      {R"(["mes\u0073age",{"_placeholder":true,"num":0},"Q82AQ5H"])", true, First::placeholder, 0},
      {R"(["other",{"_placeholder":true,"num":0}])", false, First::placeholder, 0},
      {R"(["message",{"type":"Buffer","data":[104,105]}])", true, First::bytes, 0, "hi"},
      {R"(["message",{"data":[],"type":"Buffer"}])", true, First::bytes},
      {R"(["message",{"type":"Buffer","data":[255]}])", true, First::bytes, 0, "\xff"},
      {R"(["message",{"type":"Buffer","data":"hi"}])", true, First::other},
      {R"(["message",{"type":"Blob","data":[1]}])", true, First::other},
      {R"(["message",{"_placeholder":false,"num":0}])", true, First::other},
      {R"(["message",{"_placeholder":true,"num":-1}])", true, First::other},
      {R"(["message",{"_placeholder":true,"num":0.5}])", true, First::other},
      {R"(["message",{"_placeholder":true}])", true, First::other},
      {R"(["message","text"])", true, First::other},
      {R"(["message","text",{"_placeholder":true,"num":0}])", true, First::other},
      {R"(["message",[{"_placeholder":true,"num":0}]])", true, First::other},
      {R"(["message"])", true, First::other},
      {R"(["Message"])", false, First::other},
      {R"([1,2])", false, First::other},
  };
  for (const auto& c : cases) {
    Buffer bytes;
    const auto arguments = parse_event(c.json, bytes);
    ASSERT_TRUE(arguments) << c.json;
    EXPECT_EQ(arguments->is_message, c.is_message) << c.json;
    EXPECT_EQ(arguments->first, c.first) << c.json;
    EXPECT_EQ(arguments->placeholder, c.placeholder) << c.json;
    EXPECT_EQ(bytes.text(), c.bytes) << c.json;
  }
}

TEST(SocketIoJson, A_JSON_Buffer_of_anything_but_bytes_is_none_and_leaves_nothing) {
  for (const std::string_view item : {"256", "-1", "1.5", "\"1\"", "null", "1e2", "[1]"}) {
    Buffer bytes;
    const auto arguments =
        parse_event(R"(["message",{"type":"Buffer","data":[104,)" + std::string(item) + "]}]", bytes);
    ASSERT_TRUE(arguments) << item;
    EXPECT_EQ(arguments->first, First::other) << item;
    EXPECT_TRUE(bytes.empty()) << item;
  }
}

TEST(SocketIoJson, What_is_no_event_is_refused) {
  for (const std::string_view json :
       {"", " ", "[]", "{}", "null", "\"message\"", "1", "[", "[\"message\"", "[\"message\"]]", "[\"message\",]",
        "['message']", "[null]", "[true]", "[[\"message\"]]", "[{}]", "abc[\"message\"]", "[\"message\",\"\xff\"]",
        R"(["message",{"_placeholder":true,"num":0})"}) {
    Buffer bytes;
    EXPECT_FALSE(parse_event(json, bytes)) << json;
  }
}

TEST(SocketIoJson, An_event_of_a_reserved_name_is_refused) {
  for (const std::string name :
       {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}) {
    Buffer bytes;
    EXPECT_FALSE(parse_event("[\"" + name + "\"]", bytes)) << name;
    EXPECT_TRUE(parse_event("[\"" + name + "x\"]", bytes)) << name;
  }
}

TEST(SocketIoJson, Depth_and_size_are_bounded) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  Buffer bytes;
  EXPECT_TRUE(parse_event("[\"message\"," + nested(31) + "]", bytes));
  EXPECT_FALSE(parse_event("[\"message\"," + nested(32) + "]", bytes));
  EXPECT_FALSE(parse_event(std::string(100'000, '['), bytes));

  const auto long_text = [](size_t size) { return "[\"message\",\"" + std::string(size - 14, 'x') + "\"]"; };
  EXPECT_TRUE(parse_event(long_text(1024 * 1024), bytes));
  EXPECT_FALSE(parse_event(long_text(1024 * 1024 + 1), bytes));
}

TEST(SocketIoJson, Only_an_object_is_one) {
  EXPECT_TRUE(is_object("{}"));
  EXPECT_TRUE(is_object(R"({"token":"abc"})"));
  for (const std::string_view json : {"", "[]", "null", "\"x\"", "1", "{", "{}x", "{'a':1}"})
    EXPECT_FALSE(is_object(json));
}

}  // namespace
}  // namespace mqttio::socketio
