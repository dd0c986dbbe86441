#include "broker/message.h"

namespace mqttio::broker {
namespace {

/// Copies views one behind the other into memory that was sized for all of them.
class Packer {
 public:
  explicit Packer(std::byte* at) : at_(at) {}

  Bytes pack(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    const Bytes copy(at_, bytes.size());
    at_ += bytes.size();
    return copy;
  }
  std::string_view pack(std::string_view text) { return as_text(pack(as_bytes(text))); }

  template <class View>
  void repack(std::optional<View>& view) {
    if (view) view = pack(*view);
  }

 private:
  std::byte* at_;
};

template <class View>
size_t size_of(const std::optional<View>& view) {
  return view ? view->size() : 0;
}

size_t size_of(std::string_view topic, Bytes payload, const mqtt::MessageProperties& properties) {
  return topic.size() + payload.size() + size_of(properties.content_type) + size_of(properties.response_topic) +
         size_of(properties.correlation_data) + properties.user_properties.encoded.size();
}

}  // namespace

MessagePtr Message::copy(const mqtt::Publish& publish, Time now) {
  auto* message = new Message;
  MessagePtr owner(message);
  mqtt::MessageProperties properties = publish.properties;
  message->storage_ = std::make_unique_for_overwrite<std::byte[]>(size_of(publish.topic, publish.payload, properties));
  Packer packer(message->storage_.get());
  message->topic_ = packer.pack(publish.topic);
  message->payload_ = packer.pack(publish.payload);
  packer.repack(properties.content_type);
  packer.repack(properties.response_topic);
  packer.repack(properties.correlation_data);
  properties.user_properties.encoded = packer.pack(properties.user_properties.encoded);
  message->properties_ = properties;
  message->qos_ = publish.qos;
  message->retain_ = publish.retain;
  if (properties.message_expiry_interval)
    message->expires_at_ = now + std::chrono::seconds(*properties.message_expiry_interval);
  return owner;
}

MessagePtr Message::renamed(const MessagePtr& message, std::string_view topic) {
  auto* renamed = new Message;
  MessagePtr owner(renamed);
  renamed->origin_ = message;
  renamed->storage_ = std::make_unique_for_overwrite<std::byte[]>(topic.size());
  renamed->topic_ = Packer(renamed->storage_.get()).pack(topic);
  renamed->payload_ = message->payload_;
  renamed->properties_ = message->properties_;
  renamed->expires_at_ = message->expires_at_;
  renamed->qos_ = message->qos_;
  renamed->retain_ = message->retain_;
  return owner;
}

size_t Message::weight() const { return size_of(topic_, payload_, properties_); }

uint32_t Message::seconds_left(Time now) const {
  if (expired(now)) return 1;
  return static_cast<uint32_t>(std::chrono::ceil<std::chrono::seconds>(expires_at_ - now).count());
}

}  // namespace mqttio::broker
