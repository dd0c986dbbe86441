#include "transport/engine_socket.h"

#include <utility>

#include "transport/websocket_stream.h"

namespace mqttio::transport {

using websocket::Event;

EngineSocket::EngineSocket(Hub& hub, Outlet outlet, uint64_t max_message, EngineSession& session)
    : Resident(hub), outlet_(std::move(outlet)), assembler_(max_message), session_(&session) {
  outlet_.socket().set_waiter(*this);
}

void EngineSocket::start(Bytes early) {
  Buffer copy;  // frames are unmasked in place
  copy.append(early);
  hear({copy.data(), copy.size()});
  if (session_ != nullptr) outlet_.socket().await_readable();
}

void EngineSocket::resume() {
  if (!std::exchange(paused_, false)) return;
  outlet_.socket().await_readable();
}

void EngineSocket::ready(bool readable, bool writable) {
  if (session_ == nullptr) return;
  if (writable && outlet_.flush() && !outlet_.broken()) session_->socket_drained();
  if (session_ != nullptr && (readable || outlet_.broken())) read();
}

void EngineSocket::read() {
  do {
    const auto [size, ended] = outlet_.socket().read(hub_.scratch());
    if (ended || (size == 0 && outlet_.broken())) return lost(websocket::close_code::normal);
    session_->heard();
    hear(hub_.scratch().first(size));
    if (session_ == nullptr) return;
  } while (outlet_.broken());  // it takes nothing any more, but what it said before still counts
  paused_ = !session_->hungry();  // the session resumes it
  if (!paused_) outlet_.socket().await_readable();
}

void EngineSocket::hear(std::span<std::byte> bytes) {
  for (;;) {
    const auto event = decoder_.next(bytes);
    if (!event) return lost(event.error().close_code);
    if (!*event || !hear(**event)) return;
  }
}

/// False: this socket is closed.
bool EngineSocket::hear(const Event& event) {
  if (event.kind == Event::Kind::pong) return true;
  if (event.kind == Event::Kind::close) {
    const auto code = websocket::parse_close(event.payload);
    lost(code ? websocket::close_code::normal : code.error().close_code);
    return false;
  }
  if (event.kind == Event::Kind::ping) {
    if (answer_ping(outlet_, event.payload)) return true;
    return lost(websocket::close_code::policy), false;
  }
  const auto message = assembler_.add(event);
  if (!message) return lost(message.error().close_code), false;
  if (!*message) return true;
  if (!session_->frame_arrived(*this, (*message)->text, (*message)->bytes)) return false;
  assembler_.release_delivered();
  return true;
}

void EngineSocket::lost(uint16_t code) {
  EngineSession* session = session_;
  close(code);
  if (session != nullptr) session->socket_lost(*this);
}

void EngineSocket::close(uint16_t code) {
  if (std::exchange(session_, nullptr) == nullptr) return;
  Buffer frame;
  websocket::append_close(frame, code, "");
  outlet_.write(frame.view());
  hub_.farewell(std::move(outlet_));
  hub_.remove(*this);
}

}  // namespace mqttio::transport
