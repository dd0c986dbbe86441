#include "transport/engine_session.h"

#include <boost/algorithm/string/predicate.hpp>
#include <utility>

#include "base/random.h"
#include "transport/engine_endpoint.h"
#include "transport/engine_socket.h"

namespace mqttio::transport {
namespace {

using engineio::Carrier;
using engineio::Form;
using engineio::Packet;
using engineio::PacketType;
using engineio::Revision;
using socketio::Incoming;

constexpr std::string_view kMqtt = "/mqtt";
/// Public, unlike the session id: so that it can be told.
constexpr size_t kSocketIdLength = 20;

bool wants_base64(const http::Request& request) {
  const auto b64 = request.parameter("b64");
  return b64 == "1" || b64 == "true";
}

bool is_octet_stream(const http::Request& request) {
  const std::string_view type = request.find("content-type").value_or("");
  return boost::istarts_with(type.substr(0, type.find(';')), "application/octet-stream");
}

Packet text_message(std::string_view text) { return {PacketType::message, false, as_bytes(text)}; }

/// `451-/mqtt,["message",{"_placeholder":true,"num":0}]` without the Engine.IO type.
const std::string& event_header() {
  static const std::string header = socketio::encode(
      {.type = socketio::PacketType::binary_event, .attachments = 1, .nsp = kMqtt, .json = socketio::kMessageEvent});
  return header;
}

/// The same as a WebSocket text frame.
const Buffer& event_frame() {
  static const Buffer frame = [] {
    Buffer made;
    websocket::append_frame(made, websocket::Opcode::text, as_bytes("4" + event_header()));
    return made;
  }();
  return frame;
}

/// One Engine.IO packet as a WebSocket frame.
void append_packet_frame(Buffer& out, Revision revision, bool base64, const Packet& packet) {
  Buffer payload;
  const bool binary = packet.binary && !base64;
  if (binary) {
    payload.append(engineio::binary_prefix(revision));
    payload.append(packet.data);
  } else {
    engineio::append_text(payload, revision, packet);
  }
  websocket::append_frame(out, binary ? websocket::Opcode::binary : websocket::Opcode::text, payload.view());
}

}  // namespace

// ---- SocketIoStream

std::optional<Bytes> SocketIoStream::read(std::span<std::byte>) {
  read_.release();
  read_.swap(inbox_);
  if (session_ == nullptr && read_.empty()) return std::nullopt;
  if (session_ == nullptr) hub_.mark_ready(*this);  // the end comes after the last bytes
  if (session_ != nullptr && !read_.empty()) session_->inbox_drained();
  return read_.view();
}

size_t SocketIoStream::room() const {
  if (session_ == nullptr || !session_->machine_.writable() || !session_->outgoing_.empty()) return 0;
  return session_->socket_ == nullptr || session_->socket_->drained() ? kRoom : 0;
}

void SocketIoStream::write(Buffer& out) {
  if (session_ != nullptr) session_->send_bytes(out);
}

void SocketIoStream::close(Close) {
  hub_.forget(*this);
  if (session_ != nullptr) {
    session_->stream_ = nullptr;
    session_->close();
  }
  hub_.remove(*this);
}

// ---- EngineSession: requests

EngineSession::EngineSession(Hub& hub, std::string sid, Revision revision, Carrier carrier, Peer peer)
    : Resident(hub),
      sid_(std::move(sid)),
      peer_(std::move(peer)),
      machine_(revision, carrier, hub.engine().options(), hub.now()),
      join_deadline_(revision == Revision::v4 ? hub.now() + hub.options().namespace_timeout : kNever) {}

void EngineSession::begin(HttpConnection& connection, const http::Request& request) {
  const engineio::Options& options = hub_.engine().options();
  const std::string open = to_json(engineio::Open{.sid = sid_,
                                                  .upgrades = carrier() == Carrier::polling,
                                                  .ping_interval = static_cast<uint64_t>(options.ping_interval.count()),
                                                  .ping_timeout = static_cast<uint64_t>(options.ping_timeout.count()),
                                                  .max_payload = options.max_payload.bytes});
  const Packet packet{PacketType::open, false, as_bytes(open)};
  // Revision 3 has its clients in the namespace `/` from the beginning, and they wait to be told.
  const std::string joined = socketio::encode({.type = socketio::PacketType::connect});
  base64_ = wants_base64(request);
  arm_timer();
  if (carrier() == Carrier::websocket) {
    auto upgraded = connection.upgrade(request, "");
    socket_ = &hub_.add<EngineSocket>(std::move(upgraded.outlet), options.max_payload.bytes, *this);
    Buffer frames;
    append_packet_frame(frames, machine_.revision(), base64_, packet);
    if (machine_.revision() == Revision::v3)
      append_packet_frame(frames, machine_.revision(), base64_, text_message(joined));
    socket_->write(frames.view());
    return socket_->start(upgraded.early.view());
  }
  Buffer body;
  const Form form = form_of(machine_.revision(), false);
  engineio::PayloadWriter writer(machine_.revision(), form, body);
  writer.add(packet);
  if (machine_.revision() == Revision::v3) writer.add(text_message(joined));
  headers_ = EngineEndpoint::headers_for(request, hub_.fence());
  connection.respond(response(200, std::string(content_type(form)), std::string(body.text())));
}

http::Response EngineSession::response(int status, std::string content_type, std::string body) const {
  return {.status = status, .content_type = std::move(content_type), .body = std::move(body), .headers = headers_};
}

void EngineSession::poll(HttpConnection& connection, const http::Request& request) {
  headers_ = EngineEndpoint::headers_for(request, hub_.fence());
  if (request.method == "GET") return poll_get(connection);
  if (request.method == "POST") return poll_post(connection, request);
  connection.respond(response(405, "text/plain", "GET or POST\n"));
}

void EngineSession::poll_get(HttpConnection& connection) {
  // Proxies and mobile browsers poll again before we hear that the old connection is gone.
  if (get_ != nullptr) answer_poll({PacketType::noop, false, {}});
  machine_.poll_arrived();
  get_ = &connection;
  connection.hold(*this);
  flush();
  if (ended_) return;
  if (get_ != nullptr && stream_ != nullptr) hub_.mark_ready(*stream_);
  arm_timer();
}

void EngineSession::poll_post(HttpConnection& connection, const http::Request& request) {
  const bool binary = is_octet_stream(request);
  if (post_ != nullptr || (binary && machine_.revision() == Revision::v4)) {
    connection.respond(response(400, "", ""));
    return end(PacketType::close);
  }
  machine_.heard(hub_.now());
  engineio::PayloadDecoder packets(machine_.revision(), form_of(machine_.revision(), binary), as_bytes(request.body));
  for (;;) {
    const auto packet = packets.next();
    if (!packet) {
      connection.respond(response(400, "", ""));
      return end(PacketType::close);
    }
    if (!*packet || !hear(**packet)) break;
  }
  if (ended_ || hungry()) {
    connection.respond(response(200, "text/html", "ok"));
  } else {  // held back until the inbox is read
    post_ = &connection;
    connection.hold(*this);
  }
  if (ended_) return;
  flush();
  if (!ended_) arm_timer();
}

void EngineSession::upgrade(HttpConnection& connection, const http::Request& request) {
  auto upgraded = connection.upgrade(request, "");
  auto& socket = hub_.add<EngineSocket>(std::move(upgraded.outlet), hub_.engine().options().max_payload.bytes, *this);
  if (!machine_.upgrade_opened(hub_.now())) return socket.close(websocket::close_code::policy);
  probe_ = &socket;
  probe_base64_ = wants_base64(request);
  arm_timer();
  socket.start(upgraded.early.view());
}

void EngineSession::request_lost(HttpConnection& connection) {
  if (get_ == &connection) {
    get_ = nullptr;
    machine_.poll_lost();
  }
  if (post_ == &connection) post_ = nullptr;
}

// ---- its WebSockets

bool EngineSession::frame_arrived(EngineSocket& socket, bool text, Bytes message) {
  Buffer scratch;
  const auto packet = text ? engineio::decode_text(machine_.revision(), as_text(message), scratch)
                           : engineio::decode_binary(machine_.revision(), message);
  if (&socket == probe_) {
    hear_upgrade(packet ? *packet : Packet{});
    return &socket == probe_ || &socket == socket_;
  }
  if (!packet) {
    end(PacketType::close, websocket::close_code::protocol_error);
    return false;
  }
  if (!hear(*packet)) return false;
  flush();
  if (!ended_) arm_timer();
  return !ended_;
}

void EngineSession::hear_upgrade(const Packet& packet) {
  using Step = engineio::Session::UpgradeStep;
  const Step step = machine_.hear_upgrade(packet, hub_.now());
  if (step == Step::answer_probe) {
    Buffer pong;
    append_packet_frame(pong, machine_.revision(), false, {PacketType::pong, false, as_bytes("probe")});
    probe_->write(pong.view());
  } else if (step == Step::swapped) {
    socket_ = std::exchange(probe_, nullptr);
    base64_ = probe_base64_;
    if (get_ != nullptr) answer_poll({PacketType::noop, false, {}});
    if (stream_ != nullptr) hub_.mark_ready(*stream_);
  } else {
    machine_.upgrade_lost();
    std::exchange(probe_, nullptr)->close(websocket::close_code::protocol_error);
  }
  flush();
  if (!ended_) arm_timer();
}

void EngineSession::socket_drained() {
  flush();
  if (!ended_ && stream_ != nullptr) hub_.mark_ready(*stream_);
}

void EngineSession::socket_lost(EngineSocket& socket) {
  if (&socket == probe_) {
    probe_ = nullptr;
    machine_.upgrade_lost();
    return arm_timer();
  }
  if (&socket != socket_) return;
  socket_ = nullptr;
  end(PacketType::close);
}

// ---- time

void EngineSession::arm_timer() {
  const Time next = std::min({machine_.deadline(), join_deadline_, close_deadline_});
  if (next != kNever) hub_.timers().arm(*this, next);
}

void EngineSession::expire(Time now) {
  using Expired = engineio::Session::Expired;
  const Expired expired = machine_.expire(now);
  if (expired == Expired::ping_timeout || now >= close_deadline_) return end(PacketType::close);
  if (expired == Expired::upgrade_timeout && probe_ != nullptr)
    std::exchange(probe_, nullptr)->close(websocket::close_code::policy);
  if (now >= join_deadline_) {
    join_deadline_ = kNever;
    return close();
  }
  flush();
  if (!ended_) arm_timer();
}

// ---- what came

bool EngineSession::hear(const Packet& packet) {
  switch (machine_.hear(packet, hub_.now())) {
    case engineio::Session::Heard::nothing: return true;
    case engineio::Session::Heard::message: return hear_message(packet);
    case engineio::Session::Heard::goodbye: end(PacketType::noop); return false;
    case engineio::Session::Heard::nonsense: break;
  }
  end(PacketType::close, websocket::close_code::protocol_error);
  return false;
}

bool EngineSession::hear_message(const Packet& packet) {
  const auto incoming = packet.binary ? decoder_.binary(packet.data) : decoder_.text(as_text(packet.data));
  if (incoming && !*incoming) return true;  // its attachment follows
  if (incoming && (closing_ || hear_packet(**incoming))) return true;
  end(PacketType::close, websocket::close_code::protocol_error);
  return false;
}

/// False: it must not come now.
bool EngineSession::hear_packet(const Incoming& incoming) {
  const bool to_mqtt = incoming.nsp == kMqtt;
  switch (incoming.kind) {
    case Incoming::Kind::connect: return join(incoming.nsp);
    case Incoming::Kind::disconnect:
      if (to_mqtt) leave();
      return true;
    case Incoming::Kind::ack: return true;
    case Incoming::Kind::other_event:
      acknowledge(incoming);
      return stream_ != nullptr || machine_.revision() == Revision::v3;
    case Incoming::Kind::bytes:
      if (!to_mqtt || stream_ == nullptr) return false;
      stream_->inbox_.append(incoming.bytes);
      hub_.mark_ready(*stream_);
      acknowledge(incoming);
      return true;
    case Incoming::Kind::text_argument:
    case Incoming::Kind::several_attachments:
      if (!to_mqtt || stream_ == nullptr) return false;
      // Clients stay away after a DISCONNECT, and trying again would not help this one.
      flush();
      send_text({.type = socketio::PacketType::disconnect, .nsp = kMqtt});
      detach();
      close();
      return true;
  }
  return false;
}

bool EngineSession::join(std::string_view nsp) {
  if (nsp == "/" && machine_.revision() == Revision::v3) return true;  // it is there already
  if (nsp != kMqtt) {
    return send_text(
        {.type = socketio::PacketType::connect_error, .nsp = nsp, .json = R"({"message":"Invalid namespace"})"});
  }
  if (stream_ != nullptr) return false;
  join_deadline_ = kNever;
  stream_ = &hub_.add<SocketIoStream>(*this, peer_);
  hub_.mark_ready(*stream_);
  const std::string id =
      machine_.revision() == Revision::v4 ? R"({"sid":")" + random_token(kSocketIdLength) + R"("})" : "";
  return send_text({.type = socketio::PacketType::connect, .nsp = kMqtt, .json = id});
}

void EngineSession::leave() {
  outgoing_.release();
  detach();
}

/// The stream has ended; what was written to it may still go out.
void EngineSession::detach() {
  if (stream_ == nullptr) return;
  stream_->session_ = nullptr;
  hub_.mark_ready(*stream_);
  stream_ = nullptr;
}

void EngineSession::acknowledge(const Incoming& incoming) {
  if (!incoming.ack_id) return;
  send_text({.type = socketio::PacketType::ack, .nsp = incoming.nsp, .ack_id = incoming.ack_id, .json = "[]"});
}

void EngineSession::inbox_drained() {
  if (HttpConnection* post = std::exchange(post_, nullptr)) post->respond(response(200, "text/html", "ok"));
  if (socket_ != nullptr) socket_->resume();
}

// ---- what goes

/// False: the peer does not fetch what it asks for.
bool EngineSession::send_text(const socketio::Packet& packet) {
  if (texts_.size() >= kTextsMax) return false;
  texts_.push_back(socketio::encode(packet));
  return true;
}

/// The usual case is written where it stands: the event's frame and the attachment's header go into the headroom.
void EngineSession::send_bytes(Buffer& out) {
  const bool plain = socket_ != nullptr && !base64_ && !has_something() && out.size() <= kEventMax;
  if (!plain) {
    outgoing_.append(out.view());
    return flush();
  }
  const std::string_view prefix = engineio::binary_prefix(machine_.revision());
  const size_t length = prefix.size() + out.size();
  if (!prefix.empty()) std::memcpy(out.prepend(prefix.size()), prefix.data(), prefix.size());
  websocket::write_server_header(out.prepend(websocket::server_header_size(length)), websocket::Opcode::binary, length);
  std::memcpy(out.prepend(event_frame().size()), event_frame().data(), event_frame().size());
  socket_->write(out.view());
}

void EngineSession::flush() {
  if (ended_) return;
  if (socket_ != nullptr)
    flush_socket();
  else if (get_ != nullptr)
    flush_poll();
}

void EngineSession::flush_poll() {
  const bool noop = machine_.poll_wants_noop(hub_.now());
  if (!has_something() && !noop) return;
  Buffer body;
  const Form form = form_of(machine_.revision(), !base64_ && !outgoing_.empty());
  engineio::PayloadWriter writer(machine_.revision(), form, body);
  while (const auto packet = machine_.take_control()) writer.add(*packet);
  size_t sent = 0;
  for (; sent < texts_.size() && writer.count() < engineio::kMaxPacketsSent / 2; ++sent)
    writer.add(text_message(texts_[sent]));
  texts_.erase(texts_.begin(), texts_.begin() + static_cast<ptrdiff_t>(sent));
  while (texts_.empty() && !outgoing_.empty() && writer.count() + 3 <= engineio::kMaxPacketsSent) {
    const Bytes chunk = outgoing_.view().first(std::min(outgoing_.size(), kEventMax));
    writer.add(text_message(event_header()));
    writer.add({PacketType::message, true, chunk});
    outgoing_.consume(chunk.size());
  }
  const bool last = closing_ && texts_.empty() && outgoing_.empty();
  if (last) writer.add({PacketType::close, false, {}});
  if (writer.count() == 0) writer.add({PacketType::noop, false, {}});
  if (outgoing_.empty()) outgoing_.release();
  answer_poll(form, body);
  if (last) end(PacketType::close);
}

void EngineSession::answer_poll(Form form, const Buffer& body) {
  machine_.poll_answered(hub_.now());
  std::exchange(get_, nullptr)->respond(response(200, std::string(content_type(form)), std::string(body.text())));
}

void EngineSession::answer_poll(const Packet& packet) {
  Buffer body;
  const Form form = form_of(machine_.revision(), false);
  engineio::PayloadWriter(machine_.revision(), form, body).add(packet);
  answer_poll(form, body);
}

void EngineSession::flush_socket() {
  if (!has_something()) return;
  Buffer frames;
  while (const auto packet = machine_.take_control())
    append_packet_frame(frames, machine_.revision(), base64_, *packet);
  for (const std::string& text : std::exchange(texts_, {}))
    append_packet_frame(frames, machine_.revision(), base64_, text_message(text));
  while (!outgoing_.empty()) {
    const Bytes chunk = outgoing_.view().first(std::min(outgoing_.size(), kEventMax));
    frames.append(event_frame().view());
    append_packet_frame(frames, machine_.revision(), base64_, {PacketType::message, true, chunk});
    outgoing_.consume(chunk.size());
  }
  outgoing_.release();
  socket_->write(frames.view());
  if (closing_) end(PacketType::close);
}

// ---- the end

void EngineSession::close() {
  if (ended_ || std::exchange(closing_, true)) return;
  close_deadline_ = hub_.now() + hub_.options().close_timeout;
  flush();
  if (!ended_) arm_timer();
}

void EngineSession::end(PacketType farewell, uint16_t close_code) {
  if (std::exchange(ended_, true)) return;
  cancel();
  hub_.engine().forget(sid_);
  leave();
  if (get_ != nullptr) answer_poll({farewell, false, {}});
  if (post_ != nullptr) std::exchange(post_, nullptr)->respond(response(200, "text/html", "ok"));
  if (EngineSocket* socket = std::exchange(socket_, nullptr)) socket->close(close_code);
  if (EngineSocket* probe = std::exchange(probe_, nullptr)) probe->close(close_code);
  hub_.remove(*this);
}

}  // namespace mqttio::transport
