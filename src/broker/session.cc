#include "broker/session.h"

#include <algorithm>
#include <vector>

#include "broker/broker.h"

namespace mqttio::broker {

Subscription* Session::find_subscription(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  return found == subscriptions_.end() ? nullptr : found->get();
}

Subscription& Session::add_subscription(std::string_view filter) {
  auto made = std::make_unique<Subscription>();
  made->filter = filter;
  made->session = this;
  return **subscriptions_.insert(std::move(made)).first;
}

std::unique_ptr<Subscription> Session::take_subscription(std::string_view filter) {
  const auto found = subscriptions_.find(filter);
  if (found == subscriptions_.end()) return nullptr;
  auto taken = std::move(const_cast<std::unique_ptr<Subscription>&>(*found));
  // The emptied pointer can no longer be hashed, and erasing by position does not ask for it.
  subscriptions_.erase(found);
  return taken;
}

bool Session::enqueue(Delivery&& delivery, const Options& options) {
  const size_t weight = delivery.message->weight();
  const bool full = queue_.size() >= options.queue_messages || queued_bytes_ + weight > options.queue_bytes.bytes;
  if (full && !queue_.empty()) return false;
  queued_bytes_ += weight;
  queue_.push_back(std::move(delivery));
  return true;
}

std::optional<Outgoing> Session::next_outgoing(uint16_t window, Time now) {
  current_ = Delivery();
  if (auto again = next_resend(window)) return again;
  if (!resend_.empty()) return std::nullopt;  // the window is closed, and nothing overtakes
  while (!retained_.empty() || !queue_.empty()) {
    Ring<Delivery>& from = retained_.empty() ? queue_ : retained_;
    if (from.front().message->expired(now)) {  // [MQTT-3.3.2-5]
      broker_.dropped(*this, *pop(from).message, Drop::expired);
      continue;
    }
    if (from.front().qos > 0 && (on_wire_ >= window || inflight_.size() == UINT16_MAX)) return std::nullopt;
    Delivery delivery = pop(from);
    if (delivery.qos > 0) return open(std::move(delivery));
    current_ = std::move(delivery);
    return Outgoing{.delivery = &current_};
  }
  return std::nullopt;
}

Delivery Session::pop(Ring<Delivery>& from) {
  Delivery delivery = from.pop_front();
  if (&from == &queue_) queued_bytes_ -= delivery.message->weight();
  return delivery;
}

std::optional<Outgoing> Session::next_resend(uint16_t window) {
  while (!resend_.empty()) {
    const uint16_t packet_id = resend_.front();
    const auto at = inflight_.find(packet_id);
    if (at == inflight_.end()) {  // settled meanwhile
      resend_.pop_front();
      continue;
    }
    Inflight& inflight = at->second;
    if (inflight.released) {
      resend_.pop_front();
      return Outgoing{.packet_id = packet_id};
    }
    if (on_wire_ >= window) return std::nullopt;
    resend_.pop_front();
    inflight.on_wire = true;
    ++on_wire_;
    return Outgoing{.delivery = &inflight.delivery, .packet_id = packet_id, .dup = true};
  }
  return std::nullopt;
}

Outgoing Session::open(Delivery delivery) {
  const uint16_t packet_id = free_packet_id();
  Inflight& inflight = inflight_[packet_id];
  inflight = {.delivery = std::move(delivery), .order = next_order_++, .released = false, .on_wire = true};
  ++on_wire_;
  return {.delivery = &inflight.delivery, .packet_id = packet_id, .dup = false};
}

uint16_t Session::free_packet_id() {
  do {
    if (++last_packet_id_ == 0) last_packet_id_ = 1;  // [MQTT-2.2.1-4]
  } while (inflight_.contains(last_packet_id_));
  return last_packet_id_;
}

void Session::resume() {
  std::vector<std::pair<uint64_t, uint16_t>> order;
  for (auto& [packet_id, inflight] : inflight_) {
    inflight.on_wire = false;
    order.emplace_back(inflight.order, packet_id);
  }
  std::ranges::sort(order);
  on_wire_ = 0;
  resend_.clear();
  for (const auto& [_, packet_id] : order) resend_.push_back(packet_id);
}

void Session::forget(Inflights::iterator at) {
  if (at->second.on_wire) --on_wire_;
  inflight_.erase(at);
}

bool Session::acknowledge(uint16_t packet_id) {
  const auto at = inflight_.find(packet_id);
  if (at == inflight_.end() || at->second.delivery.qos != 1) return false;
  forget(at);
  return true;
}

bool Session::receive(uint16_t packet_id) {
  const auto at = inflight_.find(packet_id);
  if (at == inflight_.end() || at->second.delivery.qos != 2) return false;
  at->second.released = true;
  at->second.delivery.message = nullptr;  // never sent again [MQTT-4.3.3-6]
  at->second.delivery.subscription_ids = nullptr;
  return true;
}

bool Session::complete(uint16_t packet_id) {
  const auto at = inflight_.find(packet_id);
  if (at == inflight_.end() || !at->second.released) return false;
  forget(at);
  return true;
}

bool Session::refuse(uint16_t packet_id) {
  const auto at = inflight_.find(packet_id);
  if (at == inflight_.end() || at->second.delivery.qos != 2) return false;
  forget(at);
  return true;
}

void Session::discard(uint16_t packet_id) {
  const auto at = inflight_.find(packet_id);
  if (at != inflight_.end()) forget(at);
}

void Session::expire(Time now) { broker_.session_due(*this, now); }

}  // namespace mqttio::broker
