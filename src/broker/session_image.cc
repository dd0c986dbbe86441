#include "broker/session_image.h"

#include <utility>

namespace mqttio::broker {

SessionImage SessionImage::take_from(Session& session) {
  SessionImage image;
  image.expiry = session.expiry;
  session.each_subscription([&](const Subscription& subscription) {
    image.filters.push_back({subscription.filter, subscription.options, subscription.identifier, std::nullopt});
    if (subscription.walk != nullptr) image.filters.back().walk = subscription.walk->from;
  });
  image.queue_ = std::exchange(session.queue_, {});
  image.queued_bytes_ = std::exchange(session.queued_bytes_, 0);
  image.earliest_expiry_ = std::exchange(session.earliest_expiry_, kNever);
  image.flows_ = std::move(session.flows_);
  return image;
}

void SessionImage::give_to(Session& session) {
  session.expiry = expiry;
  session.queue_ = std::move(queue_);
  session.queued_bytes_ = queued_bytes_;
  session.earliest_expiry_ = earliest_expiry_;
  for (size_t i = 0; i < session.queue_.size(); ++i) session.queue_[i].order = 0;  // orders are a shard's own
  session.flows_ = std::move(flows_);
}

}  // namespace mqttio::broker
