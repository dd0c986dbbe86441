#pragma once

#include "transport/engine_session.h"
#include "websocket/decoder.h"

namespace mqttio::transport {

/// A WebSocket that carries Engine.IO packets, or wants to.
class EngineSocket final : public Resident, private net::Waiter {
 public:
  EngineSocket(Hub& hub, Outlet outlet, uint64_t max_message, EngineSession& session);
  /// Begins with what was read behind the handshake.
  void start(Bytes early);

  bool drained() const { return outlet_.empty(); }
  void write(Bytes frames) { outlet_.write(frames); }
  /// Listens again after the session was not hungry.
  void resume();
  /// From the session's side: says so to the peer and dies.
  void close(uint16_t code);

 private:
  void ready(bool readable, bool writable) override;
  void read();
  void hear(std::span<std::byte> bytes);
  bool hear(const websocket::Event& event);
  void lost(uint16_t code);

  Outlet outlet_;
  websocket::Decoder decoder_;
  websocket::Assembler assembler_;
  EngineSession* session_;  ///< Null: closed.
  bool paused_ = false;
};

}  // namespace mqttio::transport
