#include "server/settings.h"

namespace mqttio::server {
namespace {

/// Calls `visit(options, field)` for each row of each room's table.
template <class SomeSettings, class Visit>
void each_option(SomeSettings& settings, Visit visit) {
  for (const auto& field : broker::kOptions) visit(settings.broker, field);
  for (const auto& field : transport::kOptions) visit(settings.transport, field);
  for (const auto& field : engineio::kOptions) visit(settings.engine, field);
}

}  // namespace

Result<void, std::string> set_option(Settings& settings, std::string_view key, std::string_view value) {
  std::optional<Result<void, std::string>> outcome;
  std::vector<std::string_view> names;
  each_option(settings, [&](auto& options, const auto& field) {
    names.push_back(field.name);
    if (field.name == key) outcome = mqttio::set_option(options, field, value);
  });
  if (outcome && *outcome) return {};
  if (outcome) return std::unexpected("`" + std::string(key) + "`: " + outcome->error());
  const std::string_view near = nearest_name(key, names);
  return std::unexpected(
      "unknown option `" + std::string(key) + "`" +
      (near.empty() ? "; `mqttio serve --help` lists them all" : ": did you mean `" + std::string(near) + "`?"));
}

std::vector<OptionRow> list_options(const Settings& settings) {
  std::vector<OptionRow> rows;
  each_option(settings, [&](const auto& options, const auto& field) {
    rows.push_back({field.name, to_text(get_option(options, field)), field.help});
  });
  return rows;
}

}  // namespace mqttio::server
