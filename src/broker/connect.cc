// CONNECT: from the packet to an open conversation, or to its refusal.

#include "broker/broker.h"
#include "mqtt/encoder.h"
#include "mqtt/topic.h"

namespace mqttio::broker {

using mqtt::Reason;

namespace {

/// CONNACK has fewer reasons than DISCONNECT. [MQTT-3.2.2-8]
Reason for_connack(Reason reason) {
  switch (reason) {
    case Reason::server_shutting_down: return Reason::server_unavailable;
    case Reason::keep_alive_timeout: return Reason::server_busy;  // its session did not come in time
    default: return reason;
  }
}

}  // namespace

mqtt::Result<void> Channel::on(const mqtt::Connect& connect, Time now) {
  assume_version(connect.version);
  remember(connect);
  opening_ = std::make_unique<Opening>();
  opening_->client_id = connect.client_id;
  if (auto good = check_connect(connect); !good) return good;
  const bool assigned = connect.client_id.empty();
  std::string client_id = assigned ? broker_.ports_.make_client_id() : std::string(connect.client_id);
  if (auto room = check_room(assigned ? client_id : ""); !room) return room;
  if (auto welcome = authenticate(connect, client_id); !welcome) return welcome;
  opening_ = make_opening(connect, std::move(client_id), now);
  opening_->assigned = assigned;
  state_ = State::opening;
  broker_.open(*this, now);
  return {};
}

mqtt::Result<void> Channel::check_connect(const mqtt::Connect& connect) const {
  if (connect.client_id.empty() &&
      (connect.version == mqtt::Version::v31 || (connect.version == mqtt::Version::v311 && !connect.clean_start)))
    return mqtt::fail(Reason::client_identifier_not_valid, "an empty client id needs clean session");  // [MQTT-3.1.3-8]
  if (connect.authentication_method)
    return mqtt::fail(Reason::bad_authentication_method, "no such authentication method");  // [MQTT-4.12.0-1]
  if (!connect.will) return {};
  const std::string_view topic = connect.will->topic;
  if (is_reserved(topic) || topic.starts_with("$group/"))
    return mqtt::fail(Reason::topic_name_invalid, "a will cannot go to this topic");
  if (mqtt::count_levels(topic) > broker_.options_.max_topic_levels)
    return mqtt::fail(Reason::topic_name_invalid, "the will's topic has too many levels");
  return {};
}

mqtt::Result<void> Channel::check_room(const std::string& assigned_id) const {
  mqtt::Connack least;
  if (!assigned_id.empty()) least.assigned_client_identifier = assigned_id;
  Buffer encoded;
  mqtt::encode(encoded, least, version_);
  if (encoded.size() <= maximum_packet_size_) return {};
  return mqtt::fail(Reason::packet_too_large, "Maximum Packet Size is smaller than CONNACK");
}

mqtt::Result<void> Channel::authenticate(const mqtt::Connect& connect, std::string_view client_id) const {
  const Reason verdict = broker_.ports_.authenticator.authenticate(
      {.peer = peer_, .client_id = client_id, .user_name = connect.user_name, .password = connect.password});
  if (verdict == Reason::success) return {};
  return mqtt::fail(verdict, mqtt::to_text(verdict));
}

void Channel::remember(const mqtt::Connect& connect) {
  receive_maximum_ = connect.receive_maximum.value_or(UINT16_MAX);
  maximum_packet_size_ = connect.maximum_packet_size.value_or(UINT32_MAX);
  keep_alive_ = std::chrono::milliseconds(1500) * connect.keep_alive_seconds;
  bridge_ = connect.bridge;
}

std::unique_ptr<Opening> Channel::make_opening(const mqtt::Connect& connect, std::string client_id, Time now) const {
  auto opening = std::make_unique<Opening>();
  opening->client_id = std::move(client_id);
  opening->clean_start = connect.clean_start;
  const Duration longest = broker_.options_.session_expiry_max;
  if (is_v5()) {
    const Duration asked = std::chrono::seconds(connect.session_expiry_interval.value_or(0));
    opening->expiry = std::min(asked, longest);
    if (asked > longest)
      opening->session_expiry_interval =
          static_cast<uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(longest).count());
  } else {
    opening->expiry = connect.clean_start ? Duration::zero() : longest;
  }
  if (!connect.will) return opening;

  const mqtt::Will& will = *connect.will;
  const mqtt::Publish publish{.topic = will.topic,
                              .payload = will.payload,
                              .qos = will.qos,
                              .retain = will.retain,
                              .properties = will.properties};
  opening->will = std::make_unique<Will>();
  opening->will->message = Message::copy(publish, now);
  opening->will->delay = std::chrono::seconds(will.delay_interval);
  return opening;
}

void Channel::opened(Session& session, const Opening& opening, bool session_present, Time now) {
  session_ = &session;
  state_ = State::open;
  const Options& options = broker_.options_;
  mqtt::Connack connack{.session_present = session_present};
  connack.session_expiry_interval = opening.session_expiry_interval;
  connack.receive_maximum = options.receive_maximum;
  connack.maximum_packet_size = static_cast<uint32_t>(options.max_packet_size.bytes);
  connack.topic_alias_maximum = options.topic_alias_maximum;
  connack.shared_subscription_available = false;
  mqtt::Connack least{.session_present = session_present};
  if (opening.assigned) connack.assigned_client_identifier = least.assigned_client_identifier = opening.client_id;
  if (!say(connack)) say(least);
  if (bridge_)
    session.each_subscription([](Subscription& one) { one.options.no_local = one.options.retain_as_published = true; });
  cancel();
  if (keep_alive_ > Duration::zero()) broker_.timers_.arm(*this, now + keep_alive_);
  broker_.ports_.observer.connected(session.client_id, peer_);
}

/// Nobody is connected yet: CONNACK says why if the peer can understand it, else the stream just closes. [MQTT-3.2.2-7]
void Channel::refuse_connect(const mqtt::Error& error) {
  const Reason reason = for_connack(error.reason);
  if (version_known_ && (is_v5() || mqtt::connack_return_code(reason) != 0)) {
    const mqtt::Connack plain{.reason = reason};
    mqtt::Connack telling = plain;
    telling.reason_string = error.what;
    if (!say(telling)) say(plain);  // [MQTT-3.2.2-19]
  }
  const std::string client_id = opening_ != nullptr ? opening_->client_id : "";
  broker_.ports_.observer.refused(client_id, peer_, error.reason, error.what);
  end(error.reason, error.what);
}

}  // namespace mqttio::broker
