#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "server/settings.h"

namespace mqttio::cli {

/// `mqttio serve`: runs the broker.
class Serve {
 public:
  /// Adds the command to the program's.
  explicit Serve(CLI::App& app);

  bool chosen() const { return command_->parsed(); }
  /// The exit code.
  int run();

 private:
  CLI::App* command_;
  server::Settings settings_;
  std::vector<std::string> assignments_;
};

}  // namespace mqttio::cli
