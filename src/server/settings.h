#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/options.h"
#include "engineio/options.h"
#include "transport/options.h"

namespace mqttio::server {

/// Everything that a person may decide about `mqttio serve`.
struct Settings {
  std::string bind;  ///< "": loopback, and nobody has chosen an address.
  uint16_t port = 1883;
  uint16_t http_port = 8080;
  bool development = false;
  bool verbose = false;
  std::string ready_file;
  broker::Options broker;
  transport::Options transport;
  engineio::Options engine;
};

/// Sets the option that some room's table calls `key`. The error is a sentence for people.
Result<void, std::string> set_option(Settings& settings, std::string_view key, std::string_view value);

struct OptionRow {
  std::string_view key;
  std::string value;  ///< As a person would write it.
  std::string_view help;
};
/// Every option of every room, with its present value.
std::vector<OptionRow> list_options(const Settings& settings);

}  // namespace mqttio::server
