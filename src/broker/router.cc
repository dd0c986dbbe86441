#include "broker/router.h"

#include <boost/container_hash/hash.hpp>

#include "mqtt/topic.h"

namespace mqttio::broker {

/// The place in the tree that a beginning of a filter leads to.
struct RouterNode {
  std::string level;
  RouterNode* parent = nullptr;
  RouterNode* plus = nullptr;         ///< The child `+`, met at every match.
  RouterNode* first_child = nullptr;  ///< All children, `+` among them, for those who want the whole subtree.
  RouterNode* next_sibling = nullptr;
  RouterNode* previous_sibling = nullptr;
  std::vector<Subscription*> exact;  ///< Filters that end here.
  std::vector<Subscription*> below;  ///< Filters that end here with a further `/#`.

  bool unused() const { return first_child == nullptr && exact.empty() && below.empty(); }
};

namespace {

/// `#` is no level of the tree but a list at the node before it.
std::vector<Subscription*>& list_of(const Subscription& subscription) {
  return subscription.filter.ends_with('#') ? subscription.node->below : subscription.node->exact;
}

void append(std::vector<Subscription*>& found, const std::vector<Subscription*>& more) {
  found.insert(found.end(), more.begin(), more.end());
}

void link_child(RouterNode& parent, RouterNode& child) {
  child.next_sibling = parent.first_child;
  if (parent.first_child != nullptr) parent.first_child->previous_sibling = &child;
  parent.first_child = &child;
  if (child.level == "+") parent.plus = &child;
}

void unlink_child(RouterNode& parent, RouterNode& child) {
  if (child.next_sibling != nullptr) child.next_sibling->previous_sibling = child.previous_sibling;
  (child.previous_sibling != nullptr ? child.previous_sibling->next_sibling : parent.first_child) = child.next_sibling;
  if (parent.plus == &child) parent.plus = nullptr;
}

/// Everything at and below `top`, without recursion: down to the first child, else on to the next sibling, else up.
void append_subtree(const RouterNode* top, std::vector<Subscription*>& found) {
  for (const RouterNode* node = top; node != nullptr;) {
    append(found, node->exact);
    append(found, node->below);
    if (node->first_child != nullptr) {
      node = node->first_child;
      continue;
    }
    while (node != top && node->next_sibling == nullptr) node = node->parent;
    node = node == top ? nullptr : node->next_sibling;
  }
}

}  // namespace

size_t Router::EdgeHash::operator()(const Edge& edge) const {
  size_t seed = std::hash<std::string_view>()(edge.level);
  boost::hash_combine(seed, edge.from);
  return seed;
}

Router::Router() : root_(std::make_unique<RouterNode>()) {}
Router::~Router() = default;

RouterNode* Router::child(const RouterNode* node, std::string_view level) const {
  const auto found = edges_.find(Edge{node, level});
  return found == edges_.end() ? nullptr : found->second.get();
}

RouterNode* Router::make_child(RouterNode* node, std::string_view level) {
  if (RouterNode* known = child(node, level)) return known;
  auto made = std::make_unique<RouterNode>();
  made->level = level;
  made->parent = node;
  RouterNode* raw = made.get();
  link_child(*node, *raw);
  edges_.emplace(Edge{node, raw->level}, std::move(made));
  return raw;
}

void Router::add(Subscription& subscription) {
  RouterNode* node = root_.get();
  mqtt::LevelWalk levels(subscription.filter);
  for (std::string_view level; levels.next(level);)
    if (level != "#") node = make_child(node, level);
  subscription.node = node;
  auto& list = list_of(subscription);
  subscription.place = list.size();
  list.push_back(&subscription);
}

void Router::remove(Subscription& subscription) {
  auto& list = list_of(subscription);
  list[subscription.place] = list.back();
  list[subscription.place]->place = subscription.place;
  list.pop_back();
  if (list.empty()) list.shrink_to_fit();
  prune(subscription.node);
  subscription.node = nullptr;
}

void Router::prune(RouterNode* node) {
  while (node != root_.get() && node->unused()) {
    RouterNode* parent = node->parent;
    unlink_child(*parent, *node);
    const auto edge = edges_.find(Edge{parent, node->level});
    const std::unique_ptr<RouterNode> dying = std::move(edge->second);  // the key views its name: it goes last
    edges_.erase(edge);
    node = parent;
  }
}

void Router::step(std::string_view level, bool wildcards, std::vector<Subscription*>& found) {
  next_front_.clear();
  for (const RouterNode* node : front_) {
    if (wildcards) append(found, node->below);
    if (wildcards && node->plus != nullptr) next_front_.push_back(node->plus);
    if (RouterNode* literal = child(node, level)) next_front_.push_back(literal);
  }
  front_.swap(next_front_);
}

void Router::match(std::string_view topic, std::vector<Subscription*>& found) {
  front_.assign(1, root_.get());
  bool wildcards = !topic.starts_with('$');  // [MQTT-4.7.2-1]: only the first level is different
  mqtt::LevelWalk levels(topic);
  for (std::string_view level; !front_.empty() && levels.next(level); wildcards = true) step(level, wildcards, found);
  for (const RouterNode* node : front_) {
    append(found, node->exact);
    append(found, node->below);  // `sport/#` matches `sport`, too
  }
}

void Router::match_group(std::string_view prefix, std::vector<Subscription*>& found) {
  front_.assign(1, root_.get());
  bool wildcards = !prefix.starts_with('$');
  mqtt::LevelWalk levels(prefix);
  for (std::string_view level; !front_.empty() && levels.next(level); wildcards = true) step(level, wildcards, found);
  for (const RouterNode* node : front_) append_subtree(node, found);
}

}  // namespace mqttio::broker
