#pragma once

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "transport/stream.h"

/// A network made of numbers: bytes arrive in scraps, peers are slow, connections break at any moment and take with
/// them what was on its way. Everything follows from the seed.
namespace mqttio::sim {

using Random = std::mt19937_64;

inline size_t up_to(Random& random, size_t max) { return std::uniform_int_distribution<size_t>(0, max)(random); }
inline bool chance(Random& random, double p) { return std::bernoulli_distribution(p)(random); }

/// Moves a random beginning of `from` to `to`.
inline void trickle(Random& random, Buffer& from, Buffer& to) {
  const size_t n = chance(random, 0.3) ? from.size() : up_to(random, from.size());
  to.append(from.view().first(n));
  from.consume(n);
}

/// One connection; the server's end is the Stream.
class Wire final : public transport::Stream {
 public:
  explicit Wire(Random& random) : Stream({.address = "sim", .kind = "sim", .local = true}), random_(random) {}

  // ---- the server's end
  std::optional<Bytes> read(std::span<std::byte> scratch) override {
    if (arrived_.empty()) {
      if (broken_) return std::nullopt;
      return Bytes{};
    }
    const size_t n = std::min(arrived_.size(), 1 + up_to(random_, arrived_.size()));
    const size_t taken = std::min(n, scratch.size());
    std::memcpy(scratch.data(), arrived_.data(), taken);
    arrived_.consume(taken);
    return scratch.first(taken);
  }
  size_t room() const override { return slow_ || broken_ ? 0 : kRoom; }
  void write(Buffer& out) override { to_client_.append(out.view()); }
  void close(transport::Close, Buffer& last) override {
    to_client_.append(last.view());
    closed_ = true;
  }

  // ---- the client's end
  void send(Bytes bytes) { to_server_.append(bytes); }
  Buffer& received() { return received_; }
  /// The client's system, or its network, has given up: what is on its way is lost.
  void cut() {
    broken_ = true;
    to_server_.clear();
    if (chance(random_, 0.5)) arrived_.clear();  // a reset takes even what had arrived
  }
  /// The network in between is gone, and nobody tells the server: it learns by the client's return, or by keep alive.
  void vanish() {
    gone_ = true;
    to_server_.clear();
  }
  /// The client learns of the end when all bytes are there.
  bool over() const { return broken_ || (closed_ && to_client_.empty()); }

  // ---- the network
  void move() {
    slow_ = gone_ || chance(random_, 0.2);
    if (gone_) to_client_.clear();
    trickle(random_, to_server_, arrived_);
    trickle(random_, to_client_, received_);
  }
  bool concerns_server() const { return !closed_; }

 private:
  Random& random_;
  Buffer to_server_, arrived_, to_client_, received_;
  bool broken_ = false;
  bool gone_ = false;
  bool closed_ = false;
  bool slow_ = false;
};

class Network final : public transport::Source {
 public:
  explicit Network(Random& random) : random_(random) {}

  std::span<transport::Stream* const> wait(Time) override {
    ready_.clear();
    for (const auto& wire : wires_) {
      wire->move();
      if (wire->concerns_server()) ready_.push_back(wire.get());
    }
    std::shuffle(ready_.begin(), ready_.end(), random_);
    return ready_;
  }
  Time now() override { return now_; }
  void again(transport::Stream&) override {}  // everybody is named in every turn

  Wire& connect() { return *wires_.emplace_back(std::make_unique<Wire>(random_)); }
  /// Both ends are done with it.
  void forget(const Wire& wire) {
    std::erase_if(wires_, [&](const auto& w) { return w.get() == &wire && !w->concerns_server(); });
  }
  void pass(Duration duration) { now_ += duration; }

 private:
  Random& random_;
  Time now_{std::chrono::hours(1)};
  std::vector<std::unique_ptr<Wire>> wires_;
  std::vector<transport::Stream*> ready_;
};

}  // namespace mqttio::sim
