#include "server/shard.h"

#include <utility>

namespace mqttio::server {
namespace {

/// What one read takes from one peer in one turn: enough to be worth the system call, little enough to be fair.
constexpr size_t kScratch = 64 * 1024;

broker::Peer to_broker(const transport::Peer& peer) {
  return {.address = peer.address,
          .transport = peer.kind,
          .local = peer.local,
          .group_send = peer.kind == std::string_view("socketio")};  // decisions: on there, off elsewhere
}

transport::Close to_transport(mqtt::Reason reason) {
  switch (reason) {
    case mqtt::Reason::packet_too_large: return transport::Close::too_large;
    case mqtt::Reason::malformed_packet:
    case mqtt::Reason::protocol_error: return transport::Close::protocol_error;
    default: return transport::Close::policy;
  }
}

}  // namespace

Shard::Shard(transport::Source& source, broker::Broker& broker) : source_(source), broker_(broker), scratch_(kScratch) {
  const broker::Options& options = broker.options();
  decoder_options_.max_packet_size = static_cast<uint32_t>(options.max_packet_size.bytes);
  decoder_options_.strict_utf8 = options.strict_utf8;
}

Shard::~Shard() = default;

void Shard::tick() {
  const std::span<transport::Stream* const> streams = source_.wait(broker_.next_deadline());
  const Time now = source_.now();
  broker_.begin_turn();

  for (transport::Stream* stream : streams) ready_.push_back(&connection_of(*stream, now));
  for (Connection* connection : ready_) receive(*connection, now);
  broker_.expire(now);

  // No client hears of a decision before it is committed.
  broker_.commit();

  for (Connection* connection : ready_) send(*connection, now);
  send_dirty(now);
  ready_.clear();
  dropped_.clear();
}

Connection& Shard::connection_of(transport::Stream& stream, Time now) {
  if (stream.owner != nullptr) return *static_cast<Connection*>(stream.owner);
  auto made = std::make_unique<Connection>(stream, decoder_options_, broker_, to_broker(stream.peer()), now);
  made->place = connections_.size();
  stream.owner = made.get();
  connections_.push_back(std::move(made));
  return *connections_.back();
}

// ---- read and decide

void Shard::receive(Connection& connection, Time now) {
  if (connection.dropped) return;
  if (!connection.channel.hears()) {  // `send` asks again when it does
    connection.backlog = true;
    return;
  }
  if (broker_.turn_is_full()) return source_.again(connection.stream);

  Bytes bytes;
  if (!connection.backlog) {
    const auto read = connection.stream.read(scratch_);
    if (!read) {
      connection.channel.lost("the connection was closed", now);
      Buffer nothing;
      return drop(connection, nothing);
    }
    bytes = *read;
  }
  const bool kept = !connection.input.empty();
  if (kept) {
    connection.input.append(bytes);
    bytes = connection.input.view();
  }
  if (const auto heard = hear(connection, bytes, now); !heard) return refuse(connection, heard.error(), now);

  if (kept)
    connection.input.consume(connection.input.size() - bytes.size());
  else
    connection.input.append(bytes);
  if (connection.input.empty()) connection.input.release();
}

/// Takes whole packets off the front of `bytes` while the channel hears and the turn has room.
mqtt::Result<void> Shard::hear(Connection& connection, Bytes& bytes, Time now) {
  const bool had_backlog = std::exchange(connection.backlog, false);
  while (!bytes.empty()) {
    if (!connection.channel.hears() || broker_.turn_is_full()) {
      connection.backlog = !connection.channel.ended();
      break;
    }
    const auto packet = connection.decoder.next(bytes);
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) break;
    if (auto handled = connection.channel.handle(**packet, now); !handled) return handled;
  }
  if (connection.channel.hears() && (connection.backlog || had_backlog)) source_.again(connection.stream);
  return {};
}

void Shard::refuse(Connection& connection, const mqtt::Error& error, Time now) {
  connection.why = to_transport(error.reason);
  connection.input.release();
  connection.channel.assume_version(connection.decoder.version());
  connection.channel.refuse(error, now);
}

// ---- write

void Shard::send(Connection& connection, Time now) {
  if (connection.dropped) return;
  transport::Stream& stream = connection.stream;
  broker::Channel& channel = connection.channel;
  const size_t room = channel.ended() ? transport::Stream::kRoom : stream.room();

  out_.clear_with_headroom(transport::Stream::kHeadroom);
  bool more = true;
  while (more && out_.size() < room) more = channel.next_outbound(out_, now);
  if (channel.ended()) return drop(connection, out_);
  if (!out_.empty()) stream.write(out_);
  if (more && stream.room() > 0) source_.again(stream);
  if (connection.backlog && channel.hears()) source_.again(stream);
}

void Shard::send_dirty(Time now) {
  for (broker::Channel* channel : broker_.take_dirty()) send(*static_cast<Connection*>(channel->owner()), now);
}

void Shard::drop(Connection& connection, Buffer& last) {
  connection.dropped = true;
  connection.stream.owner = nullptr;
  connection.stream.close(connection.why, last);
  connections_.back()->place = connection.place;
  std::swap(connections_[connection.place], connections_.back());
  dropped_.push_back(std::move(connections_.back()));
  connections_.pop_back();
}

void Shard::shut_down() {
  const Time now = source_.now();
  // The wills of those who are about to lose their connection, as long as there is somebody to hear them.
  broker_.shut_down(now);
  broker_.commit();
  send_dirty(now);

  for (const auto& connection : connections_) {
    connection->why = transport::Close::going_away;
    connection->channel.refuse({mqtt::Reason::server_shutting_down, "the server is shutting down"}, now);
  }
  broker_.commit();
  send_dirty(now);
  dropped_.clear();
}

}  // namespace mqttio::server
