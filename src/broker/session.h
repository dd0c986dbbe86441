#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>

#include "base/ring.h"
#include "base/timers.h"
#include "broker/message.h"
#include "broker/options.h"
#include "broker/ports.h"
#include "broker/router.h"

namespace mqttio::broker {

class Broker;
class Channel;

/// A message on its way to one client, and what differs from the same message for others.
struct Delivery {
  size_t weight() const { return message->weight() + (subscription_ids ? subscription_ids->size() : 0); }

  MessagePtr message;
  std::unique_ptr<std::string> subscription_ids;  ///< As on the wire; null: none.
  uint64_t order = 0;  ///< Of the acceptance, among all messages of this shard; 0: before the session moved here.
  uint8_t qos = 0;
  bool retain = false;
};

/// One more for `Delivery::subscription_ids`; 0 is none.
void append_identifier(std::unique_ptr<std::string>& ids, uint32_t identifier);

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
  /// Queues behind everything that waits. When the bounds of `options` are reached, what has expired makes room first,
  /// then what was queued at QoS 0 for what comes at a higher one. False: there is no room, and `delivery` is as it
  /// was.
  bool enqueue(Delivery& delivery, const Options& options, Time now);
  /// Sends what is retained for this subscription: after all that is older than `order`, before all that is newer.
  void walk_retained(Subscription& subscription, uint64_t order);
  /// The next thing to send, if `window` (the client's Receive Maximum or ours) allows. What was open over an earlier
  /// connection comes first, in the order of its first sending. [MQTT-4.4.0-1, 4.6.0-1] Then everything in one order;
  /// only while the window is closed QoS 0 passes what waits for it. A walk through very many retained messages pauses
  /// and has the channel marked dirty.
  std::optional<Outgoing> next_outgoing(uint16_t window, Time now);
  size_t queued() const { return queue_.size() + queue0_.size(); }
  /// The connection is gone: what is at QoS 0 goes with it. [MQTT-3.1.2-23]
  void suspend();
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
  /// Of those, how many came over the present connection: they count against our Receive Maximum. [MQTT-4.9.0-1]
  size_t received_on_wire() const { return flows_ == nullptr ? 0 : flows_->received_on_wire; }
  void note_received(uint16_t packet_id);
  /// Says whether it was there.
  bool release_received(uint16_t packet_id);

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
    boost::unordered_flat_map<uint16_t, bool> received;  ///< And whether over the present connection.
    Inflights inflight;
    Ring<uint16_t> resend;
    uint64_t next_order = 0;
    uint16_t last_packet_id = 0;
    uint16_t on_wire = 0;
    uint16_t received_on_wire = 0;
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
  Ring<Delivery>& older_queue();
  /// Whether a walk comes before the message with this order.
  bool walk_is_due(uint64_t order) const { return !walks_.empty() && walks_.front().order < order; }
  /// Where the first walk stands; null: it came to its end, or it pauses.
  const Retained::Entry* look_ahead(Time now);
  Delivery make_retained(const Retained::Entry& entry);
  Outgoing hand_out(Delivery delivery);
  Delivery pop(Ring<Delivery>& from);
  void drop_front(Ring<Delivery>& from, Drop why);
  void drop_expired(Ring<Delivery>& from, Time now);
  void drop_expired(Time now);
  Outgoing open(Delivery delivery);
  uint16_t free_packet_id();
  void forget(uint16_t packet_id);

  Broker& broker_;
  Subscriptions subscriptions_;  ///< Owned.
  boost::intrusive::list<RetainedWalk, boost::intrusive::constant_time_size<false>> walks_;
  Ring<Delivery> queue_;   ///< At QoS 1 and 2.
  Ring<Delivery> queue0_;  ///< At QoS 0: may pass the other while the window is closed.
  size_t queued_bytes_ = 0;
  Time earliest_expiry_ = kNever;  ///< Nothing in the queues expires before.
  std::unique_ptr<Flows> flows_;
};

}  // namespace mqttio::broker
