#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/timers.h"
#include "broker/ports.h"

namespace mqttio::server {

/// To standard error, through spdlog. `verbose` shows who comes and goes.
void start_log(bool verbose);
void log_info(const std::string& line);
void log_warning(const std::string& line);

/// Writes what the broker lets others see. Never a line for each message: what is dropped is counted for each client
/// and reason, who is refused or pushed out for each reason, and all of it is told at the end of the second in which it
/// began. Nothing that was counted stays untold.
class LogObserver final : public broker::Observer, private Timer {
 public:
  ~LogObserver() override;

  /// Where the end of a second comes from. They may die first.
  void use(Timers& timers) { timers_ = &timers; }

  void connected(std::string_view client_id, const broker::Peer& peer) override;
  void refused(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
               std::string_view why) override;
  void disconnected(std::string_view client_id, const broker::Peer& peer, mqtt::Reason reason,
                    std::string_view why) override;
  void dropped(std::string_view client_id, std::string_view topic, broker::Drop why) override;

 private:
  struct Drops {
    std::string client_id;
    std::string topic;  ///< Of the first.
    broker::Drop why;
    uint64_t count;
  };
  struct Warning {
    mqtt::Reason reason;
    std::string line;  ///< About the first.
    uint64_t more;
  };
  /// Lines of drops in a second; what goes beyond is told together. Protects the log from many clients at once.
  static constexpr size_t kDropsMax = 16;

  void warn(mqtt::Reason reason, std::string line);
  void tell_soon();
  void tell();
  void expire(Time now) override;

  Timers* timers_ = nullptr;
  std::vector<Drops> drops_;
  std::array<uint64_t, broker::kDrops> other_drops_{};
  std::vector<Warning> warnings_;
};

}  // namespace mqttio::server
