#pragma once

#include "client.h"
#include "process.h"

namespace mqttio::load {

/// Connections that do nothing, each with one subscription: what does the server remember of them?
class Idle final : public Client::Owner {
 public:
  Idle(const Target& target, const Process& server, size_t count) : target_(target), server_(server), count_(count) {}

  /// The outcome as JSON.
  std::string run() {
    come(kWarmUp);  // what the server does at its first use is no connection's
    leave();
    const int64_t before = settled_resident();
    come(count_);
    const int64_t with = settled_resident();
    leave();
    const int64_t after = settled_resident();
    come(count_);
    const int64_t again = settled_resident();
    leave();
    const auto each = [&](int64_t rss) { return std::to_string((rss - before) / static_cast<int64_t>(count_)); };
    return R"({"scenario":"idle","transport":")" + target_.transport + R"(","connections":)" + std::to_string(count_) +
           R"(,"bytes_each":)" + each(with) + R"(,"bytes_each_after_leaving":)" + each(after) +
           R"(,"bytes_each_second_time":)" + each(again) + "}";
  }

 private:
  /// Few: what they leave behind is not counted again.
  static constexpr size_t kWarmUp = 8;
  /// Connections being made or closed at once: no listener's queue is full, nothing has to be tried again.
  static constexpr size_t kAtOnce = 64;

  void come(size_t count) {
    ready_ = 0;
    while (clients_.size() < count) {
      const std::string name = "idle/" + std::to_string(clients_.size());
      clients_.push_back(std::make_unique<Client>(poller_, target_, *this, name, name));
      poller_.drive([&] { return clients_.size() - ready_ < kAtOnce; }, "a connection");
    }
    poller_.drive([&] { return ready_ == count; }, "the last connections");
  }
  void ready(Client& client) override {
    ++ready_;
    client.settle();
  }

  void leave() {
    for (size_t first = 0; first < clients_.size(); first += kAtOnce) {
      const std::span some = std::span(clients_).subspan(first, std::min(kAtOnce, clients_.size() - first));
      for (const auto& client : some) client->leave();
      poller_.drive([&] { return std::ranges::all_of(some, [](const auto& client) { return client->gone(); }); },
                    "the good-bye");
    }
    clients_.clear();
  }

  int64_t settled_resident() {
    poller_.drive_for(std::chrono::milliseconds(500));
    return server_.resident();
  }

  Target target_;
  Process server_;
  size_t count_;
  size_t ready_ = 0;
  Poller poller_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace mqttio::load
