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

/// Where a program on this machine finds a listener that may have all addresses.
net::Address reachable(net::Address address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

std::string who_gets_in(const Settings& settings, const Server& server) {
  if (settings.development)
    return "  WARNING: --dev lets everybody in without a password, and every web page of any origin.\n";
  if (server.password().empty())
    return "  Only this computer can connect, without a password.\n"
           "  To serve other hosts, start with --bind ADDRESS: a user with a password is made then.\n";
  return fmt::format(
      "  Nobody connects without a password. One user was made for this run:\n"
      "    user {}   password {}\n",
      auth::FirstRun::kUser, server.password());
}

}  // namespace

std::string client_flags(const net::Address& mqtt, const std::string& password) {
  const net::Address at = reachable(mqtt);
  std::string flags;
  if (at.host != "127.0.0.1") flags += " -h " + at.host;  // without the brackets that URLs want
  if (at.port != 1883) flags += " -p " + std::to_string(at.port);
  if (!password.empty()) flags += fmt::format(" -u {} -P {}", auth::FirstRun::kUser, password);
  return flags;
}

std::string banner(const Settings& settings, const Server& server) {
  const std::string mqtt = reachable(server.listening()[0].address).text();
  const std::string web = reachable(server.listening()[1].address).text();
  const std::string flags = client_flags(server.listening()[0].address, server.password());
  return fmt::format(
      "MQTT.iO {}  pid={}  engine=memory  {}\n\n"
      "  MQTT            mqtt://{}\n"
      "  WebSocket       ws://{}/mqtt\n"
      "  Socket.IO       http://{}/socket.io/   namespace /mqtt\n"
      "  Demo            http://{}/demo\n\n"
      "{}"
      "  Nothing is written to disk: retained messages and sessions end with this process.\n\n"
      "Try it:  mosquitto_sub{} -t 'hello/#' -v\n"
      "   and:  mosquitto_pub{} -t hello/world -m Hi\n",
      kVersion, ::getpid(), settings.bind.empty() ? "(built-in defaults)" : "bind=" + settings.bind, mqtt, web, web,
      web, who_gets_in(settings, server), flags, flags);
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
  ::unlink(partial.c_str());  // what an earlier run left has its own mode, or leads elsewhere
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const bool written = file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) ::close(file);
  if (!written || std::rename(partial.c_str(), path.c_str()) != 0)
    return std::unexpected(fmt::format(
        "error[ready_file]: cannot write {}: {}\n   = help: choose a file in a folder that exists and can be written",
        path, std::strerror(errno)));
  return {};
}

}  // namespace mqttio::server
