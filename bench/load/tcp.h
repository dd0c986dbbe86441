#pragma once

#include "transport.h"

namespace mqttio::load {

/// MQTT on bare TCP.
class Tcp final : public Transport, public Wire::Owner {
 public:
  Tcp(Poller& poller, uint16_t port, Listener& listener)
      : Transport(poller, listener), wire_(std::make_unique<Wire>(poller, port, *this)) {
    listener.opened();
  }

 private:
  void send() override {
    if (wire_ != nullptr) wire_->write(out_.view());
    out_.clear();
  }
  void read(Wire&, std::span<std::byte> bytes) override { listener_.received(bytes); }
  void closed(Wire&) override {
    Wire::bury(std::move(wire_));
    listener_.closed();
  }

  std::unique_ptr<Wire> wire_;
};

}  // namespace mqttio::load
