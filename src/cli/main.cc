#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/serve.h"
#include "cli/usage.h"
#include "server/version.h"

int main(int argc, char** argv) {
  using namespace mqttio;
  CLI::App app("MQTT.iO: an MQTT broker that is reached over TCP, WebSocket and Socket.IO");
  cli::set_up(app);
  app.require_subcommand(1);

  cli::Serve serve(app);
  CLI::App* version = app.add_subcommand("version", "Print the version");
  version->callback([] { std::printf("mqttio %s\n", std::string(kVersion).c_str()); });
  cli::set_up(*version);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli::explain(app, error);
  }
  return serve.chosen() ? serve.run() : 0;
}
