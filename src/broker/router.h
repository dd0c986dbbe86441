#pragma once

#include <boost/intrusive/set_hook.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <string>
#include <vector>

#include "broker/retained.h"
#include "mqtt/packet.h"

namespace mqttio::broker {

class Session;
struct RouterNode;

/// One filter of one session. The session owns it and keeps it in order; the router knows it from `add` to `remove`.
struct Subscription : boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>> {
  std::string filter;
  Session* session = nullptr;
  mqtt::SubscriptionOptions options;
  uint32_t identifier = 0;             ///< Subscription Identifier; 0: none.
  std::unique_ptr<RetainedWalk> walk;  ///< Null: its retained messages have been sent.

  // The router's notes: where it stands, so that leaving costs the same among one or a million.
  RouterNode* node = nullptr;
  size_t place = 0;
};

/// Topic filters to subscriptions: a tree of levels. It knows sessions only as addresses and no messages at all.
/// Filters and names are valid and within the limit of levels: the callers checked.
class Router {
 public:
  Router();
  ~Router();

  void add(Subscription& subscription);
  void remove(Subscription& subscription);

  /// Appends every subscription whose filter matches the topic name, in no particular order. Without recursion; costs
  /// about the number of tree nodes that match a beginning of the topic.
  void match(std::string_view topic, std::vector<Subscription*>& found);

  /// Appends every subscription that shares a topic name with `<prefix>/#`.
  void match_group(std::string_view prefix, std::vector<Subscription*>& found);

  size_t node_count() const { return edges_.size(); }

 private:
  struct Edge {
    const RouterNode* from;
    std::string_view level;  ///< Views the child's own name.
    friend bool operator==(const Edge&, const Edge&) = default;
  };
  struct EdgeHash {
    size_t operator()(const Edge& edge) const;
  };

  RouterNode* child(const RouterNode* node, std::string_view level) const;
  RouterNode* make_child(RouterNode* node, std::string_view level);
  void prune(RouterNode* node);
  void step(std::string_view level, bool wildcards, std::vector<Subscription*>& found);

  boost::unordered_flat_map<Edge, std::unique_ptr<RouterNode>, EdgeHash> edges_;
  std::unique_ptr<RouterNode> root_;
  // The nodes that match the levels walked so far, and the next ones: kept to spare their memory's making.
  std::vector<RouterNode*> front_;
  std::vector<RouterNode*> next_front_;
};

}  // namespace mqttio::broker
