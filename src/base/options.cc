#include "base/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>
#include <vector>

namespace mqttio {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};

constexpr std::array kDurations = {Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000},
                                   Unit{"d", 86'400'000}};
constexpr std::array kSizes = {Unit{"B", 1},          Unit{"KiB", 1 << 10},     Unit{"MiB", 1 << 20},
                               Unit{"GiB", 1 << 30},  Unit{"kB", 1000},         Unit{"KB", 1000},
                               Unit{"MB", 1'000'000}, Unit{"GB", 1'000'000'000}};

/// A moment of `Time` and this still make a moment: it counts nanoseconds, for 292 years. 136 years, what 32 bits of
/// seconds hold, are within.
constexpr uint64_t kLongest = 50'000 * uint64_t{86'400'000};

std::unexpected<std::string> wrong(std::string_view text, std::string_view why) {
  return std::unexpected("`" + std::string(text) + "` " + std::string(why));
}

/// Digits and what follows them.
Result<std::pair<uint64_t, std::string_view>, std::string> split_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return wrong(text, "is not a whole number of 0 or more");
  return std::pair(number, text.substr(static_cast<size_t>(end - text.data())));
}

Result<uint64_t, std::string> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                              std::string_view advice) {
  const auto parts = split_number(text);
  if (!parts) return std::unexpected(parts.error());
  const auto& [number, unit_name] = *parts;
  const auto unit = std::ranges::find(units, unit_name, &Unit::name);
  if (unit == units.end() || number > UINT64_MAX / unit->factor) return wrong(text, advice);
  return number * unit->factor;
}

std::string with_unit(uint64_t value, std::span<const Unit> units) {
  const Unit* best = &units.front();
  for (const Unit& unit : units)
    if (value != 0 && value % unit.factor == 0 && unit.factor > best->factor) best = &unit;
  return std::to_string(value / best->factor) + std::string(best->name);
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row.back();
}

}  // namespace

Result<OptionValue, std::string> parse_option(std::string_view text, const OptionValue& like) {
  if (std::holds_alternative<bool>(like)) {
    if (text == "true") return true;
    if (text == "false") return false;
    return wrong(text, "is neither `true` nor `false`");
  }
  if (std::holds_alternative<uint64_t>(like)) {
    const auto parts = split_number(text);
    if (!parts) return std::unexpected(parts.error());
    if (!parts->second.empty()) return wrong(text, "takes a plain number without a unit");
    return parts->first;
  }
  if (std::holds_alternative<Size>(like)) {
    const auto bytes = parse_with_unit(text, kSizes, "is no size: write a number and B, KiB, MiB, GiB, kB, MB or GB");
    if (!bytes) return std::unexpected(bytes.error());
    return Size{*bytes};
  }
  const auto ms = parse_with_unit(text, kDurations, "is no duration: write a number and ms, s, m, h or d");
  if (!ms) return std::unexpected(ms.error());
  if (*ms > kLongest) return wrong(text, "is a longer time than a clock can count: at most 50000d");
  return std::chrono::milliseconds(*ms);
}

std::string to_text(const OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* number = std::get_if<uint64_t>(&value)) return std::to_string(*number);
  if (const auto* size = std::get_if<Size>(&value)) return with_unit(size->bytes, kSizes);
  return with_unit(static_cast<uint64_t>(std::get<std::chrono::milliseconds>(value).count()), kDurations);
}

uint64_t magnitude(const OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<uint64_t>(&value)) return *number;
  if (const auto* size = std::get_if<Size>(&value)) return size->bytes;
  return static_cast<uint64_t>(std::get<std::chrono::milliseconds>(value).count());
}

std::string_view nearest_name(std::string_view wrong_name, std::span<const std::string_view> names) {
  std::string_view nearest;
  size_t best = std::max<size_t>(2, wrong_name.size() / 3) + 1;  // further away it is a guess, not a typing error
  for (const std::string_view name : names) {
    const size_t distance = edit_distance(wrong_name, name);
    if (distance >= best) continue;
    best = distance;
    nearest = name;
  }
  return nearest;
}

}  // namespace mqttio
