#pragma once

#include "base/buffer.h"
#include "net/socket.h"

namespace mqttio::transport {

/// A socket, and what its peer is slow to take; or nothing, once it was moved on. Whoever holds it bounds what is
/// written.
class Outlet {
 public:
  Outlet() = default;
  explicit Outlet(net::Socket socket) : socket_(std::move(socket)) {}
  explicit operator bool() const { return static_cast<bool>(socket_); }

  net::Socket& socket() { return socket_; }
  const net::Socket& socket() const { return socket_; }
  bool empty() const { return pending_.empty(); }
  size_t pending() const { return pending_.size(); }
  /// The connection is of no use any more; its waiter was or will be told.
  bool broken() const { return broken_; }

  /// Sends at once what the system takes, keeps the rest, and then waits for it to take more.
  void write(Bytes bytes) {
    if (broken_ || bytes.empty()) return;
    size_t sent = 0;
    if (pending_.empty()) sent = send(bytes);
    if (sent == bytes.size() || broken_) return;
    pending_.append(bytes.subspan(sent));
    socket_.await_writable();
  }

  /// The socket can be written: sends what was kept. True: all of it is gone.
  bool flush() {
    pending_.consume(send(pending_.view()));
    if (broken_ || pending_.empty()) pending_.release();
    if (!pending_.empty()) socket_.await_writable();
    return pending_.empty();
  }

 private:
  size_t send(Bytes bytes) {
    const auto sent = socket_.write(bytes);
    broken_ = !sent;
    return sent.value_or(0);
  }

  net::Socket socket_;
  Buffer pending_;
  bool broken_ = false;
};

}  // namespace mqttio::transport
