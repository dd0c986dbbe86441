#include "server/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace mqttio::server {
namespace {

constexpr auto kDropInterval = std::chrono::seconds(1);

std::string_view to_text(broker::Drop why) {
  switch (why) {
    case broker::Drop::queue_full: return "its queue is full (queue.max_messages, queue.max_bytes)";
    case broker::Drop::expired: return "the message expired";
    case broker::Drop::packet_too_large: return "the packet is larger than the client's Maximum Packet Size";
    case broker::Drop::not_authorized: return "not authorized";
  }
  return "unknown";
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

void LogObserver::connected(std::string_view client_id, const broker::Peer& peer) {
  spdlog::debug("connected client={} transport={} peer={}", client_id, peer.transport, peer.address);
}

void LogObserver::disconnected(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
                               std::string_view why) {
  spdlog::debug("disconnected client={} transport={} peer={} reason=0x{:02x} ({})", client_id, peer.transport,
                peer.address, static_cast<unsigned>(reason), why);
}

void LogObserver::dropped(std::string_view client_id, std::string_view topic, broker::Drop why) {
  ++untold_;
  const Time now = std::chrono::steady_clock::now();
  if (now < next_line_) return;
  spdlog::warn("dropped client={} topic={} why=\"{}\" count={}", client_id, topic, to_text(why), untold_);
  untold_ = 0;
  next_line_ = now + kDropInterval;
}

}  // namespace mqttio::server
