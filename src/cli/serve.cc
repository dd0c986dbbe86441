#include "cli/serve.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "cli/usage.h"
#include "server/server.h"

namespace mqttio::cli {
namespace {

std::string options_help() {
  std::string text = "Options for --set, with their defaults:\n";
  for (const auto& [key, value, help] : server::list_options({}))
    text += fmt::format("  {} = {}\n      {}\n", key, value, help);
  return text;
}

}  // namespace

Serve::Serve(CLI::App& app) : command_(app.add_subcommand("serve", "Run the broker")) {
  set_up(*command_);
  command_->add_option("-p,--port", settings_.port, "Port of MQTT on TCP; 0 picks a free one")->capture_default_str();
  command_->add_option("--http-port", settings_.http_port, "Port of WebSocket, Socket.IO and the pages; 0 picks one")
      ->capture_default_str();
  command_->add_option(
      "--bind", settings_.bind,
      "Address to listen on. Without it only this computer can connect; with it, nobody without a password");
  command_->add_flag("--dev", settings_.development, "Let everybody in, from every web page: for development only");
  command_->add_option("--ready-file", settings_.ready_file, "Write pid and listeners there as JSON when ready");
  command_->add_option("--set", assignments_, "KEY=VALUE: set one of the options below; may be repeated")
      ->type_name("KEY=VALUE");
  command_->add_flag("-v,--verbose", settings_.verbose, "Log who comes and goes");
  command_->footer(options_help);
}

int Serve::run() {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& assignment : assignments_) {
    const size_t equals = std::min(assignment.find('='), assignment.size());
    const std::string value = assignment.substr(std::min(equals + 1, assignment.size()));
    if (auto set = server::set_option(settings_, assignment.substr(0, equals), value); !set) {
      std::fprintf(stderr, "error[config]: %s\n   = note: in --set %s\n", set.error().c_str(), assignment.c_str());
      return kExitConfig;
    }
  }
  server::start_log(settings_.verbose);
  auto server = server::Server::start(settings_);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().c_str());
    return kExitFailed;
  }
  if (!settings_.ready_file.empty()) {
    if (auto written = server::write_ready_file(settings_.ready_file, (*server)->listening()); !written) {
      std::fprintf(stderr, "%s\n", written.error().c_str());
      return kExitFailed;
    }
  }
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  std::printf("%sready in %lld ms\n", server::banner(settings_, **server).c_str(),
              static_cast<long long>(took.count()));
  std::fflush(stdout);
  (*server)->run();
  return 0;
}

}  // namespace mqttio::cli
