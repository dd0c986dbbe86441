#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace mqttio::load {

/// A measurement that goes wrong is none: says why and ends.
[[noreturn]] inline void die(const std::string& why) {
  std::fprintf(stderr, "load: %s\n", why.c_str());
  std::exit(1);
}

/// Which sockets are ready; and, at the end of each turn, who has gathered something to send.
class Poller {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void ready(uint32_t events) = 0;
  };
  class Sender {
   public:
    virtual void flush() = 0;

   protected:
    ~Sender() = default;
  };

  Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) die("no epoll");
  }
  ~Poller() { close(epoll_); }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, Handler& handler, uint32_t events) { control(EPOLL_CTL_ADD, fd, handler, events); }
  void change(int fd, Handler& handler, uint32_t events) { control(EPOLL_CTL_MOD, fd, handler, events); }
  /// It is not told any more, not even of what is known already.
  void forget(const Handler& handler) {
    for (size_t i = 0; i < count_; ++i)
      if (events_[i].data.ptr == &handler) events_[i].data.ptr = nullptr;
  }
  /// Dies at the end of the turn, so that it may be in the middle of something.
  void bury(std::unique_ptr<Handler> handler) { graves_.push_back(std::move(handler)); }
  void send_later(Sender& sender) { senders_.push_back(&sender); }

  void turn(int timeout_ms) {
    count_ = static_cast<size_t>(std::max(0, epoll_wait(epoll_, events_.data(), kEvents, timeout_ms)));
    for (size_t i = 0; i < count_; ++i)
      if (events_[i].data.ptr != nullptr) static_cast<Handler*>(events_[i].data.ptr)->ready(events_[i].events);
    count_ = 0;
    flush();
    graves_.clear();
  }

  void flush() {
    for (size_t i = 0; i < senders_.size(); ++i) senders_[i]->flush();
    senders_.clear();
  }

  /// Turns until `done`; the name is for the complaint if that takes too long.
  template <class Done>
  void drive(Done done, const char* name, std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    flush();
    while (!done()) {
      turn(20);
      if (std::chrono::steady_clock::now() > deadline) die(std::string("waited too long: ") + name);
    }
  }
  void drive_for(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < deadline) turn(10);
  }

 private:
  static constexpr int kEvents = 512;

  void control(int operation, int fd, Handler& handler, uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &handler}};
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) die("epoll_ctl failed");
  }

  int epoll_;
  size_t count_ = 0;  ///< Events of this turn.
  std::array<epoll_event, kEvents> events_;
  std::vector<Sender*> senders_;
  std::vector<std::unique_ptr<Handler>> graves_;
};

}  // namespace mqttio::load
