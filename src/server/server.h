#pragma once

#include <memory>

#include "auth/first_run.h"
#include "net/loop.h"
#include "server/log.h"
#include "server/settings.h"
#include "server/shard.h"
#include "server/solo_bus.h"
#include "transport/hub.h"

namespace mqttio::server {

/// A listener as it came to be, for the banner and the ready file.
struct Listening {
  std::string_view name;
  net::Address address;
  std::vector<std::string_view> protocols;
};

/// The running program: one shard and what it leans on, put together.
class Server {
 public:
  /// Listens and is ready. The error is what to print, whole.
  static Result<std::unique_ptr<Server>, std::string> start(const Settings& settings);

  /// Serves until SIGINT or SIGTERM, then says good-bye to everybody. A second signal cuts that short.
  void run();

  const std::vector<Listening>& listening() const { return listening_; }
  /// Of the generated user; "": there is none.
  const std::string& password() const { return password_; }

 private:
  explicit Server(const Settings& settings);
  Result<void, std::string> listen(std::string_view name, uint16_t port, transport::Hub::Admits admits,
                                   std::vector<std::string_view> protocols);

  Settings settings_;
  std::string password_;
  net::Loop loop_;
  SoloBus bus_;
  auth::FirstRun authenticator_;
  LogObserver observer_;
  broker::Broker broker_;
  transport::Hub hub_;
  Shard shard_;
  std::vector<Listening> listening_;
};

/// Tells other programs where the server listens: JSON, readable by its owner alone, there whole or not at all.
Result<void, std::string> write_ready_file(const std::string& path, const std::vector<Listening>& listening);

/// The flags with which mosquitto's programs find the listener and get in; "" if they would without any.
std::string client_flags(const net::Address& mqtt, const std::string& password);

/// What a person sees at the start.
std::string banner(const Settings& settings, const Server& server);

}  // namespace mqttio::server
