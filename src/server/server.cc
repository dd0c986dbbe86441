#include "server/server.h"

#include <fmt/format.h>

#include "base/random.h"
#include "server/pages.h"

namespace mqttio::server {
namespace {

constexpr size_t kPasswordLength = 24;
/// How long the last words of all conversations may take.
constexpr auto kFarewell = std::chrono::seconds(3);

transport::Fence fence_of(const Settings& settings) {
  using Run = transport::Fence::Run;
  return {settings.development ? Run::development : settings.bind.empty() ? Run::zero_config : Run::configured};
}

std::string flag_of(std::string_view listener) { return listener == "mqtt" ? "--port" : "--http-port"; }

/// A port that somebody who finds theirs taken may try.
std::string next_to(uint16_t port) { return std::to_string(port < UINT16_MAX ? port + 1 : port - 1); }

std::string cannot_listen(std::string_view name, const std::string& host, uint16_t port, std::string why) {
  if (!why.empty() && why[0] >= 'A' && why[0] <= 'Z') why[0] += 'a' - 'A';
  const bool in_use = why.find("in use") != why.npos;
  const std::string_view code = in_use                           ? "listen.in_use"
                                : why.find("denied") != why.npos ? "listen.privileged"
                                                                 : "listen.failed";
  const std::string help =
      in_use ? fmt::format("stop who holds it, or choose another with {} {}", flag_of(name), next_to(port))
             : "choose another address with --bind, or a port above 1023";
  return fmt::format("error[{}]: cannot listen on {} (listener.{}): {}\n   = help: {}", code,
                     net::Address{.host = host, .port = port}.text(), name, why, help);
}

}  // namespace

Server::Server(const Settings& settings)
    : settings_(settings),
      password_(fence_of(settings).run == transport::Fence::Run::configured ? random_token(kPasswordLength) : ""),
      authenticator_(password_),
      broker_(settings.broker, {.bus = bus_,
                                .authenticator = authenticator_,
                                .observer = observer_,
                                .make_client_id = [] { return "auto-" + random_token(22); }}),
      hub_(loop_, settings.transport, settings.engine, fence_of(settings), serve_page, log_warning),
      shard_(hub_, broker_) {
  observer_.use(hub_.timers());
}

Result<std::unique_ptr<Server>, std::string> Server::start(const Settings& settings) {
  net::raise_descriptor_limit();
  std::unique_ptr<Server> server(new Server(settings));
  server->loop_.catch_stop_signals();
  if (auto mqtt = server->listen("mqtt", settings.port, {.mqtt = true}, {"mqtt"}); !mqtt)
    return std::unexpected(mqtt.error());
  if (auto web =
          server->listen("web", settings.http_port, {.mqtt = true, .http = true}, {"mqtt", "ws", "socketio", "http"});
      !web)
    return std::unexpected(web.error());
  return server;
}

Result<void, std::string> Server::listen(std::string_view name, uint16_t port, transport::Hub::Admits admits,
                                         std::vector<std::string_view> protocols) {
  const std::string host = settings_.bind.empty() ? "127.0.0.1" : settings_.bind;
  const auto address = hub_.listen(host, port, admits);
  if (!address) return std::unexpected(cannot_listen(name, host, port, address.error()));
  listening_.push_back({name, *address, std::move(protocols)});
  return {};
}

void Server::run() {
  while (loop_.stop_signals() == 0) shard_.tick();
  log_info("stopping: saying good-bye to " + std::to_string(shard_.connection_count()) + " clients");
  hub_.stop_admitting();
  shard_.shut_down();
  hub_.close_rest();
  const Time deadline = net::Loop::now() + kFarewell;
  while (hub_.delivering() && loop_.stop_signals() < 2 && net::Loop::now() < deadline) hub_.wait(deadline);
}

}  // namespace mqttio::server
