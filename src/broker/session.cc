#include "broker/session.h"

#include <algorithm>
#include <vector>

#include "broker/broker.h"

namespace mqttio::broker {

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

bool Session::enqueue(Delivery&& delivery, const Options& options) {
  const size_t weight = delivery.message->weight();
  const bool full = queue_.size() >= options.queue_messages || queued_bytes_ + weight > options.queue_bytes.bytes;
  if (full && !queue_.empty()) return false;
  queued_bytes_ += weight;
  queue_.push_back(std::move(delivery));
  return true;
}

std::optional<Outgoing> Session::next_outgoing(uint16_t window, Time now) {
  broker_.handed_out_ = Delivery();
  if (has_resend()) {
    if (auto again = next_resend(window)) return again;
    if (has_resend()) return std::nullopt;  // the window is closed, and nothing overtakes
  }
  while (!retained_.empty() || !queue_.empty()) {
    Ring<Delivery>& from = retained_.empty() ? queue_ : retained_;
    if (from.front().message->expired(now)) {  // [MQTT-3.3.2-5]
      broker_.dropped(*this, *pop(from).message, Drop::expired);
      continue;
    }
    if (from.front().qos > 0 && window_is_closed(window)) return std::nullopt;
    Delivery delivery = pop(from);
    if (delivery.qos > 0) return open(std::move(delivery));
    broker_.handed_out_ = std::move(delivery);
    return Outgoing{.delivery = &broker_.handed_out_};
  }
  return std::nullopt;
}

Delivery Session::pop(Ring<Delivery>& from) {
  Delivery delivery = from.pop_front();
  if (&from == &queue_) queued_bytes_ -= delivery.message->weight();
  return delivery;
}

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

void Session::resume() {
  if (flows_ == nullptr) return;
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

void Session::expire(Time now) { broker_.session_due(*this, now); }

}  // namespace mqttio::broker
