#pragma once

#include <boost/intrusive/set.hpp>

#include "base/time.h"

namespace mqttio {

class Timers;

/// Something that is to happen at a moment. Its owner derives from it; it leaves its `Timers` when it dies.
class Timer : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>,
                                                     boost::intrusive::optimize_size<true>> {
 public:
  virtual ~Timer() = default;
  Timer() = default;
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Called once when its moment has come; it may arm itself or others again.
  virtual void expire(Time now) = 0;

  bool armed() const { return is_linked(); }
  void cancel() { unlink(); }
  friend bool operator<(const Timer& a, const Timer& b) { return a.at_ < b.at_; }

 private:
  friend class Timers;
  Time at_ = kNever;
};

/// The deadlines of one shard, in order and exact to the clock's tick. Time is an input. Arming costs O(log n); owners
/// with a deadline that moves at every packet note the packet and look when the old deadline comes instead.
class Timers {
 public:
  void arm(Timer& timer, Time at) {
    timer.cancel();
    timer.at_ = at;
    order_.insert(timer);
  }

  /// The earliest deadline, or `kNever`.
  Time next() const { return order_.empty() ? kNever : order_.begin()->at_; }

  /// Lets everything happen whose moment is not after `now`. What gets armed meanwhile for `now` or earlier waits for
  /// the next call, so that a turn ends.
  void expire(Time now) {
    Order due;
    while (!order_.empty() && order_.begin()->at_ <= now) {
      Timer& timer = *order_.begin();
      timer.cancel();
      due.insert(due.end(), timer);
    }
    while (!due.empty()) {
      Timer& timer = *due.begin();
      timer.cancel();
      timer.expire(now);
    }
  }

 private:
  using Order = boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>>;
  Order order_;
};

}  // namespace mqttio
