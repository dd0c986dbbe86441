#pragma once

#include "transport/hub.h"

namespace mqttio::transport {

/// MQTT on bare TCP.
class TcpStream final : public Resident, public Stream, private net::Waiter {
 public:
  /// `early`: what was read while the first bytes were looked at.
  TcpStream(Hub& hub, net::Socket socket, Peer peer, Bytes early);

  std::optional<Bytes> read(std::span<std::byte> scratch) override;
  size_t room() const override { return outlet_.empty() ? kRoom : 0; }
  void write(Buffer& out) override;
  void close(Close why, Buffer& last) override;

 private:
  void ready(bool readable, bool writable) override;

  Outlet outlet_;
  Buffer early_;
};

}  // namespace mqttio::transport
