#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engineio/payload.h"
#include "engineio/session.h"
#include "socketio/decoder.h"
#include "transport/http_connection.h"
#include "transport/hub.h"
#include "transport/socketio_stream.h"
#include "websocket/frame.h"

namespace mqttio::transport {

class EngineSocket;

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
  /// Something of a body or a frame has come: the peer lives, although what it says may take long.
  void heard() { machine_.heard(hub_.now()); }
  /// The peer has not taken all of the last poll's answer: its next poll gets it again.
  void answer_lost();

  /// Ends the session when everything that is queued was delivered, or the peer had its time. `code`: what a WebSocket
  /// is closed with.
  void close(uint16_t code);

  // ---- its WebSockets
  /// A message came. False: that socket is closed, and nothing more of it may be handled.
  bool frame_arrived(EngineSocket& socket, bool text, Bytes message);
  /// It has taken everything.
  void socket_drained();
  void socket_lost(EngineSocket& socket);
  /// More may be read from it.
  bool hungry() const { return stream_ == nullptr || stream_->unread() < kInboxMax; }

  // ---- its stream
  bool takes_bytes() const;
  /// `out` as `Stream::write` takes it.
  void send_bytes(Buffer& out);
  /// It will neither be read nor written any more.
  void stream_closed(Close why, Buffer& last);
  /// The session was not hungry, and is again.
  void inbox_drained();

 private:
  /// Bytes that the stream's reader has not taken: beyond it the peer is held back. Protects memory; a POST or a
  /// message is taken whole, so it may grow by one of those.
  static constexpr size_t kInboxMax = 256 * 1024;
  /// Beyond this the peer only talks and never listens, and the session ends. Protects memory.
  static constexpr size_t kInboxLimit = 16 * 1024 * 1024;
  /// How long a POST may be held back; proxies give up later.
  static constexpr Duration kPostHeldMax = std::chrono::seconds(10);
  /// Bytes of one event of ours: as base64, two of them are less than what clients take at once.
  static constexpr size_t kEventMax = 256 * 1024;
  /// A polling body ends with the event that reaches this size, so that nobody waits long for one answer.
  static constexpr size_t kBodyEnough = 256 * 1024;
  /// Bytes of answers to namespace packets and acknowledgements that the peer does not fetch. Protects memory.
  static constexpr size_t kTextsMax = 64 * 1024;

  void request_lost(HttpConnection& connection) override;
  void expire(Time now) override;
  void arm_timer();

  /// What the last poll got, until the next one shows that it arrived.
  struct Answer {
    std::string t;
    std::string_view content_type;
    std::string body;
    bool lost = false;
  };

  void poll_get(HttpConnection& connection, std::string t);
  void poll_post(HttpConnection& connection, const http::Request& request);
  void release_post();
  void answer_poll(engineio::Form form, const Buffer& body);
  void answer_poll(const engineio::Packet& packet);

  // ---- what came. False: the session has ended.
  bool hear(const engineio::Packet& packet);
  bool hear_message(const engineio::Packet& packet);
  bool hear_packet(const socketio::Incoming& incoming);
  bool hear_bytes(const socketio::Incoming& incoming);
  bool turn_away();
  void hear_upgrade(const engineio::Packet& packet);
  bool join(std::string_view nsp);
  void leave();
  void detach();
  bool acknowledge(const socketio::Incoming& incoming);

  // ---- what goes
  bool send_text(const socketio::Packet& packet);
  void flush();
  void flush_poll();
  void flush_socket();
  void take_texts(engineio::PayloadWriter& writer);
  void take_events(engineio::PayloadWriter& writer, const Buffer& body);
  bool has_messages() const { return !texts_.empty() || !outgoing_.empty(); }
  bool has_something() const { return machine_.has_control() || has_messages() || closing_; }

  // ---- the end
  /// At once. `farewell`: what a held poll is answered with; `close_code`: what a WebSocket is closed with.
  void end(engineio::PacketType farewell, uint16_t close_code = websocket::close_code::normal);

  std::string sid_;
  Peer peer_;
  engineio::Session machine_;
  socketio::Decoder decoder_;
  SocketIoStream* stream_ = nullptr;
  HttpConnection* get_ = nullptr;   ///< The held poll.
  HttpConnection* post_ = nullptr;  ///< A body that was taken and is answered when the inbox is read.
  std::string get_t_;               ///< Of the held poll; see `unique_t`.
  std::string post_t_;              ///< Of the last POST that was heard.
  std::unique_ptr<Answer> answer_;  ///< Null: there is none, or it has arrived.
  EngineSocket* socket_ = nullptr;  ///< Carries the session.
  EngineSocket* probe_ = nullptr;   ///< Wants to.
  std::vector<std::string> texts_;  ///< Socket.IO packets without attachments.
  size_t texts_size_ = 0;           ///< Bytes of all of them.
  Buffer outgoing_;                 ///< Bytes for events.
  Time join_deadline_;              ///< For a namespace to be joined.
  Time post_deadline_ = kNever;     ///< For the held POST to be answered.
  Time close_deadline_ = kNever;
  bool base64_ = false;        ///< The peer takes no binary by what carries the session.
  bool probe_base64_ = false;  ///< The same of the WebSocket that wants to.
  uint16_t close_code_ = websocket::close_code::normal;
  bool texts_last_ = false;  ///< A DISCONNECT is among them: it must not overtake bytes, as other texts may.
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace mqttio::transport
