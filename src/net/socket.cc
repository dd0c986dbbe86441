#include "net/socket.h"

#include <sys/socket.h>

#include <cerrno>

#include "net/asio.h"

namespace mqttio::net {
namespace {

using boost::system::error_code;

Address to_address(const asio::ip::tcp::endpoint& endpoint) {
  asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return {.host = address.to_string(), .port = endpoint.port(), .loopback = address.is_loopback()};
}

}  // namespace

std::string Address::text() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

// ---- Socket

struct Socket::Core {
  Core(LoopCore& the_loop, AsioSocket the_socket, const asio::ip::tcp::endpoint& the_peer)
      : loop(the_loop), socket(std::move(the_socket)), peer(the_peer) {}
  ~Core() { loop.redirect(waiter, nullptr); }

  void await(AsioSocket::wait_type type, bool readable) {
    socket.async_wait(type, [this, readable](const error_code& error) {
      if (error) return;  // closed: this object may be gone
      (readable ? awaits_read : awaits_write) = false;
      loop.ready.push_back({waiter, readable, !readable});
    });
  }

  LoopCore& loop;
  AsioSocket socket;
  Waiter* waiter = nullptr;
  asio::ip::tcp::endpoint peer;
  bool awaits_read = false;
  bool awaits_write = false;
};

Socket::Socket(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Socket::Socket() = default;
Socket::Socket(Socket&& other) noexcept = default;
Socket& Socket::operator=(Socket&& other) noexcept = default;
Socket::~Socket() = default;

void Socket::set_waiter(Waiter& waiter) {
  core_->loop.redirect(core_->waiter, &waiter);
  core_->waiter = &waiter;
}

Address Socket::peer() const { return to_address(core_->peer); }

Socket::Read Socket::read(std::span<std::byte> into) {
  const ssize_t n = ::recv(core_->socket.native_handle(), into.data(), into.size(), 0);
  if (n > 0) return {.size = static_cast<size_t>(n)};
  return {.ended = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)};
}

std::optional<size_t> Socket::write(Bytes bytes) {
  const ssize_t n = ::send(core_->socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n >= 0) return static_cast<size_t>(n);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return std::nullopt;
}

void Socket::await_readable() {
  if (std::exchange(core_->awaits_read, true)) return;
  core_->await(AsioSocket::wait_read, true);
}

void Socket::await_writable() {
  if (std::exchange(core_->awaits_write, true)) return;
  core_->await(AsioSocket::wait_write, false);
}

void Socket::shut_down_write() {
  error_code ignored;  // the peer may have been faster
  core_->socket.shutdown(AsioSocket::shutdown_send, ignored);
}

// ---- Listener

struct Listener::Core {
  explicit Core(LoopCore& the_loop) : loop(the_loop), acceptor(the_loop.io.get_executor()) {}

  LoopCore& loop;
  AsioAcceptor acceptor;
  Address local;
  Waiter* waiter = nullptr;
};

Listener::Listener(std::unique_ptr<Core> core) : core_(std::move(core)) {}

Listener::~Listener() { core_->loop.redirect(core_->waiter, nullptr); }

Result<std::unique_ptr<Listener>, std::string> Listener::open(Loop& loop, const std::string& host, uint16_t port) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return std::unexpected("`" + host + "` is not an IP address");
  auto core = std::make_unique<Core>(loop.core());
  const asio::ip::tcp::endpoint endpoint(address, port);
  AsioAcceptor& acceptor = core->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(AsioAcceptor::reuse_address(true), error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(4096, error);
  if (error) return std::unexpected(error.message());
  core->local = to_address(acceptor.local_endpoint());
  return std::unique_ptr<Listener>(new Listener(std::move(core)));
}

const Address& Listener::local() const { return core_->local; }

void Listener::set_waiter(Waiter& waiter) { core_->waiter = &waiter; }

void Listener::await_readable() {
  core_->acceptor.async_wait(AsioAcceptor::wait_read, [core = core_.get()](const error_code& error) {
    if (!error) core->loop.ready.push_back({core->waiter, true, false});
  });
}

Socket Listener::accept() {
  error_code error;
  asio::ip::tcp::endpoint from;
  AsioSocket socket = core_->acceptor.accept(from, error);
  exhausted_ = error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS;
  if (error) return {};
  error_code ignored;  // a peer that is gone already shows at the first read
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(AsioSocket::keep_alive(true), ignored);
  return Socket(std::make_unique<Socket::Core>(core_->loop, std::move(socket), from));
}

}  // namespace mqttio::net
