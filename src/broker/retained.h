#pragma once

#include <boost/intrusive/list_hook.hpp>
#include <map>
#include <string>

#include "broker/message.h"

namespace mqttio::broker {

struct Subscription;

/// The way of one new subscription through the retained messages. Its client gets them one by one as it takes them, so
/// nothing is copied, nothing piles up, and a message that is deleted or replaced meanwhile is not sent. The
/// subscription owns it; its session keeps all of them in order.
struct RetainedWalk : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  Subscription* subscription = nullptr;
  std::string from;         ///< The next topic to look at, or one before it.
  uint64_t order = 0;       ///< Of the last message before the SUBSCRIBE: newer ones come by themselves.
  bool only_acked = false;  ///< It outlived its connection: what is sent at QoS 0 is not owed any more.
  bool done = false;
};

/// The last retained message of each topic.
class Retained {
 public:
  struct Entry {
    MessagePtr message;
    uint64_t order = 0;  ///< Of its acceptance, among all messages of this shard.
  };

  /// Replaces the topic's message; an empty payload removes it and is not kept. [MQTT-3.3.1-5..-7]
  void store(const MessagePtr& message, uint64_t order);

  /// The next message on the walk that matches `filter` and has not expired; the walk stands before it and goes on when
  /// it is told to `pass` it. Null: there is none, and the walk is `done`; or `steps` are used up, of which each topic
  /// that is looked at takes one. Forgets the expired ones that it meets. Looks only at topics that begin like the
  /// filter, up to its first wildcard; without one, at a single topic.
  const Entry* next(RetainedWalk& walk, std::string_view filter, uint32_t& steps, Time now);
  static void pass(RetainedWalk& walk) { walk.from.push_back('\0'); }  // which no topic has: the very next one

  size_t size() const { return messages_.size(); }

 private:
  using Messages = std::map<std::string, Entry, std::less<>>;
  Messages messages_;
};

}  // namespace mqttio::broker
