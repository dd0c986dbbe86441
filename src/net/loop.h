#pragma once

#include <memory>
#include <vector>

#include "base/time.h"

namespace mqttio::net {

/// Somebody who is told that a socket of theirs can be read or written without waiting.
class Waiter {
 public:
  virtual void ready(bool readable, bool writable) = 0;

 protected:
  ~Waiter() = default;
};

/// Lets this process open as many descriptors as the system allows it to, whatever it allowed at first.
void raise_descriptor_limit();

struct LoopCore;

/// One thread's share of the operating system: which sockets are ready, what time it is, who asked us to stop.
/// Everything made with a loop is used on its thread and dies before it.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Waits until something is ready or `until` has come.
  void wait(Time until);
  /// Tells every waiter that is concerned, once.
  void tell();

  /// The clock's time; the turn asks once and passes it down.
  static Time now() { return std::chrono::steady_clock::now(); }

  /// From now on SIGINT and SIGTERM do not end the process but wake the loop.
  void catch_stop_signals();
  /// How many of them came.
  int stop_signals() const;

  LoopCore& core() { return *core_; }

 private:
  std::unique_ptr<LoopCore> core_;
};

}  // namespace mqttio::net
