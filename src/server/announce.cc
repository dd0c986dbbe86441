// What the server says of itself at the start: to people, and to other programs.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "server/server.h"
#include "server/version.h"

namespace mqttio::server {
namespace {

/// What to write in a URL for an address that may mean "all of them".
std::string reachable(const net::Address& address) {
  const bool all = address.host == "0.0.0.0" || address.host == "::";
  return net::Address{.host = all ? "127.0.0.1" : address.host, .port = address.port}.text();
}

std::string who_gets_in(const Settings& settings, const Server& server, const std::string& mqtt) {
  if (settings.development)
    return "  WARNING: --dev lets everybody in without a password, and every web page of any origin.\n";
  if (server.password().empty())
    return "  Only this computer can connect, without a password.\n"
           "  To serve other hosts, start with --bind ADDRESS: a user with a password is made then.\n";
  return fmt::format(
      "  Nobody connects without a password. One user was made for this run:\n"
      "    user {}   password {}\n"
      "    mosquitto_pub -h {} -p {} -u {} -P {} -t hello/world -m Hi\n",
      auth::FirstRun::kUser, server.password(), mqtt.substr(0, mqtt.rfind(':')), mqtt.substr(mqtt.rfind(':') + 1),
      auth::FirstRun::kUser, server.password());
}

}  // namespace

std::string banner(const Settings& settings, const Server& server) {
  const std::string mqtt = reachable(server.listening()[0].address);
  const std::string web = reachable(server.listening()[1].address);
  const std::string port = mqtt.substr(mqtt.rfind(':') + 1);
  const std::string flag = port == "1883" ? "" : " -p " + port;
  return fmt::format(
      "MQTT.iO {}  pid={}  engine=memory  {}\n\n"
      "  MQTT            mqtt://{}\n"
      "  WebSocket       ws://{}/mqtt\n"
      "  Socket.IO       http://{}/socket.io/   namespace /mqtt\n"
      "  Demo            http://{}/demo\n\n"
      "{}"
      "  Nothing is written to disk: retained messages and sessions end with this process.\n\n"
      "Try it:  mosquitto_sub{} -t 'hello/#' -v      and      mosquitto_pub{} -t hello/world -m Hi\n",
      kVersion, ::getpid(), settings.bind.empty() ? "(built-in defaults)" : "bind=" + settings.bind, mqtt, web, web,
      web, who_gets_in(settings, server, mqtt), flag, flag);
}

Result<void, std::string> write_ready_file(const std::string& path, const std::vector<Listening>& listening) {
  std::string rows;
  for (const Listening& one : listening) {
    std::string protocols;
    for (const std::string_view protocol : one.protocols)
      protocols += fmt::format(R"({}"{}")", protocols.empty() ? "" : ",", protocol);
    rows += fmt::format(R"({}{{"name":"{}","address":"{}","port":{},"protocols":[{}]}})", rows.empty() ? "" : ",",
                        one.name, one.address.host, one.address.port, protocols);
  }
  const std::string text = fmt::format(R"({{"pid":{},"listeners":[{}]}})", ::getpid(), rows) + "\n";
  const std::string partial = path + ".partial";
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!written || std::rename(partial.c_str(), path.c_str()) != 0)
    return std::unexpected(fmt::format(
        "error[ready_file]: cannot write {}: {}\n   = help: choose a file in a folder that exists and can be written",
        path, std::strerror(errno)));
  return {};
}

}  // namespace mqttio::server
