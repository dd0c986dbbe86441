#pragma once

#include <boost/intrusive/set.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>
#include <string>

#include "base/ring.h"
#include "base/timers.h"
#include "broker/message.h"
#include "broker/options.h"
#include "broker/router.h"

namespace mqttio::broker {

class Broker;
class Channel;

/// A message on its way to one client, and what differs from the same message for others.
struct Delivery {
  MessagePtr message;
  std::unique_ptr<std::string> subscription_ids;  ///< As on the wire; null: none.
  uint8_t qos = 0;
  bool retain = false;
};

/// A publish at QoS 1 or 2 that the client has not settled. `order` is that of the first sending.
struct Inflight {
  Delivery delivery;
  uint64_t order = 0;
  bool released = false;  ///< QoS 2: PUBREC came, so PUBREL is what is open.
  bool on_wire = false;   ///< Sent over the present connection: it occupies the client's window.
};

/// What is to be sent next. The delivery lives until the next call for any session of the broker.
struct Outgoing {
  const Delivery* delivery = nullptr;  ///< Null: a PUBREL.
  uint16_t packet_id = 0;
  bool dup = false;
};

/// A will, and when it is due once the connection is gone.
struct Will {
  MessagePtr message;
  Duration delay{0};
  Time due = kNever;
};

/// The client's memory between connections: subscriptions, what waits, what is open in both directions.
/// It sees no packets' bytes, no version and no socket.
class Session : public Timer {
 public:
  Session(Broker& broker, std::string id) : client_id(std::move(id)), broker_(broker) {}
  ~Session() override;

  const std::string client_id;
  Channel* channel = nullptr;  ///< Null while the client is away.
  Duration expiry{0};          ///< How long it outlives its connection; `kForever`: for ever.
  Time expires_at = kNever;    ///< Set while the client is away.
  std::unique_ptr<Will> will;

  static constexpr Duration kForever = Duration::max();

  // Subscriptions
  Subscription* find_subscription(std::string_view filter);
  Subscription& add_subscription(std::string_view filter);
  std::unique_ptr<Subscription> take_subscription(std::string_view filter);
  size_t subscription_count() const { return subscriptions_.size(); }
  template <class Visit>
  void each_subscription(Visit visit) {
    for (Subscription& subscription : subscriptions_) visit(subscription);
  }

  // Towards the client
  /// Queues behind everything that waits. False: the bounds of `options` are reached, and `delivery` is as it was.
  bool enqueue(Delivery&& delivery, const Options& options);
  /// Queues a retained message for a new subscription: before all live messages, for those are newer.
  void enqueue_retained(Delivery delivery) { retained_.push_back(std::move(delivery)); }
  /// The next thing to send, if `window` (the client's Receive Maximum or ours) allows. What was open over an earlier
  /// connection comes first, in the order of its first sending. [MQTT-4.4.0-1, 4.6.0-1]
  std::optional<Outgoing> next_outgoing(uint16_t window, Time now);
  bool has_outgoing() const { return has_resend() || !retained_.empty() || !queue_.empty(); }
  size_t queued() const { return queue_.size(); }
  /// A new connection has the session: everything that is open is to be sent again.
  void resume();
  /// Each says whether that packet id was open in that way.
  bool acknowledge(uint16_t packet_id);  ///< PUBACK
  bool receive(uint16_t packet_id);      ///< PUBREC: the message is settled, PUBREL is open.
  bool complete(uint16_t packet_id);     ///< PUBCOMP
  bool refuse(uint16_t packet_id);       ///< PUBREC >= 0x80: all is over. [MQTT-4.4.0-2]
  void discard(uint16_t packet_id);      ///< It cannot be sent at all. [MQTT-3.1.2-25]

  // From the client: QoS 2 publishes that were accepted and not released. [MQTT-4.3.3-10]
  bool has_received(uint16_t packet_id) const { return flows_ != nullptr && flows_->received.contains(packet_id); }
  size_t received_count() const { return flows_ == nullptr ? 0 : flows_->received.size(); }
  void note_received(uint16_t packet_id) { flows().received.insert(packet_id); }
  /// Says whether it was there.
  bool release_received(uint16_t packet_id) { return flows_ != nullptr && flows_->received.erase(packet_id) > 0; }

  // The broker's notes while it routes one message, and counts one turn.
  uint64_t route_mark = 0;
  uint32_t route_place = 0;
  uint32_t turn_deliveries = 0;
  uint64_t turn = 0;

  void expire(Time now) override;

 private:
  friend struct SessionImage;
  using Inflights = boost::unordered_flat_map<uint16_t, Inflight>;

  /// What only QoS 1 and 2 need: most clients never do, so it is made at its first use.
  struct Flows {
    boost::unordered_flat_set<uint16_t> received;
    Inflights inflight;
    Ring<uint16_t> resend;
    uint64_t next_order = 0;
    uint16_t last_packet_id = 0;
    uint16_t on_wire = 0;
  };
  struct FilterOf {
    using type = std::string_view;
    type operator()(const Subscription& subscription) const { return subscription.filter; }
  };
  using Subscriptions = boost::intrusive::set<Subscription, boost::intrusive::key_of_value<FilterOf>>;

  Flows& flows() {
    if (flows_ == nullptr) flows_ = std::make_unique<Flows>();
    return *flows_;
  }
  bool has_resend() const { return flows_ != nullptr && !flows_->resend.empty(); }
  bool window_is_closed(uint16_t window) const {
    return flows_ != nullptr && (flows_->on_wire >= window || flows_->inflight.size() == UINT16_MAX);
  }
  /// Null: it is not open.
  Inflight* find_inflight(uint16_t packet_id);
  std::optional<Outgoing> next_resend(uint16_t window);
  Delivery pop(Ring<Delivery>& from);
  Outgoing open(Delivery delivery);
  uint16_t free_packet_id();
  void forget(uint16_t packet_id);

  Broker& broker_;
  Subscriptions subscriptions_;  ///< Owned.
  Ring<Delivery> retained_;
  Ring<Delivery> queue_;
  size_t queued_bytes_ = 0;
  std::unique_ptr<Flows> flows_;
};

}  // namespace mqttio::broker
