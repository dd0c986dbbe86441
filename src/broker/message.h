#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <memory>

#include "base/time.h"
#include "mqtt/packet.h"

namespace mqttio::broker {

class Message;
/// Messages never leave their shard, so the count is a plain integer.
using MessagePtr = boost::intrusive_ptr<const Message>;

/// An application message that the broker has accepted: the one copy that all who get it share. Immutable.
class Message : public boost::intrusive_ref_counter<Message, boost::thread_unsafe_counter> {
 public:
  /// Copies what `publish` points at. `now` starts the Message Expiry Interval.
  static MessagePtr copy(const mqtt::Publish& publish, Time now);

  /// The same message under another topic name; payload and properties stay shared.
  static MessagePtr renamed(const MessagePtr& message, std::string_view topic);

  std::string_view topic() const { return topic_; }
  Bytes payload() const { return payload_; }
  uint8_t qos() const { return qos_; }
  bool retain() const { return retain_; }
  /// `message_expiry_interval` in here is the publisher's; what is sent on is `seconds_left`. [MQTT-3.3.2-6]
  const mqtt::MessageProperties& properties() const { return properties_; }

  Time expires_at() const { return expires_at_; }
  bool expired(Time now) const { return expires_at_ <= now; }
  /// What is left of the expiry interval, in seconds rounded up and at least 1: what expires on the
  /// way of an open flow is still sent on. Only for messages that have one. [MQTT-4.3.3-7]
  uint32_t seconds_left(Time now) const;

  /// What it costs a queue that holds it: the bytes of all that it carries.
  size_t weight() const;

 private:
  Message() = default;

  std::unique_ptr<std::byte[]> storage_;
  MessagePtr origin_;  ///< Owns the payload of a renamed message.
  std::string_view topic_;
  Bytes payload_;
  mqtt::MessageProperties properties_;
  Time expires_at_ = kNever;
  uint8_t qos_ = 0;
  bool retain_ = false;
};

}  // namespace mqttio::broker
