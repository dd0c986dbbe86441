#include "net/loop.h"

#include <sys/resource.h>

#include <csignal>

#include "net/asio.h"

namespace mqttio::net {

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // if it fails, the limit is what it was
}

Loop::Loop() : core_(std::make_unique<LoopCore>()) {}
Loop::~Loop() = default;

void Loop::wait(Time until) {
  // Completions only note who is ready; nobody is told, and so no socket dies, before all have been noted.
  if (until == kNever)
    core_->io.run_one();
  else
    core_->io.run_one_until(until);
  core_->io.poll();
}

void Loop::tell() {
  for (size_t i = 0; i < core_->ready.size(); ++i) {
    const auto [waiter, readable, writable] = core_->ready[i];
    if (waiter != nullptr) waiter->ready(readable, writable);
  }
  core_->ready.clear();
}

void Loop::catch_stop_signals() {
  core_->signals.add(SIGINT);
  core_->signals.add(SIGTERM);
  core_->await_signal();
}

int Loop::stop_signals() const { return core_->stop_signals; }

}  // namespace mqttio::net
