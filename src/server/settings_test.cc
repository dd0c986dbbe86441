#include "server/settings.h"

#include <gtest/gtest.h>

namespace mqttio::server {
namespace {

/// `Time` counts nanoseconds in 64 bits: what is added to a moment must leave it one.
constexpr uint64_t kLongest = 136ull * 365 * 86'400'000;

template <class Options, size_t N>
void expect_bounds(const Field<Options> (&table)[N]) {
  const Options defaults;
  for (const Field<Options>& field : table) {
    const auto* member = std::get_if<std::chrono::milliseconds Options::*>(&field.member);
    if (member == nullptr) continue;
    EXPECT_LE(field.max, kLongest) << field.name;
    EXPECT_GE(field.max, static_cast<uint64_t>((defaults.*(*member)).count())) << field.name;
  }
}

TEST(Options, EveryDurationHasALongestThatAClockCanCount) {
  expect_bounds(broker::kOptions);
  expect_bounds(transport::kOptions);
  expect_bounds(engineio::kOptions);
}

TEST(Options, EveryDefaultIsOneThatMayBeSet) {
  Settings settings;
  for (const auto& [key, value, help] : list_options(settings)) EXPECT_TRUE(set_option(settings, key, value)) << key;
}

}  // namespace
}  // namespace mqttio::server
