#pragma once

#include <string>
#include <vector>

#include "broker/session.h"

namespace mqttio::broker {

/// A session taken out of its shard, to be run elsewhere: all that [MQTT-4.1.0-1] calls session state, and nothing of
/// the shard it leaves. Its connection is gone, so nothing waits at QoS 0. The messages are shared with other sessions
/// there: a Bus that crosses threads copies them.
struct SessionImage {
  struct Filter {
    std::string filter;
    mqtt::SubscriptionOptions options;
    uint32_t identifier = 0;
    std::optional<std::string> walk;  ///< Retained messages from this topic on are still owed.
  };

  /// Empties `session` into the image; its subscriptions have left the router.
  static SessionImage take_from(Session& session);
  /// Gives all but the subscriptions to a fresh session; those the broker adds one by one.
  void give_to(Session& session);

  Duration expiry{0};
  std::vector<Filter> filters;

 private:
  Ring<Delivery> queue_;
  size_t queued_bytes_ = 0;
  Time earliest_expiry_ = kNever;
  std::unique_ptr<Session::Flows> flows_;
};

}  // namespace mqttio::broker
