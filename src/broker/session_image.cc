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
  image.inflight_ = std::exchange(session.inflight_, {});
  image.received_ = std::exchange(session.received, {});
  image.next_order_ = session.next_order_;
  image.last_packet_id_ = session.last_packet_id_;
  return image;
}

void SessionImage::give_to(Session& session) {
  session.expiry = expiry;
  session.retained_ = std::move(retained_);
  session.queue_ = std::move(queue_);
  session.queued_bytes_ = queued_bytes_;
  session.inflight_ = std::move(inflight_);
  session.received = std::move(received_);
  session.next_order_ = next_order_;
  session.last_packet_id_ = last_packet_id_;
}

}  // namespace mqttio::broker
