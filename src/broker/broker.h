#pragma once

#include <memory>
#include <string>
#include <vector>

#include "broker/channel.h"
#include "broker/options.h"
#include "broker/ports.h"
#include "broker/retained.h"
#include "broker/router.h"
#include "broker/session.h"

namespace mqttio::broker {

/// What MQTT means, for one shard: its sessions, subscriptions, retained messages and wills. One thread, no locks, no
/// clock. Everything happens in answer to an input, and every output waits to be pulled.
class Broker {
 public:
  /// The ports outlive the broker. Channels must be gone before it.
  Broker(const Options& options, Ports ports);
  ~Broker();

  const Options& options() const { return options_; }

  // ---- inputs of a turn
  /// Lets everything happen whose time has come: keep alives, expiries, wills.
  void expire(Time now) { timers_.expire(now); }
  /// When the next turn must begin, if nothing comes in before: at once, if something is left to be said.
  Time next_deadline() const { return dirty_.empty() ? timers_.next() : Time::min(); }

  /// From the Bus: a message that was accepted elsewhere.
  void deliver(const MessagePtr& message, bool group, Time now);
  /// From the Bus: the answer to a claim; `image` is the session as its last owner left it, or null.
  void claimed(ClaimTicket ticket, std::unique_ptr<SessionImage> image, Time now);
  /// From the Bus: a neighbour has claimed this client's session. Its connection here ends, and with `clean_start` the
  /// session does, too. Null: there is nothing to move.
  std::unique_ptr<SessionImage> surrender(std::string_view client_id, bool clean_start, Time now);
  /// The process is about to end all connections: publishes the wills that are due at their end, while there is still
  /// somebody to hear them. Commit and write before the channels are refused.
  void shut_down(Time now);

  // ---- outputs of a turn
  /// Stands between every decision and every answer. Nothing outlives the process yet, so it is the neighbours' alone;
  /// a store commits here, too.
  void commit() { ports_.bus.flush(); }
  /// Channels that have something to say, or may hear again, or have ended. Each once.
  std::vector<Channel*> take_dirty();
  /// Deliveries pile up faster than the turn should let them: write before you read on. Protects the sessions' queues
  /// from one fast publisher.
  bool turn_is_full() const { return turn_full_; }
  void begin_turn();

  struct Counters {
    uint64_t received = 0;   ///< Publishes accepted.
    uint64_t delivered = 0;  ///< Publishes handed to streams.
    uint64_t dropped = 0;
  };
  const Counters& counters() const { return counters_; }
  size_t session_count() const { return sessions_.size(); }
  size_t retained_count() const { return retained_.size(); }

 private:
  friend class Channel;
  friend class Session;

  // ---- for channels: sessions (sessions.cc)
  void open(Channel& channel, Time now);
  void finish_open(Channel& channel, std::unique_ptr<SessionImage> image, Time now);
  void abandon(Channel& channel);  ///< It dies, maybe while its claim is open.
  /// Whether somebody takes a session over that ends; if not, the right to run it is given back.
  enum class Heir : bool { none, waiting };
  /// The connection is gone. `with_will`: the client did not take its leave.
  void leave(Session& session, bool with_will, Time now, Heir heir = Heir::none);
  void session_due(Session& session, Time now, Heir heir = Heir::none);
  void end_session(Session& session, Time now, Heir heir = Heir::none);
  Session& settle(std::string client_id, std::unique_ptr<SessionImage> image);
  void publish_will(Session& session, Time now);
  Session* find(std::string_view client_id);
  Session& make_session(std::string client_id);

  // ---- for channels: messages (broker.cc)
  /// How many sessions will get it.
  size_t publish(const MessagePtr& message, const Session* from, Time now);
  size_t group_send(const MessagePtr& message, const Session* from, Time now);
  mqtt::Reason subscribe(Session& session, const mqtt::TopicFilter& filter, uint32_t identifier);
  mqtt::Reason unsubscribe(Session& session, std::string_view filter);
  void mark_dirty(Channel& channel);
  void forget(Channel& channel);
  void dropped(const Session& session, const Message& message, Drop why);

  // ---- for sessions: walks through the retained messages
  /// How many topics a walk may look at now.
  uint32_t walk_share() const;
  void walked(uint32_t steps);

  /// One session that will get the message which is being routed.
  struct Target {
    Session* session;
    uint8_t qos;
    bool retain;
    std::unique_ptr<std::string> subscription_ids;
    std::string topic;  ///< Of a group send.
  };
  size_t route(const MessagePtr& message, const Session* from, bool group, Time now);
  void gather_targets(const Message& message, const Session* from, bool group);
  void enqueue(Session& session, Delivery delivery, Time now);

  Options options_;
  Ports ports_;
  Timers timers_;
  Router router_;
  Retained retained_;
  boost::unordered_flat_map<std::string_view, std::unique_ptr<Session>> sessions_;  ///< Keys view the sessions' ids.
  struct Claim {
    Channel* channel;  ///< Null: it is gone. Whatever the answer brings is kept for its client.
    std::string client_id;
  };
  boost::unordered_flat_map<ClaimTicket, Claim> claims_;
  std::vector<Channel*> dirty_;
  std::vector<Subscription*> matches_;
  std::vector<Target> targets_;
  Delivery handed_out_;  ///< The delivery at QoS 0 that some session gave last.
  Counters counters_;
  ClaimTicket next_ticket_ = 1;
  uint64_t order_ = 0;  ///< Messages that were accepted, from here and elsewhere.
  uint64_t route_mark_ = 0;
  uint64_t turn_ = 0;
  uint32_t steps_left_ = 0;
  bool turn_full_ = false;
};

}  // namespace mqttio::broker
