#include "transport/door.h"

#include "transport/engine_endpoint.h"
#include "transport/http_connection.h"
#include "transport/tcp_stream.h"

namespace mqttio::transport {
namespace {

/// Connections let in before others get their turn.
constexpr int kAcceptsPerTurn = 64;
/// How long to wait for a descriptor when the process has none left.
constexpr auto kExhaustedPause = std::chrono::milliseconds(100);

/// The longest that a peer may go on taking our last bytes little by little; protects the table of connections.
constexpr auto kFarewellMax = std::chrono::minutes(5);

constexpr uint8_t kMqttConnect = 0x10;
constexpr uint8_t kTlsHandshake = 0x16;

}  // namespace

// ---- Door

Door::Door(Hub& hub, std::unique_ptr<net::Listener> listener, Hub::Admits admits)
    : Resident(hub), listener_(std::move(listener)), admits_(admits) {
  listener_->set_waiter(*this);
  listener_->await_readable();
}

void Door::ready(bool, bool) {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    net::Socket socket = listener_->accept();
    if (!socket) break;
    if (hub_.admit_connection()) hub_.add<Arrival>(std::move(socket), admits_);
  }
  if (!listener_->exhausted()) return listener_->await_readable();
  hub_.warn_full("no descriptor is left (raise the limit of open files, `ulimit -n` or LimitNOFILE)");
  hub_.timers().arm(*this, hub_.now() + kExhaustedPause);
}

void Door::expire(Time) { listener_->await_readable(); }

// ---- Arrival

Arrival::Arrival(Hub& hub, net::Socket socket, Hub::Admits admits)
    : Resident(hub), socket_(std::move(socket)), admits_(admits) {
  socket_.set_waiter(*this);
  socket_.await_readable();
  hub_.timers().arm(*this, hub_.now() + hub_.options().first_byte_timeout);
}

void Arrival::ready(bool, bool) {
  const auto [size, ended] = socket_.read(hub_.scratch());
  if (ended) return leave();
  if (size == 0) return socket_.await_readable();
  cancel();
  sort(hub_.scratch().first(size));
}

void Arrival::expire(Time) { leave(); }

void Arrival::leave() {
  cancel();
  if (socket_) hub_.connection_gone();
  socket_ = {};
  hub_.remove(*this);
}

void Arrival::sort(Bytes early) {
  const uint8_t first = to_u8(early[0]);
  const bool is_http = first >= 'A' && first <= 'Z';
  if (is_http && admits_.http) {
    hub_.add<HttpConnection>(std::move(socket_)).start(early);
  } else if (!is_http && first != kTlsHandshake && admits_.mqtt && !hub_.stopping()) {
    const net::Address from = socket_.peer();
    Peer peer{.address = from.text(), .kind = "tcp", .local = hub_.fence().is_local(from, nullptr)};
    hub_.add<TcpStream>(std::move(socket_), std::move(peer), early);
  } else {
    turn_away(early);
  }
  leave();
}

void Arrival::turn_away(Bytes early) {
  if (to_u8(early[0]) == kTlsHandshake || to_u8(early[0]) == kMqttConnect) return;
  Outlet outlet(std::move(socket_));
  std::string words = "This is an MQTT port.";
  if (const uint16_t port = hub_.web_port())
    words += " Web pages, WebSocket and Socket.IO are on port " + std::to_string(port) + ".";
  Buffer answer;
  http::append_response(answer, http::plain(400, words), {.keep_alive = false});
  outlet.write(answer.view());
  hub_.farewell(std::move(outlet));
}

// ---- Farewell

Farewell::Farewell(Hub& hub, Outlet outlet, std::string sid)
    : Resident(hub), outlet_(std::move(outlet)), sid_(std::move(sid)), latest_(hub.now() + kFarewellMax) {
  outlet_.socket().set_waiter(*this);
  outlet_.socket().await_readable();
  if (outlet_.empty()) outlet_.socket().shut_down_write();
  hub_.timers().arm(*this, hub_.now() + hub_.options().close_timeout);
}

void Farewell::ready(bool readable, bool writable) {
  if (writable) flush();
  if (outlet_.broken()) return leave();
  if (!readable) return;
  if (outlet_.socket().read(hub_.scratch()).ended) return leave();
  outlet_.socket().await_readable();
}

void Farewell::flush() {
  const size_t before = outlet_.pending();
  if (outlet_.flush()) {
    if (!outlet_.broken()) sid_.clear();
    outlet_.socket().shut_down_write();
  }
  if (outlet_.pending() < before)
    hub_.timers().arm(*this, std::min(latest_, hub_.now() + hub_.options().close_timeout));
}

void Farewell::expire(Time) { leave(); }

void Farewell::leave() {
  cancel();
  outlet_ = {};
  if (!sid_.empty()) hub_.engine().answer_lost(sid_);
  hub_.farewell_done();
  hub_.remove(*this);
}

}  // namespace mqttio::transport
