#include "broker/session_image.h"

#include <utility>

namespace mqttio::broker {

SessionImage SessionImage::take_from(Session& session) {
  SessionImage image;
  image.expiry = session.expiry;
  session.each_subscription([&](const Subscription& subscription) {
    image.filters.push_back({subscription.filter, subscription.options, subscription.identifier});
  });
  image.retained_ = std::exchange(session.retained_, {});
  image.queue_ = std::exchange(session.queue_, {});
  image.queued_bytes_ = std::exchange(session.queued_bytes_, 0);
  image.flows_ = std::move(session.flows_);
  return image;
}

void SessionImage::give_to(Session& session) {
  session.expiry = expiry;
  session.retained_ = std::move(retained_);
  session.queue_ = std::move(queue_);
  session.queued_bytes_ = queued_bytes_;
  session.flows_ = std::move(flows_);
}

}  // namespace mqttio::broker
