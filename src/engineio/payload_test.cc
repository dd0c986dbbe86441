#include "engineio/payload.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mqttio::engineio {
namespace {

using namespace std::string_literals;

constexpr std::string_view kHeader = R"(451-/mqtt,["message",{"_placeholder":true,"num":0}])";
constexpr std::string_view kEvent = kHeader.substr(1);

struct Heard {
  PacketType type;
  bool binary;
  std::string data;
  friend bool operator==(const Heard&, const Heard&) = default;
};

void PrintTo(const Heard& heard, std::ostream* out) {
  *out << static_cast<int>(heard.type) << (heard.binary ? " binary " : " text ") << testing::PrintToString(heard.data);
}

Heard text(PacketType type, std::string_view data = "") { return {type, false, std::string(data)}; }
Heard message(std::string_view data) { return text(PacketType::message, data); }
Heard binary(std::string data) { return {PacketType::message, true, std::move(data)}; }

const std::string kConnack = "\x20\x02\x00\x00"s;

Result<std::vector<Heard>> decode_all(Form form, std::string_view body) {
  PayloadDecoder decoder(form == Form::separated ? Revision::v4 : Revision::v3, form, as_bytes(body));
  std::vector<Heard> heard;
  for (;;) {
    const auto packet = decoder.next();
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) return heard;
    heard.push_back({(*packet)->type, (*packet)->binary, std::string(as_text((*packet)->data))});
  }
}

std::string encode_all(Form form, const std::vector<Heard>& packets) {
  Buffer out;
  PayloadWriter writer(form == Form::separated ? Revision::v4 : Revision::v3, form, out);
  for (const Heard& packet : packets) writer.add({packet.type, packet.binary, as_bytes(packet.data)});
  EXPECT_EQ(writer.count(), packets.size());
  return std::string(out.text());
}

struct Case {
  std::string name;
  Form form;
  std::string body;
  std::vector<Heard> packets;
};

// Bodies as clients and the reference server wrote them, and as we write them.
const Case kBodies[] = {
    {"v4_connect", Form::separated, "40/mqtt,", {message("0/mqtt,")}},
    {"v4_header_alone", Form::separated, std::string(kHeader), {message(kEvent)}},
    {"v4_attachment_alone",
     Form::separated,
     "bEBUABE1RVFQEAgA8AAlpby1jbGllbnQ=",
     {binary("\x10\x15\x00\x04MQTT\x04\x02\x00\x3c\x00\x09io-client"s)}},
    {"v4_event", Form::separated, std::string(kHeader) + "\x1e" + "bIAIAAA==", {message(kEvent), binary(kConnack)}},
    {"v4_text_and_binary",
     Form::separated,
     "4hello\x1e"
     "bAQIDBA==",
     {message("hello"), binary("\x01\x02\x03\x04")}},
    {"v4_goodbye",
     Form::separated,
     "6\x1e"
     "1",
     {text(PacketType::noop), text(PacketType::close)}},
    {"v4_kick",
     Form::separated,
     "41/mqtt,\x1e"
     "1",
     {message("1/mqtt,"), text(PacketType::close)}},
    {"v4_beyond_ascii", Form::separated, "42[\"\u20ac\U0001f600\"]", {message("2[\"\u20ac\U0001f600\"]")}},
    {"v3_open", Form::counted, R"(12:0{"sid":"x"}2:40)", {text(PacketType::open, R"({"sid":"x"})"), message("0")}},
    {"v3_connect_of_1x", Form::counted, "7:40/mqtt", {message("0/mqtt")}},
    {"v3_connect_of_2x", Form::counted, "8:40/mqtt,", {message("0/mqtt,")}},
    {"v3_both_connects", Form::counted, "2:408:40/mqtt,", {message("0"), message("0/mqtt,")}},
    {"v3_event", Form::counted, "51:" + std::string(kHeader) + "10:b4IAIAAA==", {message(kEvent), binary(kConnack)}},
    {"v3_ping", Form::counted, "1:2", {text(PacketType::ping)}},
    {"v3_pong", Form::counted, "1:3", {text(PacketType::pong)}},
    {"v3_goodbye", Form::counted, "1:61:1", {text(PacketType::noop), text(PacketType::close)}},
    {"v3_utf16",
     Form::counted,
     "25:42/mqtt,[\"message\",\"\u20ac\U0001f600\"]1:2",
     {message("2/mqtt,[\"message\",\"\u20ac\U0001f600\"]"), text(PacketType::ping)}},
    {"v3_binary_event",
     Form::binary,
     "\x00\x05\x01\xff"s + std::string(kHeader) + "\x01\x05\xff\x04"s + kConnack,
     {message(kEvent), binary(kConnack)}},
    {"v3_binary_ping", Form::binary, "\x00\x01\xff\x32"s, {text(PacketType::ping)}},
    {"v3_binary_no_bytes", Form::binary, "\x01\x01\xff\x04"s, {binary("")}},
    {"v3_binary_beyond_ascii", Form::binary, "\x00\x04\xff"s + "4\u20ac", {message("\u20ac")}},
};

TEST(EngineIoPayload, A_body_becomes_its_packets_and_they_become_that_body) {
  for (const Case& c : kBodies) {
    const auto heard = decode_all(c.form, c.body);
    ASSERT_TRUE(heard) << c.name << ": " << heard.error().what;
    EXPECT_EQ(*heard, c.packets) << c.name;
    EXPECT_EQ(encode_all(c.form, c.packets), c.body) << c.name;
  }
}

TEST(EngineIoPayload, An_event_in_the_binary_form_is_the_63_bytes_that_were_captured) {
  EXPECT_EQ(encode_all(Form::binary, {message(kEvent), binary("\xc0\x00\x01\x02"s)}).size(), 63u);
}

// Text that is cut may be a shorter text in the separated form, and beyond ASCII another count of the same length may
// fit; everything else is refused or ends where a packet ends.
TEST(EngineIoPayload, A_body_that_is_cut_anywhere_gives_no_packet_that_the_whole_has_not) {
  for (const Case& c : kBodies) {
    if (c.form == Form::separated || c.name == "v3_utf16") continue;
    for (size_t size = 0; size < c.body.size(); ++size) {
      const auto heard = decode_all(c.form, std::string_view(c.body).substr(0, size));
      if (!heard) continue;
      ASSERT_LT(heard->size(), c.packets.size()) << c.name << " cut at " << size;
      EXPECT_TRUE(std::equal(heard->begin(), heard->end(), c.packets.begin())) << c.name << " cut at " << size;
    }
  }
}

// Clients without binary of 1.x count bytes where others count UTF-16 units.
TEST(EngineIoPayload, Lengths_in_bytes_are_understood_when_UTF_16_units_do_not_fit) {
  const std::vector<Heard> alone = {message("\u20ac")};
  EXPECT_EQ(decode_all(Form::counted, "4:4\u20ac").value(), alone);
  EXPECT_EQ(decode_all(Form::counted, "2:4\u20ac").value(), alone);

  // Read in UTF-16 units, the first packet would swallow one digit of the next length and leave another number.
  const std::vector<Heard> three = {message("\u00e9"), message("0123456789"), text(PacketType::ping)};
  EXPECT_EQ(decode_all(Form::counted,
                       "3:4\u00e9"
                       "11:40123456789"
                       "1:2")
                .value(),
            three);
}

TEST(EngineIoPayload, A_length_that_ends_inside_a_surrogate_pair_is_refused) {
  EXPECT_FALSE(decode_all(Form::counted, "2:4\U0001f600"));
  EXPECT_TRUE(decode_all(Form::counted, "3:4\U0001f600"));
}

TEST(EngineIoPayload, Packets_without_even_a_type_are_skipped_where_the_reference_skips_them) {
  EXPECT_EQ(decode_all(Form::counted, "0:1:20:0:").value(), std::vector{text(PacketType::ping)});
  EXPECT_TRUE(decode_all(Form::counted, "0:").value().empty());
}

TEST(EngineIoPayload, A_body_that_is_none_is_refused) {
  const struct {
    Form form;
    std::string body;
  } cases[] = {
      {Form::separated, ""},
      {Form::separated, "\x1e"},
      {Form::separated, "2\x1e"},
      {Form::separated,
       "\x1e"
       "2"},
      {Form::separated,
       "2\x1e\x1e"
       "2"},
      {Form::separated, "abc"},
      {Form::separated,
       "2\x1e"
       "7"},
      {Form::counted, ""},
      {Form::counted, ":"},
      {Form::counted, "2"},
      {Form::counted, ":2"},
      {Form::counted, "2:2"},
      {Form::counted, "1:22"},
      {Form::counted, "1:2 "},
      {Form::counted, "-1:2"},
      {Form::counted, "+1:2"},
      {Form::counted, " 1:2"},
      {Form::counted, "0x1:2"},
      {Form::counted, "1:7"},
      {Form::counted, "abc"},
      {Form::counted, "00000000001:2"},
      {Form::counted, "9999999999:2"},
      {Form::counted, "99999999999999999999:2"},
      {Form::binary, ""},
      {Form::binary, "\x00"s},
      {Form::binary, "\x02\x01\xff\x32"s},
      {Form::binary, "\x00\xff"s},
      {Form::binary, "\x00\x00\xff"s},
      {Form::binary, "\x00\x0a\xff\x32"s},
      {Form::binary, "\x00\x31\xff\x32"s},
      {Form::binary, "\x00\x02\xff\x32"s},
      {Form::binary, "\x01\x01\xff\x34"s},
      {Form::binary, "\x01\x00\xff"s},
      {Form::binary, "\x00\x01\xff\x32\x00"s},
      {Form::binary, "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\xff\x32"s},
  };
  for (const auto& c : cases) EXPECT_FALSE(decode_all(c.form, c.body)) << testing::PrintToString(c.body);
}

TEST(EngineIoPayload, What_came_before_the_nonsense_is_heard) {
  PayloadDecoder decoder(Revision::v4, Form::separated,
                         as_bytes("2\x1e"
                                  "abc"));
  const auto first = decoder.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->type, PacketType::ping);
  EXPECT_FALSE(decoder.next());
}

TEST(EngineIoPayload, The_number_of_packets_in_a_body_is_bounded) {
  std::string body = "6";
  while (body.size() < 2 * PayloadDecoder::kMaxPackets - 1)
    body +=
        "\x1e"
        "6";
  EXPECT_EQ(decode_all(Form::separated, body).value().size(), PayloadDecoder::kMaxPackets);
  EXPECT_FALSE(decode_all(Form::separated, body + "\x1e"
                                                  "6"));
}

TEST(EngineIoPayload, The_form_follows_from_the_revision_and_from_whether_binary_is_taken) {
  EXPECT_EQ(form_of(Revision::v4, true), Form::separated);
  EXPECT_EQ(form_of(Revision::v4, false), Form::separated);
  EXPECT_EQ(form_of(Revision::v3, true), Form::binary);
  EXPECT_EQ(form_of(Revision::v3, false), Form::counted);
  EXPECT_EQ(content_type(Form::separated), "text/plain; charset=UTF-8");
  EXPECT_EQ(content_type(Form::counted), "text/plain; charset=UTF-8");
  EXPECT_EQ(content_type(Form::binary), "application/octet-stream");
}

}  // namespace
}  // namespace mqttio::engineio
