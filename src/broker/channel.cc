#include "broker/channel.h"

#include "broker/broker.h"
#include "mqtt/encoder.h"

namespace mqttio::broker {

using mqtt::Reason;

Channel::Channel(Broker& broker, Peer peer, void* owner, Time now)
    : broker_(broker), peer_(std::move(peer)), owner_(owner), last_heard_(now) {
  broker_.timers_.arm(*this, now + broker_.options_.connect_timeout);
}

Channel::~Channel() { broker_.forget(*this); }

mqtt::Result<void> Channel::handle(const mqtt::Packet& packet, Time now) {
  if (ended()) return {};  // what follows a DISCONNECT is not heard [MQTT-3.14.4-1]
  const bool connecting = std::holds_alternative<mqtt::Connect>(packet);
  if (!session_ && !connecting)
    return mqtt::fail(Reason::protocol_error, "the first packet is not CONNECT");             // [MQTT-3.1.0-1]
  if (session_ && connecting) return mqtt::fail(Reason::protocol_error, "a second CONNECT");  // [MQTT-3.1.0-2]

  last_heard_ = now;
  broker_.mark_dirty(*this);
  return std::visit([&](const auto& p) { return on(p, now); }, packet);
}

template <class Other>
mqtt::Result<void> Channel::on(const Other&, Time) {
  return mqtt::fail(Reason::protocol_error, "a packet that only servers send");
}

// ---- acknowledgements from the client

mqtt::Result<void> Channel::on(const mqtt::Puback& ack, Time) {
  session_->acknowledge(ack.packet_id);
  return {};
}

mqtt::Result<void> Channel::on(const mqtt::Pubrec& ack, Time) {
  if (mqtt::is_error(ack.reason)) {
    session_->refuse(ack.packet_id);
    return {};
  }
  const bool known = session_->receive(ack.packet_id);
  // MQTT 3 knows no other answer than PUBREL, and a client that waits for one would wait for ever.
  acknowledge(mqtt::PacketType::pubrel, ack.packet_id, known ? Reason::success : Reason::packet_identifier_not_found);
  return {};
}

mqtt::Result<void> Channel::on(const mqtt::Pubrel& ack, Time) {
  const bool known = session_->release_received(ack.packet_id);
  acknowledge(mqtt::PacketType::pubcomp, ack.packet_id, known ? Reason::success : Reason::packet_identifier_not_found);
  return {};
}

mqtt::Result<void> Channel::on(const mqtt::Pubcomp& ack, Time) {
  session_->complete(ack.packet_id);
  return {};
}

// ---- subscriptions

mqtt::Result<void> Channel::on(const mqtt::Subscribe& packet, Time) {
  std::vector<Reason> reasons;
  for (mqtt::TopicFilters filters = packet.filters; !filters.empty();) {
    mqtt::TopicFilter filter = filters.take_filter();
    if (bridge_) filter.options.no_local = filter.options.retain_as_published = true;
    const Reason reason = broker_.subscribe(*session_, filter, packet.subscription_identifier.value_or(0));
    if (reason == Reason::topic_filter_invalid && !is_v5())
      return mqtt::fail(reason, "a topic filter is not valid");  // [MQTT-4.7.1-2], no code for it in MQTT 3
    reasons.push_back(mqtt::is_error(reason) ? refusal(filter, reason) : reason);
  }
  return answer(mqtt::Suback{.packet_id = packet.packet_id, .reasons = reasons});
}

/// What SUBACK says of a subscription that was refused. [MQTT-3.9.3-2] In MQTT 3.1 it has no word for that: the client
/// hears that it was granted, nothing is delivered, and the log tells.
Reason Channel::refusal(const mqtt::TopicFilter& filter, Reason reason) {
  if (is_v5()) return reason;
  if (version_ == mqtt::Version::v311) return Reason::unspecified_error;
  broker_.ports_.observer.dropped(session_->client_id, filter.filter, Drop::subscription_refused);
  return static_cast<Reason>(filter.options.qos);
}

mqtt::Result<void> Channel::on(const mqtt::Unsubscribe& packet, Time) {
  std::vector<Reason> reasons;
  for (mqtt::TopicFilters filters = packet.filters; !filters.empty();)
    reasons.push_back(broker_.unsubscribe(*session_, filters.take_filter().filter));
  return answer(mqtt::Unsuback{.packet_id = packet.packet_id, .reasons = reasons});
}

mqtt::Result<void> Channel::on(const mqtt::Pingreq&, Time) {
  mqtt::encode(control_, mqtt::Pingresp{}, version_);
  return {};
}

mqtt::Result<void> Channel::on(const mqtt::Auth&, Time) {
  return mqtt::fail(Reason::protocol_error, "AUTH without an authentication method in CONNECT");  // [MQTT-4.12.0-7]
}

// ---- the end

mqtt::Result<void> Channel::on(const mqtt::Disconnect& packet, Time now) {
  if (packet.session_expiry_interval) {
    if (session_->expiry == Duration::zero() && *packet.session_expiry_interval > 0)
      return mqtt::fail(Reason::protocol_error, "DISCONNECT raises a session expiry of 0");  // [MQTT-3.14.2-2]
    session_->expiry =
        std::min<Duration>(std::chrono::seconds(*packet.session_expiry_interval), broker_.options_.session_expiry_max);
  }
  Session& session = *session_;
  const bool with_will = packet.reason != Reason::success;
  end(Reason::success, "the client disconnected");  // what was answered before still goes out: ADR 7
  broker_.leave(session, with_will, now);
  return {};
}

void Channel::refuse(const mqtt::Error& error, Time now) {
  if (ended()) return;
  if (session_ == nullptr) return refuse_connect(error);
  Session& session = *session_;
  end(error.reason, error.what);
  broker_.leave(session, true, now);
}

/// Lets go of the session and says why, if MQTT 5 lets us; the caller decides what becomes of the session.
void Channel::end(Reason reason, std::string_view why) {
  if (session_ != nullptr) {
    broker_.ports_.observer.disconnected(session_->client_id, peer_, reason, why);
    if (is_v5() && mqtt::is_error(reason) && !say(mqtt::Disconnect{.reason = reason, .reason_string = why}))
      say(mqtt::Disconnect{.reason = reason});  // [MQTT-3.14.2-3]
    session_->channel = nullptr;
  }
  broker_.abandon(*this);
  session_ = nullptr;
  opening_ = nullptr;
  state_ = State::ended;
  cancel();
  broker_.mark_dirty(*this);
}

void Channel::lost(std::string_view why, Time now) {
  if (ended()) return;
  Session* session = session_;
  end(Reason::unspecified_error, why);
  if (session != nullptr) broker_.leave(*session, true, now);
}

void Channel::expire(Time now) {
  if (state_ == State::fresh) return refuse({Reason::keep_alive_timeout, "no CONNECT in time"}, now);
  if (state_ == State::opening) return refuse({Reason::keep_alive_timeout, "its session did not come in time"}, now);
  if (last_heard_ + keep_alive_ > now) return broker_.timers_.arm(*this, last_heard_ + keep_alive_);
  refuse({Reason::keep_alive_timeout, "nothing heard for 1.5 times the keep alive"}, now);  // [MQTT-3.1.2-22]
}

// ---- towards the client

bool Channel::say(const mqtt::Packet& packet) {
  const size_t before = control_.size();
  mqtt::encode(control_, packet, version_);
  if (control_.size() - before <= maximum_packet_size_) return true;
  control_.truncate(before);
  return false;
}

mqtt::Result<void> Channel::answer(const mqtt::Packet& packet) {
  if (say(packet)) return {};
  return mqtt::fail(Reason::packet_too_large, "the answer is larger than the client's Maximum Packet Size");
}

void Channel::acknowledge(mqtt::PacketType type, uint16_t packet_id, Reason reason) {
  mqtt::encode(control_, type, mqtt::Ack{.packet_id = packet_id, .reason = reason}, version_);
}

bool Channel::next_outbound(Buffer& out, Time now) {
  if (!control_.empty()) {
    out.append(control_.view());
    control_.release();
    return true;
  }
  return session_ != nullptr && next_publish(out, now);
}

bool Channel::next_publish(Buffer& out, Time now) {
  const uint16_t window = std::min(receive_maximum_, broker_.options_.max_inflight);
  while (const auto outgoing = session_->next_outgoing(window, now)) {
    if (outgoing->delivery == nullptr) {
      mqtt::encode(out, mqtt::PacketType::pubrel, mqtt::Ack{.packet_id = outgoing->packet_id}, version_);
      return true;
    }
    const Delivery& delivery = *outgoing->delivery;
    const Message& message = *delivery.message;
    mqtt::Publish publish{.topic = message.topic(),
                          .payload = message.payload(),
                          .packet_id = outgoing->packet_id,
                          .qos = delivery.qos,
                          .retain = delivery.retain,
                          .dup = outgoing->dup};
    if (is_v5()) {
      publish.properties = message.properties();
      if (message.expires_at() != kNever) publish.properties.message_expiry_interval = message.seconds_left(now);
      if (delivery.subscription_ids) publish.subscription_ids = {as_bytes(*delivery.subscription_ids)};
    }
    if (fits(publish)) {
      mqtt::encode(out, publish, version_);
      ++broker_.counters_.delivered;
      return true;
    }
    broker_.dropped(*session_, message, Drop::packet_too_large);  // [MQTT-3.1.2-24, -25]
    if (delivery.qos > 0) session_->discard(outgoing->packet_id);
  }
  return false;
}

bool Channel::fits(const mqtt::Publish& publish) const {
  return maximum_packet_size_ == UINT32_MAX || mqtt::encoded_size(publish, version_) <= maximum_packet_size_;
}

}  // namespace mqttio::broker
