#pragma once

#include "broker/ports.h"

namespace mqttio::server {

/// The Bus of a shard without neighbours: every claim is granted, and nobody listens.
class SoloBus final : public broker::Bus {
 public:
  void subscribed(std::string_view) override {}
  void unsubscribed(std::string_view) override {}
  void forward(const broker::Message&, bool) override {}
  void flush() override {}
  bool claim(std::string_view, bool, broker::ClaimTicket) override { return true; }
  void released(std::string_view) override {}
};

}  // namespace mqttio::server
