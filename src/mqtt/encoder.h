#pragma once

#include <string>

#include "base/buffer.h"
#include "mqtt/packet.h"

namespace mqttio::mqtt {

/// Appends `packet` as `version` writes it. The packet is well formed (what a Decoder makes, or our own); what a
/// version lacks (properties and most reason codes in MQTT 3) is left out. Always the shortest form.
void encode(Buffer& out, const Packet& packet, Version version);

/// The same without the detour by `Packet`, for each packet that a broker sends often.
void encode(Buffer& out, const Publish& publish, Version version);
void encode(Buffer& out, PacketType type, const Ack& ack, Version version);

/// How many bytes `encode` would append.
size_t encoded_size(const Publish& publish, Version version);

/// One more of what `SubscriptionIds` holds.
std::string encode_subscription_id(uint32_t identifier);

/// Appends a Variable Byte Integer; `value` is at most 268,435,455.
void put_varint(Buffer& out, uint32_t value);
size_t varint_size(uint32_t value);

}  // namespace mqttio::mqtt
