#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/loop.h"

namespace mqttio::net {

/// An address as programs compare and people read it.
struct Address {
  std::string host;  ///< "127.0.0.1", "::1": numbers, no brackets.
  uint16_t port = 0;
  bool loopback = false;

  std::string text() const;
};

/// A connected TCP socket that never blocks, or none. Readiness is asked for each time and told once to its waiter.
class Socket {
 public:
  Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();
  explicit operator bool() const { return core_ != nullptr; }

  void set_waiter(Waiter& waiter);
  Address peer() const;

  struct Read {
    size_t size = 0;     ///< 0: nothing there now,
    bool ended = false;  ///< or nothing there ever again.
  };
  Read read(std::span<std::byte> into);

  /// How much of `bytes` the system took, perhaps 0; nullopt: the connection is broken.
  std::optional<size_t> write(Bytes bytes);

  void await_readable();
  void await_writable();

  /// Tells the peer that nothing more will come.
  void shut_down_write();

 private:
  friend class Listener;
  struct Core;
  explicit Socket(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
};

/// A listening TCP socket.
class Listener {
 public:
  /// Port 0 picks a free one. The error is a sentence for people, without the address.
  static Result<std::unique_ptr<Listener>, std::string> open(Loop& loop, const std::string& host, uint16_t port);
  ~Listener();

  const Address& local() const;
  void set_waiter(Waiter& waiter);
  void await_readable();

  /// The next connection that waits. No socket: none, or (`exhausted`) the process has no descriptor left for it.
  Socket accept();
  bool exhausted() const { return exhausted_; }

 private:
  struct Core;
  explicit Listener(std::unique_ptr<Core> core);
  std::unique_ptr<Core> core_;
  bool exhausted_ = false;
};

}  // namespace mqttio::net
