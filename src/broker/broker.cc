#include "broker/broker.h"

#include "base/check.h"
#include "broker/session_image.h"
#include "mqtt/topic.h"

namespace mqttio::broker {
namespace {

/// Deliveries to one session after which the turn must write before it reads on. Well below any sensible queue bound.
constexpr uint32_t kTurnDeliveries = 256;

/// Retained topics that one turn looks at for all walks together, as long as they are few: a fraction of a millisecond.
constexpr uint32_t kTurnSteps = 4096;
/// What each walk may look at, however many there are: nobody starves.
constexpr uint32_t kLeastSteps = 16;

}  // namespace

Broker::Broker(const Options& options, Ports ports) : options_(options), ports_(std::move(ports)) {}

Broker::~Broker() = default;

void Broker::begin_turn() {
  ++turn_;
  turn_full_ = false;
  steps_left_ = kTurnSteps;
}

/// A quarter of what is left, so that the first ones do not take it all.
uint32_t Broker::walk_share() const { return std::max(kLeastSteps, steps_left_ / 4); }
void Broker::walked(uint32_t steps) { steps_left_ -= std::min(steps_left_, steps); }

std::vector<Channel*> Broker::take_dirty() {
  std::vector<Channel*> taken = std::move(dirty_);
  dirty_.clear();
  for (Channel* channel : taken) channel->dirty_ = false;
  return taken;
}

void Broker::mark_dirty(Channel& channel) {
  if (std::exchange(channel.dirty_, true)) return;
  dirty_.push_back(&channel);
}

void Broker::forget(Channel& channel) {
  if (channel.dirty_) std::erase(dirty_, &channel);
  abandon(channel);
}

void Broker::dropped(const Session& session, const Message& message, Drop why) {
  ++counters_.dropped;
  ports_.observer.dropped(session.client_id, message.topic(), why);
}

// ---- publish

void Broker::deliver(const MessagePtr& message, bool group, Time now) { route(message, nullptr, group, now); }

size_t Broker::publish(const MessagePtr& message, const Session* from, Time now) {
  ++counters_.received;
  ports_.bus.forward(*message, false);
  return route(message, from, false, now);
}

size_t Broker::group_send(const MessagePtr& message, const Session* from, Time now) {
  ++counters_.received;
  ports_.bus.forward(*message, true);
  return route(message, from, true, now);
}

size_t Broker::route(const MessagePtr& message, const Session* from, bool group, Time now) {
  ++order_;
  if (message->retain() && !group) retained_.store(message, order_);
  gather_targets(*message, from, group);
  for (Target& target : targets_) {
    const bool renamed = group && target.topic != message->topic();
    enqueue(*target.session,
            Delivery{.message = renamed ? Message::renamed(message, target.topic) : message,
                     .subscription_ids = std::move(target.subscription_ids),
                     .order = order_,
                     .qos = std::min(target.qos, message->qos()),
                     .retain = target.retain},
            now);
  }
  return targets_.size();
}

/// One target a session, however many of its subscriptions match: the highest QoS, all identifiers, and the shortest
/// topic of a group send. [MQTT-3.3.4-2, -3, -4]
void Broker::gather_targets(const Message& message, const Session* from, bool group) {
  matches_.clear();
  targets_.clear();
  ++route_mark_;
  group ? router_.match_group(message.topic(), matches_) : router_.match(message.topic(), matches_);
  for (const Subscription* subscription : matches_) {
    Session& session = *subscription->session;
    if (subscription->options.no_local && &session == from) continue;  // [MQTT-3.8.3-3]
    const bool first = std::exchange(session.route_mark, route_mark_) != route_mark_;
    if (first) {
      session.route_place = static_cast<uint32_t>(targets_.size());
      targets_.push_back({.session = &session, .qos = 0, .retain = false, .subscription_ids = nullptr, .topic = {}});
    }
    Target& target = targets_[session.route_place];
    target.qos = std::max(target.qos, subscription->options.qos);
    target.retain |= subscription->options.retain_as_published && message.retain();  // [MQTT-3.3.1-12, -13]
    append_identifier(target.subscription_ids, subscription->identifier);
    if (!group) continue;
    std::string topic;
    mqtt::append_group_topic(topic, message.topic(), subscription->filter);
    if (first || topic.size() < target.topic.size()) target.topic = std::move(topic);
  }
}

void Broker::enqueue(Session& session, Delivery delivery, Time now) {
  if (session.channel == nullptr && delivery.qos == 0) return;  // not kept for the absent [MQTT-3.1.2-23]
  if (!session.enqueue(delivery, options_, now)) {
    dropped(session, *delivery.message, Drop::queue_full);
    return;
  }
  if (session.channel == nullptr) return;
  if (std::exchange(session.turn, turn_) != turn_) session.turn_deliveries = 0;
  turn_full_ |= ++session.turn_deliveries >= kTurnDeliveries;
  mark_dirty(*session.channel);
}

// ---- subscribe

mqtt::Reason Broker::subscribe(Session& session, const mqtt::TopicFilter& wanted, uint32_t identifier) {
  if (mqtt::is_shared(wanted.filter)) return mqtt::Reason::shared_subscriptions_not_supported;
  if (!mqtt::is_topic_filter(wanted.filter) || mqtt::count_levels(wanted.filter) > options_.max_topic_levels)
    return mqtt::Reason::topic_filter_invalid;
  Subscription* subscription = session.find_subscription(wanted.filter);
  const bool is_new = subscription == nullptr;
  if (is_new) {
    if (session.subscription_count() >= options_.max_subscriptions) return mqtt::Reason::quota_exceeded;
    subscription = &session.add_subscription(wanted.filter);
    router_.add(*subscription);
    ports_.bus.subscribed(wanted.filter);
  }
  subscription->options = wanted.options;  // an identical filter replaces [MQTT-3.8.4-3]
  subscription->identifier = identifier;

  const auto handling = wanted.options.retain_handling;  // [MQTT-3.3.1-9, -10, -11]
  const bool send = handling == mqtt::RetainHandling::send || (handling == mqtt::RetainHandling::send_if_new && is_new);
  if (send && retained_.size() > 0) session.walk_retained(*subscription, order_);
  return static_cast<mqtt::Reason>(wanted.options.qos);
}

mqtt::Reason Broker::unsubscribe(Session& session, std::string_view filter) {
  const auto subscription = session.take_subscription(filter);
  if (subscription == nullptr) return mqtt::Reason::no_subscription_existed;
  router_.remove(*subscription);
  ports_.bus.unsubscribed(filter);
  return mqtt::Reason::success;
}

}  // namespace mqttio::broker
