#include "http/message.h"

#include <gtest/gtest.h>

namespace mqttio::http {
namespace {

TEST(HttpMessage, Percent_signs_are_decoded_and_what_is_none_stays) {
  const struct {
    std::string_view text;
    std::string_view path;
    std::string_view query;  ///< Where a plus is a space.
  } cases[] = {
      {"", "", ""},
      {"abc", "abc", "abc"},
      {"a%20b", "a b", "a b"},
      {"a+b", "a+b", "a b"},
      {"%2B+%2b", "+++", "+ +"},
      {"%C3%a9", "\xc3\xa9", "\xc3\xa9"},
      {"%2525", "%25", "%25"},
      {"%", "%", "%"},
      {"%4", "%4", "%4"},
      {"%41", "A", "A"},
      {"%4g", "%4g", "%4g"},
      {"%g4", "%g4", "%g4"},
      {"%-1", "%-1", "%-1"},
      {"% 1", "% 1", "% 1"},
      {"%%41", "%A", "%A"},
      {"a%", "a%", "a%"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(percent_decode(c.text, false), c.path) << c.text;
    EXPECT_EQ(percent_decode(c.text, true), c.query) << c.text;
  }
  EXPECT_EQ(percent_decode("a%00b", false), std::string("a\0b", 3));
}

TEST(HttpMessage, The_last_parameter_of_a_name_wins) {
  const struct {
    std::string_view query;
    std::optional<std::string> value;
  } cases[] = {
      {"", std::nullopt},   {"sid", ""},
      {"sid=", ""},         {"sid=a", "a"},
      {"sid=a&sid=b", "b"}, {"sid=a&sid", ""},
      {"sid=a&Sid=b", "a"}, {"xsid=a", std::nullopt},
      {"sid=a=b", "a=b"},   {"s%69d=a%26b+c", "a&b c"},
      {"&&sid=a&", "a"},    {"=a", std::nullopt},
  };
  for (const auto& c : cases) {
    Request request;
    request.query = c.query;
    EXPECT_EQ(request.parameter("sid"), c.value) << c.query;
  }
}

TEST(HttpMessage, A_token_is_found_whole_and_in_any_case) {
  const struct {
    std::string_view list;
    bool found;
  } cases[] = {
      {"", false},
      {"upgrade", true},
      {"keep-alive, Upgrade", true},
      {"keep-alive,UPGRADE ,x", true},
      {" \tupgrade\t", true},
      {",,upgrade", true},
      {"upgrades", false},
      {"no upgrade", false},
      {"up grade", false},
  };
  for (const auto& c : cases) EXPECT_EQ(has_token(c.list, "upgrade"), c.found) << c.list;
}

std::string written(const Response& response, const Framing& framing = {}) {
  Buffer out;
  append_response(out, response, framing);
  return std::string(out.text());
}

TEST(HttpResponse, Has_an_exact_length) {
  EXPECT_EQ(written({.content_type = "text/plain", .body = "hello"}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello");
  EXPECT_EQ(written({}), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST(HttpResponse, Says_when_the_connection_ends_and_has_the_headers_that_are_given) {
  EXPECT_EQ(written({.status = 426, .headers = {{"Upgrade", "websocket"}, {"X", "y"}}}, {.keep_alive = false}),
            "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\nUpgrade: websocket\r\nX: y\r\n"
            "Connection: close\r\n\r\n");
}

TEST(HttpResponse, To_HEAD_tells_the_length_and_sends_no_body) {
  EXPECT_EQ(written({.content_type = "text/plain", .body = "hello"}, {.head_only = true}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
}

TEST(HttpResponse, Of_204_and_304_has_neither_length_nor_body) {  // RFC 9110, 8.6: whoever reads it expects none
  EXPECT_EQ(written({.status = 304, .body = "x", .headers = {{"ETag", "\"1\""}}}),
            "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(written({.status = 204, .body = "x"}), "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
}

TEST(HttpResponse, Is_appended_to_what_is_there) {
  Buffer out;
  append_response(out, {.body = "1"}, {});
  const size_t first = out.size();
  append_response(out, {.body = "2"}, {});
  EXPECT_EQ(out.size(), 2 * first);
  EXPECT_TRUE(out.text().substr(first).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpResponse, Every_status_that_we_send_has_its_words) {
  for (const int status : {100, 101, 200, 204, 302, 304, 400, 403, 404, 405, 408, 413, 414, 426, 431, 501, 503, 505})
    EXPECT_NE(reason_phrase(status), "Error") << status;
  EXPECT_EQ(reason_phrase(404), "Not Found");
}

}  // namespace
}  // namespace mqttio::http
