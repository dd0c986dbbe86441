#include "server/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "net/loop.h"

namespace mqttio::server {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);

std::string_view to_text(broker::Drop why) {
  switch (why) {
    case broker::Drop::queue_full: return "its queue is full (queue.max_messages, queue.max_bytes)";
    case broker::Drop::expired: return "the message expired";
    case broker::Drop::packet_too_large: return "the packet is larger than the client's Maximum Packet Size";
    case broker::Drop::not_authorized: return "not authorized";
    case broker::Drop::topic_invalid: return "the topic has too many levels (mqtt.max_topic_levels)";
    case broker::Drop::group_retained: return "a group send cannot be retained";
    case broker::Drop::subscription_refused: return "its subscription was refused, which MQTT 3.1 cannot say";
  }
  return "unknown";
}

/// Whether somebody should know who does not follow every client: it may be a break-in, or a wrong password.
bool is_about_rights(mqtt::Reason reason) {
  return reason == mqtt::Reason::bad_user_name_or_password || reason == mqtt::Reason::not_authorized ||
         reason == mqtt::Reason::banned || reason == mqtt::Reason::bad_authentication_method;
}

/// Names come from strangers: they must not look like lines of ours.
std::string plain(std::string_view name) {
  std::string text(name);
  for (char& letter : text)
    if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f) letter = '?';
  return text;
}

std::string about(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason, std::string_view why) {
  return fmt::format("client={} transport={} peer={} reason=0x{:02x} ({})", plain(client_id), peer.transport,
                     peer.address, static_cast<unsigned>(reason), why);
}

}  // namespace

void start_log(bool verbose) {
  auto logger = spdlog::stderr_color_mt("mqttio");
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

void log_info(const std::string& line) { spdlog::info("{}", line); }
void log_warning(const std::string& line) { spdlog::warn("{}", line); }

LogObserver::~LogObserver() { tell(); }

void LogObserver::connected(std::string_view client_id, const broker::Peer& peer) {
  spdlog::debug("connected client={} transport={} peer={}", plain(client_id), peer.transport, peer.address);
}

void LogObserver::refused(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
                          std::string_view why) {
  std::string line = "refused " + about(client_id, peer, reason, why);
  is_about_rights(reason) ? warn(reason, std::move(line)) : spdlog::debug("{}", line);
}

void LogObserver::disconnected(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
                               std::string_view why) {
  std::string line = "disconnected " + about(client_id, peer, reason, why);
  const bool pushed_out = reason == mqtt::Reason::session_taken_over;  // again and again, if two have one client id
  pushed_out ? warn(reason, std::move(line)) : spdlog::debug("{}", line);
}

void LogObserver::warn(mqtt::Reason reason, std::string line) {
  tell_soon();
  for (Warning& warning : warnings_)
    if (warning.reason == reason) return void(++warning.more);
  warnings_.push_back({reason, std::move(line), 0});
}

void LogObserver::dropped(std::string_view client_id, std::string_view topic, broker::Drop why) {
  tell_soon();
  for (Drops& drops : drops_)
    if (drops.why == why && drops.client_id == client_id) return void(++drops.count);
  if (drops_.size() == kDropsMax) return void(++other_drops_[static_cast<size_t>(why)]);
  drops_.push_back({std::string(client_id), std::string(topic), why, 1});
}

void LogObserver::tell_soon() {
  if (timers_ != nullptr && !armed()) timers_->arm(*this, net::Loop::now() + kInterval);
}

void LogObserver::expire(Time) { tell(); }

void LogObserver::tell() {
  for (const auto& [reason, line, more] : warnings_)
    more == 0 ? spdlog::warn("{}", line) : spdlog::warn("{} and {} more of this kind", line, more);
  for (const auto& [client_id, topic, why, count] : drops_)
    spdlog::warn("dropped client={} first_topic={} why=\"{}\" count={}", plain(client_id), plain(topic), to_text(why),
                 count);
  for (size_t why = 0; why < other_drops_.size(); ++why)
    if (other_drops_[why] > 0)
      spdlog::warn("dropped client=(others) why=\"{}\" count={}", to_text(static_cast<broker::Drop>(why)),
                   other_drops_[why]);
  warnings_.clear();
  drops_.clear();
  other_drops_ = {};
}

}  // namespace mqttio::server
