#pragma once

#include <string>
#include <vector>

#include "engineio/payload.h"
#include "engineio/session.h"
#include "socketio/decoder.h"
#include "transport/http_connection.h"
#include "transport/hub.h"
#include "websocket/frame.h"

namespace mqttio::transport {

class EngineSocket;
class EngineSession;

/// MQTT in the `message` events of a Socket.IO namespace: one stream for each time that a client joins it.
class SocketIoStream final : public Resident, public Stream {
 public:
  SocketIoStream(Hub& hub, EngineSession& session, Peer peer)
      : Resident(hub), Stream(std::move(peer)), session_(&session) {}

  std::optional<Bytes> read(std::span<std::byte> scratch) override;
  size_t room() const override;
  void write(Buffer& out) override;
  void close(Close why) override;

 private:
  friend class EngineSession;

  EngineSession* session_;  ///< Null when it has ended or the client has left the namespace.
  Buffer inbox_;
  Buffer read_;  ///< What was handed out last.
};

/// One Engine.IO session with its Socket.IO namespaces, whatever carries it at the moment: joins the protocol machines
/// of engineio/ and socketio/ with the connections of the peer.
class EngineSession final : public Resident, private Timer, private HttpConnection::Holder {
 public:
  EngineSession(Hub& hub, std::string sid, engineio::Revision revision, engineio::Carrier carrier, Peer peer);

  const std::string& sid() const { return sid_; }
  engineio::Carrier carrier() const { return machine_.carrier(); }

  // ---- requests, each answered here or held
  /// The handshake that made this session.
  void begin(HttpConnection& connection, const http::Request& request);
  /// GET, POST or something else by polling.
  void poll(HttpConnection& connection, const http::Request& request);
  /// A WebSocket that wants to take the session over.
  void upgrade(HttpConnection& connection, const http::Request& request);

  // ---- its WebSockets
  /// A message came. False: that socket is closed, and nothing more of it may be handled.
  bool frame_arrived(EngineSocket& socket, bool text, Bytes message);
  /// It has taken everything.
  void socket_drained();
  void socket_lost(EngineSocket& socket);
  /// More may be read from it.
  bool hungry() const { return stream_ == nullptr || stream_->inbox_.size() < kInboxMax; }

 private:
  friend class SocketIoStream;

  /// Bytes that the stream's reader has not taken: beyond it the peer is held back. Protects memory; a POST or a
  /// message is taken whole, so it may grow by one of those.
  static constexpr size_t kInboxMax = 256 * 1024;
  /// Bytes of one event of ours.
  static constexpr size_t kEventMax = 512 * 1024;
  /// Answers to namespace packets that the peer does not fetch. Protects memory.
  static constexpr size_t kTextsMax = 64;

  void request_lost(HttpConnection& connection) override;
  void expire(Time now) override;
  void arm_timer();

  void poll_get(HttpConnection& connection);
  void poll_post(HttpConnection& connection, const http::Request& request);
  http::Response response(int status, std::string content_type, std::string body) const;
  void answer_poll(engineio::Form form, const Buffer& body);
  void answer_poll(const engineio::Packet& packet);

  // ---- what came. False: the session has ended.
  bool hear(const engineio::Packet& packet);
  bool hear_message(const engineio::Packet& packet);
  bool hear_packet(const socketio::Incoming& incoming);
  void hear_upgrade(const engineio::Packet& packet);
  bool join(std::string_view nsp);
  void leave();
  void detach();
  void acknowledge(const socketio::Incoming& incoming);
  void inbox_drained();

  // ---- what goes
  bool send_text(const socketio::Packet& packet);
  void send_bytes(Buffer& out);
  void flush();
  void flush_poll();
  void flush_socket();
  bool has_something() const { return machine_.has_control() || !texts_.empty() || !outgoing_.empty() || closing_; }

  // ---- the end
  /// Ours: what is queued is delivered first.
  void close();
  /// At once. `farewell`: what a held poll is answered with; `close_code`: what a WebSocket is closed with.
  void end(engineio::PacketType farewell, uint16_t close_code = websocket::close_code::normal);

  std::string sid_;
  Peer peer_;
  engineio::Session machine_;
  socketio::Decoder decoder_;
  SocketIoStream* stream_ = nullptr;
  HttpConnection* get_ = nullptr;      ///< The held poll.
  HttpConnection* post_ = nullptr;     ///< A body that was taken and is answered when the inbox is read.
  std::vector<http::Header> headers_;  ///< Of every polling answer.
  EngineSocket* socket_ = nullptr;     ///< Carries the session.
  EngineSocket* probe_ = nullptr;      ///< Wants to.
  std::vector<std::string> texts_;     ///< Socket.IO packets without attachments, to be sent before bytes.
  Buffer outgoing_;                    ///< Bytes for events.
  Time join_deadline_;                 ///< For a namespace to be joined.
  Time close_deadline_ = kNever;
  bool base64_ = false;        ///< The peer takes no binary by what carries the session.
  bool probe_base64_ = false;  ///< The same of the WebSocket that wants to.
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace mqttio::transport
