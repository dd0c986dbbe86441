#include "transport/engine_session.h"

#include <boost/algorithm/string/predicate.hpp>
#include <utility>

#include "base/random.h"
#include "transport/engine_endpoint.h"
#include "transport/engine_socket.h"
#include "transport/websocket_stream.h"

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
/// Clients write some ten letters.
constexpr size_t kMaxT = 64;

bool wants_base64(const http::Request& request) {
  const auto b64 = request.parameter("b64");
  return b64 == "1" || b64 == "true";
}

/// The cache buster, if no other request of its session has the same: clients that write letters into it see to that,
/// those that write the time may not. Browsers and proxies repeat a request whose connection broke, and then it tells.
std::string unique_t(const http::Request& request) {
  std::string t = request.parameter("t").value_or("");
  const bool has_letter =
      std::ranges::any_of(t, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
  return has_letter && t.size() <= kMaxT ? t : "";
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

http::Response response(const HttpConnection& connection, int status, std::string_view content_type,
                        std::string_view body) {
  return {.status = status,
          .content_type = std::string(content_type),
          .body = std::string(body),
          .headers = EngineEndpoint::headers_for(connection)};
}

/// To a poll of a session that ended in this moment.
void refuse_dead(HttpConnection& connection) {
  constexpr auto kUnknown = engineio::Refusal::session_id_unknown;
  connection.respond(response(connection, 400, "application/json", to_json(kUnknown)));
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

// ---- requests

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
  connection.respond(response(connection, 200, content_type(form), body.text()));
}

void EngineSession::poll(HttpConnection& connection, const http::Request& request) {
  if (request.method == "GET") return poll_get(connection, unique_t(request));
  if (request.method == "POST") return poll_post(connection, request);
  connection.respond(response(connection, 405, "text/plain", "GET or POST\n"));
}

void EngineSession::poll_get(HttpConnection& connection, std::string t) {
  // Proxies and mobile browsers poll again before we hear that the old connection is gone.
  if (get_ != nullptr) answer_poll({PacketType::noop, false, {}});
  if (ended_) return refuse_dead(connection);
  get_t_ = std::move(t);
  if (answer_ != nullptr && (answer_->lost || (!get_t_.empty() && answer_->t == get_t_))) {
    answer_->lost = false;
    answer_->t = get_t_;
    return connection.respond(response(connection, 200, answer_->content_type, answer_->body), sid_);
  }
  answer_ = nullptr;
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
    connection.respond(response(connection, 400, "", ""));
    return end(PacketType::close);
  }
  heard();
  std::string t = unique_t(request);
  if (!t.empty() && t == post_t_) return connection.respond(response(connection, 200, "text/html", "ok"));
  post_t_ = std::move(t);
  engineio::PayloadDecoder packets(machine_.revision(), form_of(machine_.revision(), binary), as_bytes(request.body));
  for (;;) {
    const auto packet = packets.next();
    if (!packet) {
      connection.respond(response(connection, 400, "", ""));
      return end(PacketType::close);
    }
    if (!*packet || !hear(**packet)) break;
  }
  if (ended_ || hungry()) {
    connection.respond(response(connection, 200, "text/html", "ok"));
  } else {  // held back until the inbox is read
    post_ = &connection;
    post_deadline_ = hub_.now() + kPostHeldMax;
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
  if (post_ != &connection) return;
  post_ = nullptr;
  post_deadline_ = kNever;
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
    answer_ = nullptr;
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
  const Time next = std::min({machine_.deadline(), join_deadline_, post_deadline_, close_deadline_});
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
    return close(websocket::close_code::policy);
  }
  if (now >= post_deadline_) release_post();
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
  if (incoming.kind == Incoming::Kind::connect) return join(incoming.nsp);
  if (incoming.nsp == "/" && machine_.revision() == Revision::v3)  // where they are from the start, and nobody listens
    return incoming.kind == Incoming::Kind::disconnect || acknowledge(incoming);
  if (incoming.nsp != kMqtt || stream_ == nullptr) return incoming.kind == Incoming::Kind::disconnect;
  switch (incoming.kind) {
    case Incoming::Kind::connect:
    case Incoming::Kind::ack: return true;
    case Incoming::Kind::disconnect: leave(); return true;
    case Incoming::Kind::other_event: return acknowledge(incoming);
    case Incoming::Kind::bytes: return hear_bytes(incoming);
    case Incoming::Kind::text_argument:
    case Incoming::Kind::several_attachments: return turn_away();
  }
  return false;
}

bool EngineSession::hear_bytes(const Incoming& incoming) {
  if (stream_->unread() + incoming.bytes.size() > kInboxLimit) return false;
  stream_->receive(incoming.bytes);
  return acknowledge(incoming);
}

/// Clients stay away after a DISCONNECT, and trying again would not help this one.
bool EngineSession::turn_away() {
  detach();
  texts_last_ = true;
  send_text({.type = socketio::PacketType::disconnect, .nsp = kMqtt});
  close(websocket::close_code::unsupported);
  return true;
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
  if (SocketIoStream* stream = std::exchange(stream_, nullptr)) stream->detach();
}

/// False: too many wait for the peer to fetch them.
bool EngineSession::acknowledge(const Incoming& incoming) {
  if (!incoming.ack_id) return true;
  return send_text({.type = socketio::PacketType::ack, .nsp = incoming.nsp, .ack_id = incoming.ack_id, .json = "[]"});
}

void EngineSession::inbox_drained() {
  release_post();
  if (socket_ != nullptr) socket_->resume();
  if (probe_ != nullptr) probe_->resume();
}

void EngineSession::release_post() {
  post_deadline_ = kNever;
  HttpConnection* post = std::exchange(post_, nullptr);
  if (post != nullptr) post->respond(response(*post, 200, "text/html", "ok"));
}

// ---- what goes

bool EngineSession::takes_bytes() const {
  return machine_.writable() && outgoing_.empty() && (socket_ == nullptr || socket_->drained());
}

/// False: the peer does not fetch what it asks for.
bool EngineSession::send_text(const socketio::Packet& packet) {
  texts_.push_back(socketio::encode(packet));
  texts_size_ += texts_.back().size();
  return texts_size_ <= kTextsMax;
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
  if (!has_something() && !machine_.poll_wants_noop(hub_.now())) return;
  Buffer body;
  const Form form = form_of(machine_.revision(), !base64_ && !outgoing_.empty());
  engineio::PayloadWriter writer(machine_.revision(), form, body);
  while (const auto packet = machine_.take_control()) writer.add(*packet);
  if (!texts_last_) take_texts(writer);
  if (texts_last_ || texts_.empty()) take_events(writer, body);
  if (texts_last_ && outgoing_.empty()) take_texts(writer);
  const bool last = closing_ && !has_messages();
  if (last) writer.add({PacketType::close, false, {}});
  if (writer.count() == 0) writer.add({PacketType::noop, false, {}});
  answer_poll(form, body);
  if (last) end(PacketType::close);
}

/// Leaves room for the packet that may end the session.
void EngineSession::take_texts(engineio::PayloadWriter& writer) {
  size_t taken = 0;
  for (; taken < texts_.size() && writer.count() + 1 < engineio::kMaxPacketsSent; ++taken) {
    texts_size_ -= texts_[taken].size();
    writer.add(text_message(texts_[taken]));
  }
  texts_.erase(texts_.begin(), texts_.begin() + static_cast<ptrdiff_t>(taken));
}

void EngineSession::take_events(engineio::PayloadWriter& writer, const Buffer& body) {
  while (!outgoing_.empty() && body.size() < kBodyEnough && writer.count() + 3 <= engineio::kMaxPacketsSent) {
    const Bytes chunk = outgoing_.view().first(std::min(outgoing_.size(), kEventMax));
    writer.add(text_message(event_header()));
    writer.add({PacketType::message, true, chunk});
    outgoing_.consume(chunk.size());
  }
  if (outgoing_.empty()) outgoing_.release();
}

void EngineSession::answer_poll(Form form, const Buffer& body) {
  machine_.poll_answered(hub_.now());
  answer_ = std::make_unique<Answer>(std::move(get_t_), content_type(form), std::string(body.text()));
  HttpConnection& get = *std::exchange(get_, nullptr);
  get.respond(response(get, 200, answer_->content_type, answer_->body), sid_);
}

void EngineSession::answer_lost() {
  if (answer_ == nullptr) return end(PacketType::close);  // it went on without: its stream has a hole
  answer_->lost = true;
}

void EngineSession::answer_poll(const Packet& packet) {
  Buffer body;
  const Form form = form_of(machine_.revision(), false);
  engineio::PayloadWriter(machine_.revision(), form, body).add(packet);
  answer_poll(form, body);
}

void EngineSession::flush_socket() {
  if (!has_something() || !socket_->drained()) return;
  Buffer frames;
  const auto add = [&](const Packet& packet) { append_packet_frame(frames, machine_.revision(), base64_, packet); };
  while (const auto packet = machine_.take_control()) add(*packet);
  const std::vector<std::string> texts = std::exchange(texts_, {});
  texts_size_ = 0;
  if (!texts_last_) std::ranges::for_each(texts, add, text_message);
  while (!outgoing_.empty()) {
    const Bytes chunk = outgoing_.view().first(std::min(outgoing_.size(), kEventMax));
    frames.append(event_frame().view());
    add({PacketType::message, true, chunk});
    outgoing_.consume(chunk.size());
  }
  outgoing_.release();
  if (texts_last_) std::ranges::for_each(texts, add, text_message);
  socket_->write(frames.view());
  if (closing_) end(PacketType::close, close_code_);
}

// ---- the end

void EngineSession::stream_closed(Close why, Buffer& last) {
  outgoing_.append(last.view());
  stream_ = nullptr;
  close(to_close_code(why));
}

void EngineSession::close(uint16_t code) {
  if (ended_ || std::exchange(closing_, true)) return;
  close_code_ = code;
  close_deadline_ = hub_.now() + hub_.options().close_timeout;
  flush();
  // A stopping server waits for polls that fetch something, not for those that would only hear of the end.
  if (hub_.stopping() && !has_messages()) return end(PacketType::close, code);
  if (!ended_) arm_timer();
}

void EngineSession::end(PacketType farewell, uint16_t close_code) {
  if (std::exchange(ended_, true)) return;
  cancel();
  hub_.engine().forget(sid_);
  leave();
  if (get_ != nullptr) answer_poll({farewell, false, {}});
  release_post();
  if (EngineSocket* socket = std::exchange(socket_, nullptr)) socket->close(close_code);
  if (EngineSocket* probe = std::exchange(probe_, nullptr)) probe->close(close_code);
  hub_.remove(*this);
}

}  // namespace mqttio::transport
