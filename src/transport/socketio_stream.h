#pragma once

#include "transport/hub.h"

namespace mqttio::transport {

class EngineSession;

/// MQTT in the `message` events of a Socket.IO namespace: one stream for each time that a client joins it.
class SocketIoStream final : public Resident, public Stream {
 public:
  SocketIoStream(Hub& hub, EngineSession& session, Peer peer)
      : Resident(hub), Stream(std::move(peer)), session_(&session) {}

  std::optional<Bytes> read(std::span<std::byte> scratch) override;
  size_t room() const override;
  void write(Buffer& out) override;
  void close(Close why, Buffer& last) override;

  // ---- for the session
  /// Bytes that the stream's reader has not taken.
  size_t unread() const { return inbox_.size(); }
  /// An event came.
  void receive(Bytes bytes);
  /// The session has ended, or the client has left the namespace.
  void detach();

 private:
  EngineSession* session_;  ///< Null: detached.
  Buffer inbox_;
};

}  // namespace mqttio::transport
