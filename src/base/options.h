#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace mqttio {

/// A number of bytes, as people write one: "64KiB", "1MB".
struct Size {
  uint64_t bytes = 0;
  friend bool operator==(Size, Size) = default;
};

/// One row of a room's option table: the name, the member of the room's `Options` that it steers, what it means, and
/// the range that makes sense (in the member's own unit: milliseconds, bytes, or the plain number).
template <class Options>
struct Field {
  using Member = std::variant<bool Options::*, uint16_t Options::*, uint32_t Options::*, Size Options::*,
                              std::chrono::milliseconds Options::*>;
  std::string_view name;
  Member member;
  std::string_view help;
  uint64_t min = 0;
  uint64_t max = std::numeric_limits<uint64_t>::max();
};

/// What a value may be; `text` is what to show a person.
using OptionValue = std::variant<bool, uint64_t, Size, std::chrono::milliseconds>;

/// Reads "true", "12", "64KiB" or "25s" as the kind of value that `like` holds. The error is a sentence for people.
Result<OptionValue, std::string> parse_option(std::string_view text, const OptionValue& like);

/// Writes a value as a person would: "25s", "64KiB", "true".
std::string to_text(const OptionValue& value);

/// The name among `names` that `wrong` was most likely meant to be, or "" if nothing is near.
std::string_view nearest_name(std::string_view wrong, std::span<const std::string_view> names);

template <class Options>
OptionValue get_option(const Options& options, const Field<Options>& field) {
  return std::visit(
      [&](auto member) -> OptionValue {
        const auto& value = options.*member;
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, uint16_t> ||
                      std::is_same_v<std::decay_t<decltype(value)>, uint32_t>)
          return uint64_t{value};
        else
          return value;
      },
      field.member);
}

/// The value in the unit in which `Field::min` and `max` are given.
uint64_t magnitude(const OptionValue& value);

/// Sets the option from text. The error says what is wrong with the value and what would be right.
template <class Options>
Result<void, std::string> set_option(Options& options, const Field<Options>& field, std::string_view text) {
  const auto value = parse_option(text, get_option(options, field));
  if (!value) return std::unexpected(value.error());
  uint64_t max = field.max;
  if (std::holds_alternative<uint16_t Options::*>(field.member)) max = std::min<uint64_t>(max, UINT16_MAX);
  if (std::holds_alternative<uint32_t Options::*>(field.member)) max = std::min<uint64_t>(max, UINT32_MAX);
  if (magnitude(*value) < field.min || magnitude(*value) > max)
    return std::unexpected("`" + std::string(text) + "` is out of range: from " + std::to_string(field.min) + " to " +
                           std::to_string(max) + " (milliseconds, bytes or the plain number)");
  std::visit(
      [&](auto member) {
        using T = std::decay_t<decltype(options.*member)>;
        if constexpr (std::is_same_v<T, uint16_t> || std::is_same_v<T, uint32_t>)
          options.*member = static_cast<T>(std::get<uint64_t>(*value));
        else
          options.*member = std::get<T>(*value);
      },
      field.member);
  return {};
}

}  // namespace mqttio
