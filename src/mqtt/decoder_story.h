#pragma once

#include <gtest/gtest.h>

#include <span>

#include "mqtt/decoder.h"
#include "mqtt/story.h"

/// For tests: what a decoder makes of the bytes of one packet.
namespace mqttio::mqtt::story {

using Hears = Decoder::Hears;

/// A decoder in the middle of a conversation in `version`.
inline Decoder decoder_of(Version version, Hears hears = Hears::client, const Decoder::Options& options = {}) {
  Decoder decoder(options, hears);
  if (hears == Hears::client) {
    static const std::string kConnects[] = {packet(0x10, "<MQIsdp> 03 02 0000 <a>"),
                                            packet(0x10, "<MQTT> 04 02 0000 <a>"),
                                            packet(0x10, "<MQTT> 05 02 0000 {} <a>")};
    Bytes connect = as_bytes(kConnects[static_cast<uint8_t>(version) - 3]);
    EXPECT_TRUE(decoder.next(connect).has_value());
  }
  decoder.set_version(version);
  return decoder;
}

/// A packet that must be refused, and why.
struct Fault {
  std::string_view name;
  Version version;
  uint8_t first;
  std::string rest;
  std::string_view what;
  Reason reason = Reason::malformed_packet;
};

constexpr Version v31 = Version::v31;
constexpr Version v311 = Version::v311;
constexpr Version v5 = Version::v5;

inline void expect_refused(const Fault& fault, Hears hears) {
  const std::string bytes = packet(fault.first, fault.rest);
  const bool connect = fault.first >> 4 == 1;
  Decoder decoder = connect ? Decoder({}) : decoder_of(fault.version, hears);
  Bytes in = as_bytes(bytes);
  const auto decoded = decoder.next(in);
  ASSERT_FALSE(decoded) << fault.name << " became " << (*decoded ? tell(**decoded) : "nothing");
  EXPECT_EQ(decoded.error().what, fault.what) << fault.name;
  EXPECT_EQ(decoded.error().reason, fault.reason) << fault.name;
}

template <size_t N>
void expect_all_refused(const Fault (&faults)[N], Hears hears = Hears::client) {
  for (const Fault& fault : faults) expect_refused(fault, hears);
}

}  // namespace mqttio::mqtt::story
