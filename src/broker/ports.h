#pragma once

#include <functional>
#include <string>

#include "broker/message.h"

/// What the broker needs and others fulfil. The one who calls owns the interface.
namespace mqttio::broker {

struct SessionImage;

/// Where a client comes from, as far as rules may ask.
struct Peer {
  std::string address;         ///< "127.0.0.1:50312", for logs.
  std::string_view transport;  ///< "tcp", "websocket", "socketio": a literal.
  bool local = false;          ///< Beyond doubt a program on this machine; see the transports for what that takes.
  bool group_send = false;     ///< The listener admits publishing to `<prefix>/#`.
};

/// Who is this, and may they come in?
class Authenticator {
 public:
  struct Login {
    const Peer& peer;
    std::string_view client_id;
    std::optional<std::string_view> user_name;
    std::optional<Bytes> password;
  };
  virtual ~Authenticator() = default;
  /// `success`, or the refusal for CONNACK.
  virtual mqtt::Reason authenticate(const Login& login) = 0;
};

/// Names a session that was asked for and not heard of yet.
using ClaimTicket = uint64_t;

/// The neighbours: other shards, later other machines. To the broker all are alike. It tells them what it wants to hear
/// and what it has, and asks for sessions that may live with them. They answer as inputs of a later turn, by
/// `Broker::deliver`, `Broker::claimed` and `Broker::surrender`.
class Bus {
 public:
  virtual ~Bus() = default;
  /// From now on messages that match `filter` are wanted here / no longer. Once per subscription.
  virtual void subscribed(std::string_view filter) = 0;
  virtual void unsubscribed(std::string_view filter) = 0;
  /// Hands a message that was accepted here to whoever wants it. `group`: its topic is the prefix of a group send.
  virtual void forward(const Message& message, bool group) = 0;
  /// What was said this turn leaves now: the neighbours hear of a decision no later than the client it answers.
  virtual void flush() = 0;
  /// Asks for the one right to run this client's session; `clean_start`: what its owner has of it is to end. True: it
  /// is ours now, and nobody else had it. False: `Broker::claimed` will bring the answer with this ticket.
  virtual bool claim(std::string_view client_id, bool clean_start, ClaimTicket ticket) = 0;
  /// The session of that client is no more, and nobody takes it over; the right to run it is free again.
  virtual void released(std::string_view client_id) = 0;
};

enum class Drop : uint8_t {
  queue_full,
  expired,
  packet_too_large,
  not_authorized,
  topic_invalid,         ///< More levels than the limit.
  group_retained,        ///< A group send that was to be retained.
  subscription_refused,  ///< What the client cannot be told in MQTT 3.1; the topic is the filter.
};
inline constexpr size_t kDrops = 7;

/// Watches; decides nothing.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void connected(std::string_view client_id, const Peer& peer) = 0;
  /// Nobody was let in. `client_id` is what was asked for; "" if it did not come that far.
  virtual void refused(std::string_view client_id, const Peer& peer, mqtt::Reason reason, std::string_view why) = 0;
  /// `why` in our words; `reason` as the standard classes it (success: the client said good-bye).
  virtual void disconnected(std::string_view client_id, const Peer& peer, mqtt::Reason reason,
                            std::string_view why) = 0;
  /// A message did not reach the client, or was not accepted from it.
  virtual void dropped(std::string_view client_id, std::string_view topic, Drop why) = 0;
};

/// All of them together; they outlive the broker.
struct Ports {
  Bus& bus;
  Authenticator& authenticator;
  Observer& observer;
  /// A client id that nobody else has. [MQTT-3.1.3-6]
  std::function<std::string()> make_client_id;
};

}  // namespace mqttio::broker
