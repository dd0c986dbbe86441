#pragma once

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/buffer.h"
#include "poller.h"

namespace mqttio::load {

/// One TCP connection to this machine.
class Wire final : public Poller::Handler {
 public:
  class Owner {
   public:
    /// What came, writable. It may be buried by then; nothing more is told after that.
    virtual void read(Wire& wire, std::span<std::byte> bytes) = 0;
    virtual void closed(Wire& wire) = 0;

   protected:
    ~Owner() = default;
  };

  Wire(Poller& poller, uint16_t port, Owner& owner)
      : poller_(poller), owner_(&owner), fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    if (fd_ < 0) die("no socket left: raise `ulimit -n`");
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
      die("cannot connect to port " + std::to_string(port));
    poller_.add(fd_, *this, EPOLLIN | EPOLLOUT);
  }
  ~Wire() override {
    poller_.forget(*this);
    close(fd_);
  }

  /// Sends what the system takes, keeps the rest. Before the connection stands, all of it.
  void write(Bytes bytes) {
    if (!pending_.empty() || !connected_) return pending_.append(bytes);
    const size_t sent = send(bytes);
    if (sent == bytes.size()) return;
    pending_.append(bytes.subspan(sent));
    poller_.change(fd_, *this, EPOLLIN | EPOLLOUT);
  }

  /// Nothing more is told; the connection is closed at the end of the turn.
  static void bury(std::unique_ptr<Wire> wire) {
    if (wire == nullptr) return;
    wire->owner_ = nullptr;
    Poller& poller = wire->poller_;
    poller.bury(std::move(wire));
  }

 private:
  void ready(uint32_t events) override {
    if (events & EPOLLOUT) {
      connected_ = true;
      pending_.consume(send(pending_.view()));
      if (pending_.empty()) poller_.change(fd_, *this, EPOLLIN);
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive();
  }

  void receive() {
    static std::array<std::byte, 256 * 1024> scratch;
    const ssize_t n = recv(fd_, scratch.data(), scratch.size(), 0);
    if (owner_ == nullptr || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
    if (n <= 0)
      owner_->closed(*this);
    else
      owner_->read(*this, {scratch.data(), static_cast<size_t>(n)});
  }

  size_t send(Bytes bytes) {
    if (bytes.empty()) return 0;
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<size_t>(n);  // what is broken shows when it is read
  }

  Poller& poller_;
  Owner* owner_;
  int fd_;
  bool connected_ = false;
  Buffer pending_;
};

}  // namespace mqttio::load
