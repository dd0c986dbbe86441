#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/timers.h"
#include "broker/ports.h"
#include "broker/session.h"
#include "mqtt/packet.h"

namespace mqttio::broker {

class Broker;

/// What a CONNECT asked for, kept while the neighbours are asked for the session.
struct Opening {
  std::string client_id;
  bool assigned = false;  ///< We made the client id.
  bool clean_start = true;
  Duration expiry{0};
  std::optional<uint32_t> session_expiry_interval;  ///< To be told when it is not what the client asked for.
  std::unique_ptr<Will> will;
};

/// The MQTT conversation over one connection, from CONNECT to DISCONNECT.
/// It sees no socket and no clock: packets and the time come in, bytes are pulled out.
class Channel : private Timer {
 public:
  /// Starts the wait for CONNECT. `owner` is whoever runs this channel: the broker hands it back and never looks at it.
  Channel(Broker& broker, Peer peer, void* owner, Time now);
  ~Channel() override;

  /// One packet from the client. An error ends the conversation: hand it to `refuse`.
  mqtt::Result<void> handle(const mqtt::Packet& packet, Time now);

  /// Whether packets may be handled now; if not, `Broker::take_dirty` names this channel when they may.
  bool hears() const { return state_ != State::opening && !ended() && control_.size() < kControlMax; }

  /// The decoder could not read a CONNECT, but its version: the refusal can be told.
  void assume_version(mqtt::Version version) {
    version_ = version;
    version_known_ = true;
  }

  /// Ends the conversation: what remains to be said (CONNACK, or DISCONNECT in MQTT 5) is said, and the will is sent.
  void refuse(const mqtt::Error& error, Time now);

  /// The connection is gone, without a word from the client.
  void lost(std::string_view why, Time now);

  /// Appends the bytes of what is to be sent next: acknowledgements, then what the client's window allows. False:
  /// nothing is left to say for now.
  bool next_outbound(Buffer& out, Time now);

  /// Nothing more will be handled; when `next_outbound` is done, the stream is to be closed.
  bool ended() const { return state_ == State::ended; }

  const Peer& peer() const { return peer_; }
  void* owner() const { return owner_; }
  std::string_view client_id() const { return session_ ? std::string_view(session_->client_id) : ""; }

 private:
  friend class Broker;
  enum class State : uint8_t { fresh, opening, open, ended };

  /// Acknowledgements that the peer does not take: beyond this we stop listening to it. Protects memory.
  static constexpr size_t kControlMax = size_t{64} * 1024;

  mqtt::Result<void> on(const mqtt::Connect& connect, Time now);
  mqtt::Result<void> on(const mqtt::Publish& publish, Time now);
  mqtt::Result<void> on(const mqtt::Puback& ack, Time now);
  mqtt::Result<void> on(const mqtt::Pubrec& ack, Time now);
  mqtt::Result<void> on(const mqtt::Pubrel& ack, Time now);
  mqtt::Result<void> on(const mqtt::Pubcomp& ack, Time now);
  mqtt::Result<void> on(const mqtt::Subscribe& subscribe, Time now);
  mqtt::Result<void> on(const mqtt::Unsubscribe& unsubscribe, Time now);
  mqtt::Result<void> on(const mqtt::Pingreq& ping, Time now);
  mqtt::Result<void> on(const mqtt::Disconnect& disconnect, Time now);
  mqtt::Result<void> on(const mqtt::Auth& auth, Time now);
  /// What only a server sends; the decoder refuses it before.
  template <class Other>
  mqtt::Result<void> on(const Other& other, Time now);

  // CONNECT, step by step (connect.cc)
  mqtt::Result<void> check_connect(const mqtt::Connect& connect) const;
  /// Whether the client takes packets as large as the smallest CONNACK that we can send it.
  mqtt::Result<void> check_room(const std::string& assigned_id) const;
  mqtt::Result<void> authenticate(const mqtt::Connect& connect, std::string_view client_id) const;
  void remember(const mqtt::Connect& connect);
  std::unique_ptr<Opening> make_opening(const mqtt::Connect& connect, std::string client_id, Time now) const;
  /// The broker has the session: the conversation is open. CONNACK goes out.
  void opened(Session& session, const Opening& opening, bool session_present, Time now);
  void refuse_connect(const mqtt::Error& error);

  // PUBLISH, step by step (publish.cc)
  /// Topics that only the server writes to.
  static bool is_reserved(std::string_view topic);
  mqtt::Result<std::string_view> resolve_alias(const mqtt::Publish& publish);
  mqtt::Result<mqtt::Reason> accept(mqtt::Publish publish, Time now);
  mqtt::Result<mqtt::Reason> accept_group(const mqtt::Publish& publish, std::string_view prefix, Time now);
  /// A publish that is refused but does not end the conversation: counted, named in the log, told in MQTT 5.
  mqtt::Reason refuse_publish(std::string_view topic, mqtt::Reason reason, Drop why = Drop::not_authorized);
  /// A topic that cannot be: told where an acknowledgement can tell it, else the end.
  mqtt::Result<mqtt::Reason> refuse_topic(const mqtt::Publish& publish, std::string_view why);

  /// Whether the packet is no larger than the client takes; if so, it goes out. [MQTT-3.1.2-24]
  bool say(const mqtt::Packet& packet);
  /// The same for what cannot be shortened and must not be left out.
  mqtt::Result<void> answer(const mqtt::Packet& packet);
  mqtt::Reason refusal(const mqtt::TopicFilter& filter, mqtt::Reason reason);
  void acknowledge(mqtt::PacketType type, uint16_t packet_id, mqtt::Reason reason = mqtt::Reason::success);
  /// Appends the next publish that fits; those that the client said it cannot take are dropped as delivered.
  bool next_publish(Buffer& out, Time now);
  bool fits(const mqtt::Publish& publish) const;
  void end(mqtt::Reason reason, std::string_view why);
  void expire(Time now) override;  // Timer: CONNECT or keep alive is overdue
  bool is_v5() const { return version_ == mqtt::Version::v5; }

  Broker& broker_;
  Peer peer_;
  void* owner_;
  Session* session_ = nullptr;
  std::unique_ptr<Opening> opening_;
  ClaimTicket ticket_ = 0;
  Buffer control_;                    ///< Encoded packets that are no publishes, in the order of their decision.
  std::vector<std::string> aliases_;  ///< The client's topic aliases; [0] is alias 1.
  Time last_heard_;
  Duration keep_alive_{0};  ///< 1.5 times the client's; 0: none.
  uint32_t maximum_packet_size_ = UINT32_MAX;
  uint16_t receive_maximum_ = UINT16_MAX;
  mqtt::Version version_ = mqtt::Version::v311;
  State state_ = State::fresh;
  bool version_known_ = false;  ///< A CONNECT was read far enough to know how to refuse it.
  bool bridge_ = false;         ///< Another broker, by mosquitto's bit: hears nothing of its own, and RETAIN as it was.
  bool dirty_ = false;
};

}  // namespace mqttio::broker
