#pragma once

#include "mqtt/packet.h"

namespace mqttio::mqtt {

/// Bytes of an MQTT stream to packets. It is told of the version by the one CONNECT that it decodes, and remembers
/// nothing else.
class Decoder {
 public:
  /// What a peer in this role may send: a server's decoder hears clients.
  enum class Hears : uint8_t { client, server, both };

  struct Options {
    /// Largest packet, whole, in bytes. Above: `packet_too_large`, from the fixed header, before anything is buffered.
    uint32_t max_packet_size = 8 * 1024 * 1024;
    /// The same for a CONNECT: whoever sends it is nobody yet.
    uint32_t max_connect_size = 64 * 1024;
    /// Refuse control characters and noncharacters in topics, filters, client ids and user names.
    bool strict_utf8 = true;
  };

  explicit Decoder(const Options& options, Hears hears = Hears::client) : options_(options), hears_(hears) {}

  /// Takes the next packet off the front of `in`; nullopt (and `in` untouched) means: not all here yet.
  /// The packet's views point into `in`. After an error the stream makes no sense any more.
  Result<std::optional<Packet>> next(Bytes& in);

  /// CONNECT decides it; MQTT 3.1.1 until then. Settable for the client side.
  Version version() const { return version_; }
  void set_version(Version version) { version_ = version; }

 private:
  Result<std::optional<Packet>> decode_body(PacketType type, uint8_t flags, Bytes body);

  Options options_;
  Hears hears_;
  Version version_ = Version::v311;
  bool connected_ = false;
};

}  // namespace mqttio::mqtt
