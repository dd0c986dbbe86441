// Every packet in its shortest form, as bytes and as what they say: for the decoder and the encoder alike.

#include "mqtt/packet.h"

#include "mqtt/decoder_story.h"
#include "mqtt/encoder.h"

namespace mqttio::mqtt::story {
namespace {

struct Case {
  std::string_view name;
  Hears hears;
  Version version;
  uint8_t first;
  std::string rest;
  std::string says;
};

constexpr Hears client = Hears::client;
constexpr Hears server = Hears::server;

const Case kPackets[] = {
    {"connect_31", client, v31, 0x10, "<MQIsdp> 03 02 003c <io>", "CONNECT v=3 clean alive=60 id=io"},
    {"connect_31_bridge", client, v31, 0x10, "<MQIsdp> 83 02 003c <io>", "CONNECT v=3 bridge clean alive=60 id=io"},
    {"connect_311", client, v311, 0x10, "<MQTT> 04 02 003c <io>", "CONNECT v=4 clean alive=60 id=io"},
    {"connect_311_bridge", client, v311, 0x10, "<MQTT> 84 00 ffff <io>", "CONNECT v=4 bridge alive=65535 id=io"},
    {"connect_311_all", client, v311, 0x10, "<MQTT> 04 f6 0001 <io> <will/t> <gone> <ana> [00ff]",
     "CONNECT v=4 clean alive=1 id=io user=ana password=" + wire("00ff") +
         " WILL topic=will/t payload=gone qos=2 retain delay=0"},
    {"connect_311_user_alone", client, v311, 0x10, "<MQTT> 04 82 0000 <> <ana>",
     "CONNECT v=4 clean alive=0 id= user=ana"},
    {"connect_311_empty_will", client, v311, 0x10, "<MQTT> 04 04 0000 <io> <w> <>",
     "CONNECT v=4 alive=0 id=io WILL topic=w payload= qos=0 delay=0"},
    {"connect_5", client, v5, 0x10, "<MQTT> 05 02 003c {} <io>", "CONNECT v=5 clean alive=60 id=io"},
    {"connect_5_password_alone", client, v5, 0x10, "<MQTT> 05 42 0000 {} <io> <secret>",
     "CONNECT v=5 clean alive=0 id=io password=secret"},
    {"connect_5_all", client, v5, 0x10,
     "<MQTT> 05 ee 003c {11 00000e10 21 0014 27 00010000 22 0005 19 01 17 00 15 <m> 16 <d> 26 <a> <b> 26 <a> <c>} <io> "
     "{18 0000000a 01 01 02 0000003c 03 <text> 08 <r/t> 09 [0001] 26 <k> <v>} <w> <gone> <ana> <pw>",
     "CONNECT v=5 clean alive=60 id=io user=ana password=pw session-expiry=3600 receive=20 packet=65536 aliases=5 "
     "response-info no-problem-info method=m data=d (a:b) (a:c) WILL topic=w payload=gone qos=1 retain delay=10 "
     "format=1 expiry=60 type=text response=r/t correlation=" +
         wire("0001") + " (k:v)"},

    {"connack_31", server, v31, 0x20, "00 00", "CONNACK reason=00"},
    {"connack_311", server, v311, 0x20, "01 00", "CONNACK present reason=00"},
    {"connack_311_refused", server, v311, 0x20, "00 05", "CONNACK reason=87"},
    {"connack_5", server, v5, 0x20, "00 00 {}", "CONNACK reason=00"},
    {"connack_5_refused", server, v5, 0x20, "00 86 {1f <no>}", "CONNACK reason=86 string=no"},
    {"connack_5_all", server, v5, 0x20,
     "01 00 {11 00000e10 21 0014 24 01 25 00 27 00010000 12 <made> 22 0005 1f <hi> 26 <a> <b> 28 00 29 01 2a 00 13 003c "
     "1a <info> 1c <other> 15 <m> 16 <d>}",
     "CONNACK present reason=00 session-expiry=3600 receive=20 qos=1 retain=0 packet=65536 id=made aliases=5 string=hi "
     "wildcard=0 ids=1 shared=0 alive=60 info=info server=other method=m data=d (a:b)"},

    {"publish_qos_0", client, v311, 0x30, "<a/b> 'hi'", "PUBLISH topic=a/b payload=hi qos=0 id=0"},
    {"publish_qos_0_retain", client, v311, 0x31, "<a/b>", "PUBLISH topic=a/b payload= qos=0 retain id=0"},
    {"publish_qos_1", client, v311, 0x32, "<a> 0001 'hi'", "PUBLISH topic=a payload=hi qos=1 id=1"},
    {"publish_qos_1_dup", client, v31, 0x3a, "<a> 00ff", "PUBLISH topic=a payload= qos=1 dup id=255"},
    {"publish_qos_2_all_flags", client, v311, 0x3d, "<a> ffff 'hi'",
     "PUBLISH topic=a payload=hi qos=2 retain dup id=65535"},
    {"publish_5", client, v5, 0x30, "<a> {} 'hi'", "PUBLISH topic=a payload=hi qos=0 id=0"},
    {"publish_5_alias_alone", client, v5, 0x32, "<> 0100 {23 0001} 'hi'",
     "PUBLISH topic= payload=hi qos=1 id=256 alias=1"},
    {"publish_5_all", client, v5, 0x34,
     "<a> 0007 {23 0002 01 00 02 0000003c 03 <text> 08 <r> 09 [0001] 26 <a> <b> 26 <a> <>} 'hi'",
     "PUBLISH topic=a payload=hi qos=2 id=7 alias=2 format=0 expiry=60 type=text response=r correlation=" +
         wire("0001") + " (a:b) (a:)"},
    {"publish_5_to_a_subscriber", server, v5, 0x30, "<a> {0b 01 0b ff7f 0b ffffff7f} 'hi'",
     "PUBLISH topic=a payload=hi qos=0 id=0 sub=1 sub=16383 sub=268435455"},

    {"puback_311", client, v311, 0x40, "0001", "PUBACK id=1 reason=00"},
    {"puback_5", client, v5, 0x40, "0100", "PUBACK id=256 reason=00"},
    {"puback_5_reason", client, v5, 0x40, "ffff 10", "PUBACK id=65535 reason=10"},
    {"puback_5_all", client, v5, 0x40, "0001 87 {1f <no> 26 <a> <b>}", "PUBACK id=1 reason=87 string=no (a:b)"},
    {"pubrec_311", client, v311, 0x50, "0001", "PUBREC id=1 reason=00"},
    {"pubrec_5_all", client, v5, 0x50, "0001 97 {1f <no> 26 <a> <b>}", "PUBREC id=1 reason=97 string=no (a:b)"},
    {"pubrel_31", client, v31, 0x62, "0001", "PUBREL id=1 reason=00"},
    {"pubrel_5_reason", client, v5, 0x62, "0001 92", "PUBREL id=1 reason=92"},
    {"pubrel_5_all", client, v5, 0x62, "0001 92 {1f <no> 26 <a> <b>}", "PUBREL id=1 reason=92 string=no (a:b)"},
    {"pubcomp_311", client, v311, 0x70, "0001", "PUBCOMP id=1 reason=00"},
    {"pubcomp_5_success_with_words", client, v5, 0x70, "0001 00 {1f <yes>}", "PUBCOMP id=1 reason=00 string=yes"},

    {"subscribe_311", client, v311, 0x82, "0001 <a/b> 01 <c/#> 02", "SUBSCRIBE id=1 filter=a/b qos=1 filter=c/# qos=2"},
    {"subscribe_31", client, v31, 0x82, "0001 <+> 00", "SUBSCRIBE id=1 filter=+ qos=0"},
    {"subscribe_5", client, v5, 0x82, "0001 {} <a> 2e <b> 10",
     "SUBSCRIBE id=1 filter=a qos=2 no-local as-published handling=2 filter=b qos=0 handling=1"},
    {"subscribe_5_all", client, v5, 0x82, "0001 {0b 8001 26 <a> <b>} <$share/g/t> 09",
     "SUBSCRIBE id=1 sub=128 (a:b) filter=$share/g/t qos=1 as-published"},
    {"suback_31", server, v31, 0x90, "0001 02", "SUBACK id=1 reason=02"},
    {"suback_311", server, v311, 0x90, "0001 00 01 02 80", "SUBACK id=1 reason=00 reason=01 reason=02 reason=80"},
    {"suback_5", server, v5, 0x90, "0001 {} 01 8f", "SUBACK id=1 reason=01 reason=8f"},
    {"suback_5_all", server, v5, 0x90, "0001 {1f <no> 26 <a> <b>} a2", "SUBACK id=1 string=no (a:b) reason=a2"},
    {"unsubscribe_311", client, v311, 0xa2, "0001 <a> <b/#>", "UNSUBSCRIBE id=1 filter=a filter=b/#"},
    {"unsubscribe_5", client, v5, 0xa2, "0001 {26 <a> <b>} <a>", "UNSUBSCRIBE id=1 (a:b) filter=a"},
    {"unsuback_311", server, v311, 0xb0, "0001", "UNSUBACK id=1"},
    {"unsuback_5", server, v5, 0xb0, "0001 {} 00 11", "UNSUBACK id=1 reason=00 reason=11"},
    {"unsuback_5_all", server, v5, 0xb0, "0001 {1f <no> 26 <a> <b>} 87", "UNSUBACK id=1 string=no (a:b) reason=87"},

    {"pingreq", client, v311, 0xc0, "", "PINGREQ"},
    {"pingresp", server, v5, 0xd0, "", "PINGRESP"},
    {"disconnect_311", client, v311, 0xe0, "", "DISCONNECT reason=00"},
    {"disconnect_5", client, v5, 0xe0, "", "DISCONNECT reason=00"},
    {"disconnect_5_with_will", client, v5, 0xe0, "04", "DISCONNECT reason=04"},
    {"disconnect_5_all", client, v5, 0xe0, "00 {11 0000000a 1f <bye> 26 <a> <b>}",
     "DISCONNECT reason=00 session-expiry=10 string=bye (a:b)"},
    {"disconnect_5_of_a_server", server, v5, 0xe0, "9d {1f <gone> 1c <there>}",
     "DISCONNECT reason=9d string=gone server=there"},
    {"auth_begins", client, v5, 0xf0, "19 {15 <m> 16 [00]}", "AUTH reason=19 method=m data=" + std::string(1, '\0')},
    {"auth_goes_on", server, v5, 0xf0, "18 {15 <m> 16 <d> 1f <more> 26 <a> <b>}",
     "AUTH reason=18 method=m data=d string=more (a:b)"},
    {"auth_ends", server, v5, 0xf0, "", "AUTH reason=00"},
};

Decoder decoder_for(const Case& c) { return c.first >> 4 == 1 ? Decoder({}, c.hears) : decoder_of(c.version, c.hears); }

TEST(MqttPacket, Bytes_become_the_packet_that_they_say) {
  for (const Case& c : kPackets) {
    const std::string bytes = packet(c.first, c.rest) + "next";
    Decoder decoder = decoder_for(c);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded) << c.name << ": " << decoded.error().what;
    ASSERT_TRUE(*decoded) << c.name;
    EXPECT_EQ(tell(**decoded), c.says) << c.name;
    EXPECT_EQ(as_text(in), "next") << c.name;
    EXPECT_EQ(decoder.version(), c.version) << c.name;
  }
}

TEST(MqttPacket, That_is_cut_anywhere_is_not_all_here_and_nothing_is_taken) {
  for (const Case& c : kPackets) {
    const std::string bytes = packet(c.first, c.rest);
    Decoder decoder = decoder_for(c);
    for (size_t size = 0; size < bytes.size(); ++size) {
      Bytes in = as_bytes(std::string_view(bytes).substr(0, size));
      const auto decoded = decoder.next(in);
      ASSERT_TRUE(decoded) << c.name << " cut at " << size << ": " << decoded.error().what;
      EXPECT_FALSE(*decoded) << c.name << " cut at " << size;
      EXPECT_EQ(in.size(), size) << c.name;
    }
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    EXPECT_TRUE(decoded && *decoded) << c.name << " after all cuts";
  }
}

// [MQTT-2.1.3-1], [MQTT-2.2.2-1], [MQTT-2.2.1-2], [MQTT-2.2.1-5], [MQTT-2.2.1-6], [MQTT-1.5.5-1]: the bytes show it.
TEST(MqttPacket, That_was_decoded_is_encoded_as_the_same_bytes) {
  for (const Case& c : kPackets) {
    const std::string bytes = packet(c.first, c.rest);
    Decoder decoder = decoder_for(c);
    Bytes in = as_bytes(bytes);
    const auto decoded = decoder.next(in);
    ASSERT_TRUE(decoded && *decoded) << c.name;
    Buffer out;
    encode(out, **decoded, c.version);
    EXPECT_EQ(testing::PrintToString(out.text()), testing::PrintToString(bytes)) << c.name;
    if (const auto* publish = std::get_if<Publish>(&**decoded)) {
      EXPECT_EQ(encoded_size(*publish, c.version), bytes.size()) << c.name;
    }
  }
}

// Whatever stands behind a field that is too long for its packet: the packet's length holds, not the field's.
TEST(MqttPacket, Whose_length_is_shorter_than_its_fields_never_reads_beyond_it) {
  for (const Case& c : kPackets) {
    const std::string whole = packet(c.first, c.rest);
    if (whole.size() < 4 || whole.size() > 127) continue;
    for (size_t size = 2; size < whole.size(); ++size) {
      // Memory of just that size: the sanitizer sees who reads on.
      std::string bytes = whole.substr(0, size);
      bytes[1] = static_cast<char>(size - 2);
      Decoder decoder = decoder_for(c);
      Bytes in = as_bytes(bytes);
      const auto decoded = decoder.next(in);
      if (!decoded) continue;
      ASSERT_TRUE(*decoded) << c.name;
      EXPECT_TRUE(in.empty()) << c.name;
      EXPECT_NE(tell(**decoded), c.says) << c.name << " of " << size << " bytes says what all of them say";
    }
  }
}

}  // namespace
}  // namespace mqttio::mqtt::story
