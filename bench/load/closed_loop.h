#pragma once

#include <cstring>

#include "client.h"
#include "process.h"

namespace mqttio::load {

/// Groups of one publisher and its subscribers. Each publisher keeps a number of messages under way and sends the next
/// one when the oldest has reached every subscriber (and its own flow is over): all servers do the same work, however
/// fast they are. Every delivery is checked: in order, once, none missing, its bytes as they were sent.
class ClosedLoop final : public Client::Owner {
 public:
  struct Shape {
    size_t groups = 1;
    size_t subscribers = 100;  ///< Of each.
    uint8_t qos = 0;
    size_t window = 20;
    size_t payload = 256;
    std::chrono::milliseconds duration{1500};
  };

  ClosedLoop(const Target& target, const Process& server, const Shape& shape)
      : target_(target), server_(server), shape_(shape), payload_(std::max(shape.payload, sizeof(Stamp))) {
    for (size_t i = 0; i < payload_.size(); ++i) payload_[i] = static_cast<std::byte>(i * 7);
  }

  /// The outcome as JSON.
  std::string run() {
    for (size_t i = 0; i < shape_.groups; ++i) connect(i);
    std::string outcome = measure();
    poller_.drive_for(std::chrono::milliseconds(50));  // whatever comes now is a duplicate
    if (faults_ > 0) die(std::to_string(faults_) + " messages were lost, doubled, out of order or altered");
    return outcome;
  }

 private:
  /// What a payload begins with.
  struct Stamp {
    uint64_t group;
    uint64_t sequence;
  };
  struct Group {
    std::string topic;
    std::unique_ptr<Client> publisher;
    std::vector<std::unique_ptr<Client>> subscribers;
    std::vector<uint64_t> heard;    ///< By each subscriber.
    std::vector<uint32_t> missing;  ///< Of each message under way: subscribers, and the publisher's own flow.
    uint64_t first = 0;             ///< The oldest message under way.
    uint64_t next = 0;              ///< What is published next.
    uint64_t settled = 0;           ///< Flows of the publisher that are over.
  };

  void connect(size_t place) {
    auto group = std::make_unique<Group>();
    const std::string name = "load/" + std::to_string(place);
    group->topic = name;
    group->heard.resize(shape_.subscribers);
    group->missing.resize(shape_.window);
    for (size_t i = 0; i < shape_.subscribers; ++i) {
      const std::string id = name + "/s" + std::to_string(i);
      group->subscribers.push_back(std::make_unique<Client>(poller_, target_, *this, id, name, shape_.qos));
      group->subscribers.back()->place = place * shape_.subscribers + i;
    }
    group->publisher = std::make_unique<Client>(poller_, target_, *this, name + "/p");
    group->publisher->place = place;
    groups_.push_back(std::move(group));
    const size_t expected = groups_.size() * (shape_.subscribers + 1);
    poller_.drive([&] { return ready_ == expected; }, "the connections");
  }
  void ready(Client&) override { ++ready_; }

  std::string measure() {
    using Clock = std::chrono::steady_clock;
    publishing_ = true;
    for (auto& group : groups_) refill(*group);
    poller_.drive_for(shape_.duration / 5);

    const uint64_t delivered_before = delivered_;
    const uint64_t cpu_before = server_.cpu_ns();
    const auto began = Clock::now();
    poller_.drive_for(shape_.duration);
    publishing_ = false;
    poller_.drive([&] { return std::ranges::all_of(groups_, [](const auto& g) { return g->first == g->next; }); },
                  "the last messages");
    const double seconds = std::chrono::duration<double>(Clock::now() - began).count();
    const double cpu_us = static_cast<double>(server_.cpu_ns() - cpu_before) / 1000;
    const auto delivered = static_cast<double>(delivered_ - delivered_before);
    return R"({"scenario":"closed_loop","transport":")" + target_.transport + R"(","groups":)" +
           std::to_string(shape_.groups) + R"(,"subscribers":)" + std::to_string(shape_.subscribers) + R"(,"qos":)" +
           std::to_string(shape_.qos) + R"(,"window":)" + std::to_string(shape_.window) + R"(,"payload":)" +
           std::to_string(payload_.size()) + R"(,"delivered":)" + std::to_string(delivered_ - delivered_before) +
           R"(,"per_second":)" + std::to_string(delivered / seconds) + R"(,"cpu_us_per_delivery":)" +
           std::to_string(cpu_us / delivered) + "}";
  }

  void refill(Group& group) {
    while (publishing_ && group.next < group.first + shape_.window) {
      const Stamp stamp{.group = static_cast<uint64_t>(group.publisher->place), .sequence = group.next};
      std::memcpy(payload_.data(), &stamp, sizeof stamp);
      group.missing[group.next % shape_.window] = static_cast<uint32_t>(shape_.subscribers + (shape_.qos > 0 ? 1 : 0));
      group.publisher->publish({.topic = group.topic,
                                .payload = payload_,
                                .packet_id = shape_.qos > 0 ? packet_id_of(group.next) : uint16_t{0},
                                .qos = shape_.qos});
      ++group.next;
    }
  }
  static uint16_t packet_id_of(uint64_t sequence) { return static_cast<uint16_t>(1 + sequence % UINT16_MAX); }

  void heard(Client& client, const mqtt::Publish& packet) override {
    Group& group = *groups_[client.place / shape_.subscribers];
    uint64_t& expected = group.heard[client.place % shape_.subscribers];
    Stamp stamp{};
    const bool sized = packet.payload.size() == payload_.size() && packet.topic == group.topic;
    if (sized) std::memcpy(&stamp, packet.payload.data(), sizeof stamp);
    const bool right = sized && stamp.group == client.place / shape_.subscribers && stamp.sequence == expected &&
                       std::memcmp(packet.payload.data() + sizeof stamp, payload_.data() + sizeof stamp,
                                   payload_.size() - sizeof stamp) == 0;
    if (!right || expected == group.next) {
      ++faults_;
      return;
    }
    ++delivered_;
    arrived(group, expected++);
  }

  void settled(Client& client, uint16_t packet_id) override {
    Group& group = *groups_[client.place];
    if (packet_id != packet_id_of(group.settled)) die("acknowledgements out of order");
    arrived(group, group.settled++);
  }

  void arrived(Group& group, uint64_t sequence) {
    --group.missing[sequence % shape_.window];
    while (group.first < group.next && group.missing[group.first % shape_.window] == 0) ++group.first;
    refill(group);
  }

  Target target_;
  Process server_;
  Shape shape_;
  std::vector<std::byte> payload_;
  Poller poller_;
  std::vector<std::unique_ptr<Group>> groups_;
  size_t ready_ = 0;
  bool publishing_ = false;
  uint64_t delivered_ = 0;
  uint64_t faults_ = 0;
};

}  // namespace mqttio::load
