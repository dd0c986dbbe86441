#pragma once

#include <CLI/CLI.hpp>

namespace mqttio::cli {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitConfig = 3;

/// What every command has in common: `--help` alone, for `-h` is the host in client commands.
void set_up(CLI::App& app);

/// Prints what was wrong with the command line, and what was probably meant; gives the exit code.
int explain(const CLI::App& app, const CLI::ParseError& error);

}  // namespace mqttio::cli
