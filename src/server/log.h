#pragma once

#include <string>

#include "base/time.h"
#include "broker/ports.h"

namespace mqttio::server {

/// To standard error, through spdlog. `verbose` shows who comes and goes.
void start_log(bool verbose);
void log_info(const std::string& line);
void log_warning(const std::string& line);

/// Writes what the broker lets others see. Never a line per message: drops are counted and told once a second.
class LogObserver final : public broker::Observer {
 public:
  void connected(std::string_view client_id, const broker::Peer& peer) override;
  void disconnected(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
                    std::string_view why) override;
  void dropped(std::string_view client_id, std::string_view topic, broker::Drop why) override;

 private:
  Time next_line_ = Time::min();
  uint64_t untold_ = 0;
};

}  // namespace mqttio::server
