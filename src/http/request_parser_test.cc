#include "http/request_parser.h"

#include <gtest/gtest.h>

namespace mqttio::http {
namespace {

using namespace std::string_literals;
using Lines = std::vector<std::string>;

std::string tell(const Request& request) {
  std::string text = request.method + " " + request.path;
  if (!request.query.empty()) text += "?" + request.query;
  text += " 1." + std::to_string(request.minor_version) + (request.keep_alive ? " keep" : " close");
  for (const Header& header : request.headers)
    if (header.name != "Host") text += " [" + header.name + ": " + header.value + "]";
  return request.body.empty() ? text : text + " " + request.body;
}

/// A connection: pieces come in, what is not taken comes again with more behind it.
class Peer {
 public:
  explicit Peer(const RequestParser::Options& options = {}) : parser(options) {}

  void says(std::string_view piece) {
    waiting_ += piece;
    Bytes in = as_bytes(waiting_);
    while (!refused_) {
      const auto request = parser.next(in);
      refused_ = !request;
      if (!request) heard.push_back(std::to_string(request.error().status));
      if (!request || !*request) break;
      heard.push_back(tell(**request));
    }
    waiting_ = std::string(as_text(in));
  }

  RequestParser parser;
  Lines heard;
  size_t waiting() const { return waiting_.size(); }

 private:
  std::string waiting_;
  bool refused_ = false;
};

/// Hears `text` whole, in two pieces at every place, and byte by byte: each time the same.
void expect(std::string_view name, std::string_view text, const Lines& lines,
            const RequestParser::Options& options = {}) {
  for (size_t cut = 0; cut < text.size(); ++cut) {
    Peer peer(options);
    peer.says(text.substr(0, cut));
    peer.says(text.substr(cut));
    ASSERT_EQ(peer.heard, lines) << name << " cut at " << cut;
  }
  Peer slow(options);
  for (const char c : text) slow.says({&c, 1});
  EXPECT_EQ(slow.heard, lines) << name << " byte by byte";
}

struct Case {
  std::string_view name;
  std::string text;
  Lines lines;
};

const Case kRequests[] = {
    {"get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", {"GET / 1.1 keep"}},
    {"query", "GET /socket.io/?EIO=4&t=%41 HTTP/1.1\r\nHost: a\r\n\r\n", {"GET /socket.io/?EIO=4&t=%41 1.1 keep"}},
    {"path_is_decoded", "GET /a%20b HTTP/1.1\r\nHost: a\r\n\r\n", {"GET /a b 1.1 keep"}},
    {"two_question_marks", "GET /?a?b HTTP/1.1\r\nHost: a\r\n\r\n", {"GET /?a?b 1.1 keep"}},
    {"head", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", {"HEAD / 1.1 keep"}},
    {"unknown_method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", {"BREW / 1.1 keep"}},
    {"post", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", {"POST / 1.1 keep [Content-Length: 3] abc"}},
    {"post_of_nothing",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
     {"POST / 1.1 keep [Content-Length: 0]"}},
    {"chunks",
     "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
     {"POST / 1.1 keep [transfer-encoding: Chunked] abc0123456789"}},
    {"chunks_of_nothing",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     {"POST / 1.1 keep [Transfer-Encoding: chunked]"}},
    {"chunks_and_the_next",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
     "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
     {"POST / 1.1 keep [Transfer-Encoding: chunked] x", "GET /2 1.1 keep"}},
    {"pipeline",
     "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /3 HTTP/1.1\r\n"
     "Host: a\r\n\r\n",
     {"GET /1 1.1 keep", "POST /2 1.1 keep [Content-Length: 1] x", "GET /3 1.1 keep"}},
    {"close", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", {"GET / 1.1 close [Connection: Close]"}},
    {"close_among_others",
     "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, close\r\n\r\n",
     {"GET / 1.1 close [Connection: x, close]"}},
    {"http_10", "GET / HTTP/1.0\r\n\r\n", {"GET / 1.0 close"}},
    {"http_10_keeps", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {"GET / 1.0 keep [Connection: keep-alive]"}},
    {"spaces_around_a_value",
     "GET / HTTP/1.1\r\nHost: a\r\nX: \t b c \t\r\nY:\r\n\r\n",
     {"GET / 1.1 keep [X: b c] [Y: ]"}},
    {"beyond_ascii", "GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\r\n\r\n", {"GET / 1.1 keep [X: \xc3\xa9]"}},
    {"trailers_are_passed_over",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
     {"POST / 1.1 keep [Transfer-Encoding: chunked] x"}},
};

TEST(HttpRequest, Is_the_same_however_it_is_cut) {
  for (const Case& c : kRequests) expect(c.name, c.text, c.lines);
}

TEST(HttpRequest, That_is_cut_off_is_no_request) {
  for (const Case& c : kRequests) {
    if (c.lines.size() > 1) continue;
    for (size_t size = 0; size < c.text.size(); ++size) {
      Peer peer;
      peer.says(std::string_view(c.text).substr(0, size));
      EXPECT_EQ(peer.heard, Lines{}) << c.name << " of " << size;
      EXPECT_EQ(peer.parser.busy(), size > 0) << c.name << " of " << size;
    }
  }
}

// What two parties on one connection could read differently, so that one of them takes a body for a request.
const Case kSmuggling[] = {
    {"length_and_chunks",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     {"400"}},
    {"chunks_and_length",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
     {"400"}},
    {"two_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", {"400"}},
    {"the_same_length_twice",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
     {"400"}},
    {"a_list_of_lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", {"400"}},
    {"a_signed_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", {"400"}},
    {"a_negative_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\nabc", {"400"}},
    {"a_length_in_hex", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", {"400"}},
    {"an_endless_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551619\r\n\r\nabc", {"400"}},
    {"an_empty_length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nabc", {"400"}},
    {"an_unknown_coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", {"501"}},
    {"a_coding_before_chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", {"501"}},
    {"a_coding_behind_chunks", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n", {"501"}},
    {"a_coding_beside_chunks",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n",
     {"501"}},
    {"a_coding_and_a_length",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nContent-Length: 3\r\n\r\nabc",
     {"501"}},
    {"chunks_twice",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     {"400"}},
    {"chunks_in_http_10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {"400"}},
    {"bare_line_feeds", "GET / HTTP/1.1\nHost: a\n\n", {"505"}},
    {"a_bare_line_feed_behind_a_header", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", {"400"}},
    {"a_bare_carriage_return", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", {"400"}},
    {"a_nul_in_a_value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, {"400"}},
    {"a_space_before_the_colon", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 3\r\n\r\nabc", {"400"}},
    {"a_space_before_a_name", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", {"400"}},
    {"no_name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", {"400"}},
    {"a_folded_value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", {"400"}},
    {"a_folded_value_that_begins_late",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n",
     {"400"}},
    {"a_folded_value_by_tab", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", {"400"}},
    {"no_host", "GET / HTTP/1.1\r\n\r\n", {"400"}},
    {"two_hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", {"400"}},
    {"two_hosts_in_http_10", "GET / HTTP/1.0\r\nhost: a\r\nHOST: a\r\n\r\n", {"400"}},
    {"a_chunk_that_is_longer_than_it_says",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n0\r\n\r\n",
     {"400"}},
    {"a_chunk_without_a_length",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\nxyz\r\n0\r\n\r\n",
     {"400"}},
    {"a_length_among_trailers",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n",
     {"400"}},
    {"bytes_that_are_not_HTTP", "\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c\x00\x02io"s, {"400"}},
    {"http_2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {"505"}},
    {"http_09", "GET /\r\n\r\n", {"400"}},
};

TEST(HttpRequest, That_could_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_heard) {
  for (const Case& c : kSmuggling) expect(c.name, c.text + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", c.lines);
}

TEST(HttpRequest, Names_of_headers_are_found_in_any_case_and_the_first_counts) {
  RequestParser parser({});
  Bytes in = as_bytes("GET / HTTP/1.1\r\nhOST: a\r\nX: 1\r\nx: 2\r\n\r\n");
  const auto request = parser.next(in);
  ASSERT_TRUE(request && *request);
  EXPECT_EQ((*request)->find("host"), "a");
  EXPECT_EQ((*request)->find("x"), "1");
  EXPECT_EQ((*request)->find("y"), std::nullopt);
}

TEST(HttpRequest, A_peer_that_waits_for_100_is_told_once) {
  Peer peer;
  peer.says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n");
  EXPECT_FALSE(peer.parser.take_expectation()) << "it may still be refused";
  peer.says("\r\n");
  EXPECT_TRUE(peer.parser.take_expectation());
  EXPECT_FALSE(peer.parser.take_expectation());
  peer.says("x");
  EXPECT_EQ(peer.heard.size(), 1u);
  EXPECT_FALSE(peer.parser.take_expectation());
}

TEST(HttpRequest, A_peer_that_has_sent_the_body_or_speaks_http_10_does_not_wait_for_100) {
  Peer whole;
  whole.says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx");
  EXPECT_FALSE(whole.parser.take_expectation());
  Peer old;
  old.says("POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_FALSE(old.parser.take_expectation());
}

TEST(HttpRequest, Headers_up_to_the_limit_pass_and_one_byte_more_is_431) {
  const std::string request = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\nLong: 0123456789\r\n\r\n";
  const auto size = static_cast<uint32_t>(request.size());
  expect("at the limit", request, {"GET / 1.1 keep [A: b] [C: d] [Long: 0123456789]"}, {.max_header = size});
  expect("above the limit", request, {"431"}, {.max_header = size - 1});
  expect("a long target", "GET /" + std::string(100, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", {"431"},
         {.max_header = 50});
}

TEST(HttpRequest, Many_small_headers_meet_the_limit_even_when_each_comes_alone) {
  Peer peer({.max_header = 1000});
  peer.says("GET / HTTP/1.1\r\nHost: a\r\n");
  int count = 0;
  for (; peer.heard.empty() && count < 1000; ++count) peer.says("A: b\r\n");
  EXPECT_EQ(peer.heard, Lines{"431"});
  EXPECT_LE(count, 167);
}

TEST(HttpRequest, Endless_extensions_and_trailers_meet_the_limit) {
  for (const std::string_view begin : {"1;", "0\r\nX: "}) {
    Peer peer({.max_header = 200});
    peer.says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    peer.says(begin);
    for (int i = 0; peer.heard.empty() && i < 1000; ++i) peer.says("x");
    EXPECT_EQ(peer.heard, Lines{"431"}) << begin;
    EXPECT_LE(peer.waiting(), 210u);
  }
}

TEST(HttpRequest, A_body_up_to_the_limit_passes_and_one_byte_more_is_413) {
  const RequestParser::Options options{.max_body = 5};
  expect("length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345",
         {"POST / 1.1 keep [Content-Length: 5] 12345"}, options);
  expect("longer", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n123456", {"413"}, options);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect("chunks", chunked + "3\r\n123\r\n2\r\n45\r\n0\r\n\r\n", {"POST / 1.1 keep [Transfer-Encoding: chunked] 12345"},
         options);
  expect("more chunks", chunked + "3\r\n123\r\n3\r\n456\r\n0\r\n\r\n", {"413"}, options);
  expect("an endless chunk", chunked + "FFFFFFFFFFFFFFFF\r\n123", {"413"}, options);
}

TEST(HttpRequest, A_length_above_the_limit_is_refused_before_the_body_comes) {
  Peer peer({.max_body = 5});
  peer.says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n");
  EXPECT_EQ(peer.heard, Lines{"413"});
}

}  // namespace
}  // namespace mqttio::http
