#pragma once

#include "mqtt/packet.h"
#include "mqtt/properties.h"
#include "mqtt/reader.h"

/// Inside the decoder: one function a packet. Each reads the variable header and the payload; faults stay in the
/// reader, and whoever calls looks for them and for bytes that were left over.
namespace mqttio::mqtt {

/// What the decoder knows beside the bytes.
struct Rules {
  Version version;
  uint8_t flags;  ///< The low four bits of the fixed header.
  bool strict_utf8;
  // Who may have sent it; both at once for those who listen to both sides.
  bool from_client;
  bool from_server;
};

/// Whether `reason` is among those that a packet may have, and a fault if not.
template <size_t N>
void check_reason(Reader& in, Reason reason, const Reason (&allowed)[N]) {
  for (const Reason known : allowed)
    if (known == reason) return;
  in.fault(Reason::protocol_error, "a reason code that this packet cannot have");
}

void decode(Reader& in, const Rules& rules, Connect& connect, Version& version);
void decode(Reader& in, const Rules& rules, Connack& connack);
void decode(Reader& in, const Rules& rules, Publish& publish);
void decode(Reader& in, const Rules& rules, Puback& ack);
void decode(Reader& in, const Rules& rules, Pubrec& ack);
void decode(Reader& in, const Rules& rules, Pubrel& ack);
void decode(Reader& in, const Rules& rules, Pubcomp& ack);
void decode(Reader& in, const Rules& rules, Subscribe& subscribe);
void decode(Reader& in, const Rules& rules, Suback& suback);
void decode(Reader& in, const Rules& rules, Unsubscribe& unsubscribe);
void decode(Reader& in, const Rules& rules, Unsuback& unsuback);
void decode(Reader& in, const Rules& rules, Pingreq& ping);
void decode(Reader& in, const Rules& rules, Pingresp& pong);
void decode(Reader& in, const Rules& rules, Disconnect& disconnect);
void decode(Reader& in, const Rules& rules, Auth& auth);

/// What every acknowledgement may have: a reason in words, and user properties.
template <class SomeAck>
void read_acknowledgement_properties(Reader& in, SomeAck& ack) {
  PropertyReader properties(in);
  while (const auto id = properties.next()) {
    if (*id == PropertyId::reason_string)
      ack.reason_string = properties.text();
    else
      properties.refuse();
  }
  ack.user_properties = properties.user_properties();
}

/// One of the properties that a message carries, or a fault.
void read_message_property(PropertyId id, PropertyReader& properties, MessageProperties& message, bool strict);

}  // namespace mqttio::mqtt
