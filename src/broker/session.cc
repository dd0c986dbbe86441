#include "broker/session.h"

#include <algorithm>
#include <vector>

#include "broker/broker.h"
#include "mqtt/encoder.h"

namespace mqttio::broker {

void append_identifier(std::unique_ptr<std::string>& ids, uint32_t identifier) {
  if (identifier == 0) return;
  if (ids == nullptr) ids = std::make_unique<std::string>();
  ids->append(mqtt::encode_subscription_id(identifier));
}

Session::~Session() { subscriptions_.clear_and_dispose(std::default_delete<Subscription>()); }

Subscription* Session::find_subscription(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  return found == subscriptions_.end() ? nullptr : &*found;
}

Subscription& Session::add_subscription(std::string_view filter) {
  auto made = std::make_unique<Subscription>();
  made->filter = filter;
  made->session = this;
  subscriptions_.insert(*made);
  return *made.release();
}

std::unique_ptr<Subscription> Session::take_subscription(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  if (found == subscriptions_.end()) return nullptr;
  std::unique_ptr<Subscription> taken(&*found);
  subscriptions_.erase(found);
  return taken;
}

// ---- queues

bool Session::enqueue(Delivery& delivery, const Options& options, Time now) {
  const size_t weight = delivery.weight();
  const auto full = [&] {
    return queued() > 0 &&  // one message always fits
           (queued() >= options.queue_messages || queued_bytes_ + weight > options.queue_bytes.bytes);
  };
  if (full() && earliest_expiry_ <= now) drop_expired(now);
  while (full() && delivery.qos > 0 && !queue0_.empty()) drop_front(queue0_, Drop::queue_full);
  if (full()) return false;
  queued_bytes_ += weight;
  earliest_expiry_ = std::min(earliest_expiry_, delivery.message->expires_at());
  (delivery.qos > 0 ? queue_ : queue0_).push_back(std::move(delivery));
  return true;
}

Delivery Session::pop(Ring<Delivery>& from) {
  Delivery delivery = from.pop_front();
  queued_bytes_ -= delivery.weight();
  if (queued() == 0) earliest_expiry_ = kNever;
  return delivery;
}

void Session::drop_front(Ring<Delivery>& from, Drop why) { broker_.dropped(*this, *pop(from).message, why); }

/// All that have expired, wherever they stand. Finds nothing again before `earliest_expiry_`.
void Session::drop_expired(Time now) {
  earliest_expiry_ = kNever;
  for (Ring<Delivery>* queue : {&queue_, &queue0_}) {
    for (size_t left = queue->size(); left > 0; --left) {
      Delivery delivery = queue->pop_front();
      if (delivery.message->expired(now)) {
        queued_bytes_ -= delivery.weight();
        broker_.dropped(*this, *delivery.message, Drop::expired);
        continue;
      }
      earliest_expiry_ = std::min(earliest_expiry_, delivery.message->expires_at());
      queue->push_back(std::move(delivery));
    }
  }
}

/// Those in front. [MQTT-3.3.2-5]
void Session::drop_expired(Ring<Delivery>& from, Time now) {
  while (!from.empty() && from.front().message->expired(now)) drop_front(from, Drop::expired);
}

/// Of the two, the one whose front came first; if both are empty, one of them.
Ring<Delivery>& Session::older_queue() {
  if (queue0_.empty() || queue_.empty()) return queue_.empty() ? queue0_ : queue_;
  return queue_.front().order <= queue0_.front().order ? queue_ : queue0_;
}

std::optional<Outgoing> Session::next_outgoing(uint16_t window, Time now) {
  broker_.handed_out_ = Delivery();
  if (has_resend())
    if (auto again = next_resend(window)) return again;
  const bool closed = has_resend() || window_is_closed(window);
  drop_expired(queue_, now);
  drop_expired(queue0_, now);
  Ring<Delivery>* from = &older_queue();
  while (walk_is_due(from->empty() ? UINT64_MAX : from->front().order)) {
    if (const Retained::Entry* entry = look_ahead(now)) {
      Delivery delivery = make_retained(*entry);
      // Not even QoS 0 passes here: it might be newer than what is retained on its topic.
      if (delivery.qos > 0 && closed) return std::nullopt;
      Retained::pass(walks_.front());
      return hand_out(std::move(delivery));
    }
    if (!walks_.front().done) {
      broker_.mark_dirty(*channel);
      return std::nullopt;
    }
    walks_.front().subscription->walk = nullptr;
  }
  if (closed && from == &queue_) {
    from = &queue0_;
    if (!from->empty() && walk_is_due(from->front().order)) return std::nullopt;
  }
  if (from->empty()) return std::nullopt;
  return hand_out(pop(*from));
}

Outgoing Session::hand_out(Delivery delivery) {
  if (delivery.qos > 0) return open(std::move(delivery));
  broker_.handed_out_ = std::move(delivery);
  return {.delivery = &broker_.handed_out_};
}

// ---- retained messages

void Session::walk_retained(Subscription& subscription, uint64_t order) {
  subscription.walk = std::make_unique<RetainedWalk>();
  subscription.walk->subscription = &subscription;
  subscription.walk->order = order;
  walks_.push_back(*subscription.walk);
}

const Retained::Entry* Session::look_ahead(Time now) {
  RetainedWalk& walk = walks_.front();
  const Subscription& subscription = *walk.subscription;
  const uint32_t share = broker_.walk_share();
  uint32_t steps = share - 1;  // to come here is one, too
  const Retained::Entry* entry = nullptr;
  while ((entry = broker_.retained_.next(walk, subscription.filter, steps, now)) != nullptr) {
    const bool owed = !walk.only_acked || std::min(subscription.options.qos, entry->message->qos()) > 0;
    if (entry->order <= walk.order && owed) break;
    Retained::pass(walk);
  }
  broker_.walked(share - steps);
  return entry;
}

Delivery Session::make_retained(const Retained::Entry& entry) {
  const Subscription& subscription = *walks_.front().subscription;
  std::unique_ptr<std::string> ids;
  append_identifier(ids, subscription.identifier);
  return {.message = entry.message,
          .subscription_ids = std::move(ids),
          .order = entry.order,
          .qos = std::min(subscription.options.qos, entry.message->qos()),
          .retain = true};
}

// ---- open flows

std::optional<Outgoing> Session::next_resend(uint16_t window) {
  Ring<uint16_t>& resend = flows_->resend;
  while (!resend.empty()) {
    const uint16_t packet_id = resend.front();
    Inflight* inflight = find_inflight(packet_id);
    if (inflight == nullptr) {  // settled meanwhile
      resend.pop_front();
      continue;
    }
    if (inflight->released) {
      resend.pop_front();
      return Outgoing{.packet_id = packet_id};
    }
    if (flows_->on_wire >= window) return std::nullopt;
    resend.pop_front();
    inflight->on_wire = true;
    ++flows_->on_wire;
    return Outgoing{.delivery = &inflight->delivery, .packet_id = packet_id, .dup = true};
  }
  return std::nullopt;
}

Outgoing Session::open(Delivery delivery) {
  const uint16_t packet_id = free_packet_id();
  Inflight& inflight = flows().inflight[packet_id];
  inflight = {.delivery = std::move(delivery), .order = flows_->next_order++, .released = false, .on_wire = true};
  ++flows_->on_wire;
  return {.delivery = &inflight.delivery, .packet_id = packet_id, .dup = false};
}

uint16_t Session::free_packet_id() {
  uint16_t& last = flows().last_packet_id;
  do {
    if (++last == 0) last = 1;  // [MQTT-2.2.1-4]
  } while (flows_->inflight.contains(last));
  return last;
}

void Session::suspend() {
  while (!queue0_.empty()) pop(queue0_);
  for (auto at = walks_.begin(); at != walks_.end();) {
    RetainedWalk& walk = *at++;
    walk.only_acked = true;
    if (walk.subscription->options.qos == 0) walk.subscription->walk = nullptr;
  }
}

void Session::resume() {
  if (flows_ == nullptr) return;
  for (auto& [_, on_wire] : flows_->received) on_wire = false;
  flows_->received_on_wire = 0;
  std::vector<std::pair<uint64_t, uint16_t>> order;
  for (auto& [packet_id, inflight] : flows_->inflight) {
    inflight.on_wire = false;
    order.emplace_back(inflight.order, packet_id);
  }
  std::ranges::sort(order);
  flows_->on_wire = 0;
  flows_->resend.clear();
  for (const auto& [_, packet_id] : order) flows_->resend.push_back(packet_id);
}

Inflight* Session::find_inflight(uint16_t packet_id) {
  if (flows_ == nullptr) return nullptr;
  const auto found = flows_->inflight.find(packet_id);
  return found == flows_->inflight.end() ? nullptr : &found->second;
}

void Session::forget(uint16_t packet_id) {
  const auto at = flows_->inflight.find(packet_id);
  if (at->second.on_wire) --flows_->on_wire;
  flows_->inflight.erase(at);
}

bool Session::acknowledge(uint16_t packet_id) {
  const Inflight* inflight = find_inflight(packet_id);
  if (inflight == nullptr || inflight->delivery.qos != 1) return false;
  forget(packet_id);
  return true;
}

bool Session::receive(uint16_t packet_id) {
  Inflight* inflight = find_inflight(packet_id);
  if (inflight == nullptr || inflight->delivery.qos != 2) return false;
  inflight->released = true;
  inflight->delivery.message = nullptr;  // never sent again [MQTT-4.3.3-6]
  inflight->delivery.subscription_ids = nullptr;
  return true;
}

bool Session::complete(uint16_t packet_id) {
  const Inflight* inflight = find_inflight(packet_id);
  if (inflight == nullptr || !inflight->released) return false;
  forget(packet_id);
  return true;
}

bool Session::refuse(uint16_t packet_id) {
  const Inflight* inflight = find_inflight(packet_id);
  if (inflight == nullptr || inflight->delivery.qos != 2) return false;
  forget(packet_id);
  return true;
}

void Session::discard(uint16_t packet_id) {
  if (find_inflight(packet_id) != nullptr) forget(packet_id);
}

void Session::note_received(uint16_t packet_id) {
  const bool counted = std::exchange(flows().received[packet_id], true);
  if (!counted) ++flows_->received_on_wire;
}

bool Session::release_received(uint16_t packet_id) {
  if (!has_received(packet_id)) return false;
  const auto found = flows_->received.find(packet_id);
  if (found->second) --flows_->received_on_wire;
  flows_->received.erase(found);
  return true;
}

void Session::expire(Time now) { broker_.session_due(*this, now); }

}  // namespace mqttio::broker
