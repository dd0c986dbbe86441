// PUBLISH from a client: may it say this now, and where does it go?

#include "broker/broker.h"
#include "mqtt/topic.h"

namespace mqttio::broker {

using mqtt::Reason;

bool Channel::is_reserved(std::string_view topic) {
  for (const std::string_view prefix : {"$SYS", "$CONTROL", "$share", "$queue"})
    if (topic.starts_with(prefix) && (topic.size() == prefix.size() || topic[prefix.size()] == '/')) return true;
  return false;
}

mqtt::Result<void> Channel::on(const mqtt::Publish& packet, Time now) {
  mqtt::Publish publish = packet;
  const auto topic = resolve_alias(packet);
  if (!topic) return std::unexpected(topic.error());
  publish.topic = *topic;

  if (publish.qos == 2 && session_->has_received(publish.packet_id)) {  // heard before [MQTT-4.3.3-10]
    session_->note_received(publish.packet_id);                         // now over this connection, maybe
    acknowledge(mqtt::PacketType::pubrec, publish.packet_id);
    return {};
  }
  if (publish.qos == 2 && is_v5() && session_->received_on_wire() >= broker_.options_.receive_maximum)
    return mqtt::fail(Reason::receive_maximum_exceeded, "more open publishes than Receive Maximum");  // [MQTT-3.3.4-7]

  const auto verdict = accept(publish, now);
  if (!verdict) return std::unexpected(verdict.error());
  if (publish.qos == 1) acknowledge(mqtt::PacketType::puback, publish.packet_id, *verdict);
  if (publish.qos != 2) return {};
  // In MQTT 3 a refused publish is acknowledged like any other, so its flow goes on, too.
  if (!mqtt::is_error(*verdict) || !is_v5()) session_->note_received(publish.packet_id);
  acknowledge(mqtt::PacketType::pubrec, publish.packet_id, *verdict);
  return {};
}

mqtt::Result<std::string_view> Channel::resolve_alias(const mqtt::Publish& publish) {
  if (!publish.topic_alias) return publish.topic;
  const size_t place = *publish.topic_alias - 1u;
  if (place >= broker_.options_.topic_alias_maximum)
    return mqtt::fail(Reason::topic_alias_invalid, "a topic alias above Topic Alias Maximum");  // [MQTT-3.3.2-9]
  if (!publish.topic.empty()) {
    if (aliases_.size() <= place) aliases_.resize(place + 1);
    aliases_[place] = publish.topic;
    return publish.topic;
  }
  if (place >= aliases_.size() || aliases_[place].empty())
    return mqtt::fail(Reason::protocol_error, "a topic alias that was never set");
  return aliases_[place];
}

mqtt::Result<Reason> Channel::accept(mqtt::Publish publish, Time now) {
  if (mqtt::has_wildcard(publish.topic) || publish.topic.starts_with("$group/")) {
    const auto prefix = mqtt::group_prefix(publish.topic);
    if (prefix && peer_.group_send) return accept_group(publish, *prefix, now);
    if (mqtt::has_wildcard(publish.topic))
      return mqtt::fail(Reason::topic_name_invalid, "a wildcard in a topic name, and no group send");  // [MQTT-3.3.2-2]
    return refuse_publish(publish.topic, Reason::not_authorized);
  }
  if (is_reserved(publish.topic)) return refuse_publish(publish.topic, Reason::not_authorized);
  if (mqtt::count_levels(publish.topic) > broker_.options_.max_topic_levels)
    return refuse_topic(publish, "the topic has too many levels");
  const size_t reached = broker_.publish(Message::copy(publish, now), session_, now);
  return reached > 0 ? Reason::success : Reason::no_matching_subscribers;
}

mqtt::Result<Reason> Channel::accept_group(const mqtt::Publish& publish, std::string_view prefix, Time now) {
  if (mqtt::count_levels(prefix) > broker_.options_.max_topic_levels)
    return refuse_topic(publish, "the group's prefix has too many levels");
  // One topic has one retained message, and a group send has no one topic.
  if (publish.retain) return refuse_publish(publish.topic, Reason::implementation_specific_error, Drop::group_retained);
  mqtt::Publish to_prefix = publish;
  to_prefix.topic = prefix;
  const size_t reached = broker_.group_send(Message::copy(to_prefix, now), session_, now);
  return reached > 0 ? Reason::success : Reason::no_matching_subscribers;
}

Reason Channel::refuse_publish(std::string_view topic, Reason reason, Drop why) {
  ++broker_.counters_.dropped;
  broker_.ports_.observer.dropped(session_->client_id, topic, why);
  return reason;
}

/// A client that is cut off would send the same again, over and over.
mqtt::Result<Reason> Channel::refuse_topic(const mqtt::Publish& publish, std::string_view why) {
  if (!is_v5() || publish.qos == 0) return mqtt::fail(Reason::topic_name_invalid, why);
  return refuse_publish(publish.topic, Reason::topic_name_invalid, Drop::topic_invalid);
}

}  // namespace mqttio::broker
