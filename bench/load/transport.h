#pragma once

#include "wire.h"

namespace mqttio::load {

/// A client's end of an MQTT stream, over whatever: what is appended to `out` leaves at the end of the turn, all of it
/// together.
class Transport : private Poller::Sender {
 public:
  class Listener {
   public:
    virtual void opened() = 0;
    virtual void received(Bytes bytes) = 0;
    /// It is buried or settled by whoever owns it, not within this call.
    virtual void closed() = 0;

   protected:
    ~Listener() = default;
  };

  Transport(Poller& poller, Listener& listener) : poller_(poller), listener_(listener) {}
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  Buffer& out() {
    wake();
    return out_;
  }

  /// From now on it idles: lets go of what an idle client does not hold.
  virtual void settle() {}

 protected:
  /// Sends what is in `out_`, and empties it; or leaves it there until it can and calls `wake`.
  virtual void send() = 0;
  void wake() {
    if (!std::exchange(awake_, true)) poller_.send_later(*this);
  }

  Poller& poller_;
  Listener& listener_;
  Buffer out_;

 private:
  void flush() final {
    awake_ = false;
    send();
  }
  bool awake_ = false;
};

}  // namespace mqttio::load
