#pragma once

#include "transport/hub.h"

namespace mqttio::transport {

/// A listening socket: lets connections in.
class Door final : public Resident, private net::Waiter, private Timer {
 public:
  Door(Hub& hub, std::unique_ptr<net::Listener> listener, Hub::Admits admits);

 private:
  void ready(bool readable, bool writable) override;
  void expire(Time now) override;

  std::unique_ptr<net::Listener> listener_;
  Hub::Admits admits_;
};

/// A connection that has not said yet which protocol it speaks: its first bytes decide.
class Arrival final : public Resident, private net::Waiter, private Timer {
 public:
  Arrival(Hub& hub, net::Socket socket, Hub::Admits admits);

 private:
  void ready(bool readable, bool writable) override;
  void expire(Time now) override;
  void sort(Bytes early);
  /// Says in the peer's own words, where it has some, that this is the wrong port.
  void turn_away(Bytes early);
  void leave();

  net::Socket socket_;
  Hub::Admits admits_;
};

/// A connection that was closed from our side: delivers the last bytes, then waits until the peer has closed, too, so
/// that the system does not throw them away.
class Farewell final : public Resident, private net::Waiter, private Timer {
 public:
  Farewell(Hub& hub, Outlet outlet, std::string sid);

 private:
  void ready(bool readable, bool writable) override;
  void expire(Time now) override;
  void flush();
  void leave();

  Outlet outlet_;
  std::string sid_;  ///< Whose messages are in what is left; "": nobody asks.
  Time latest_;
};

}  // namespace mqttio::transport
