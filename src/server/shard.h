#pragma once

#include <memory>
#include <vector>

#include "broker/broker.h"
#include "mqtt/decoder.h"
#include "transport/stream.h"

namespace mqttio::server {

/// A Stream, a Decoder and a Channel: one client's connection.
struct Connection {
  Connection(transport::Stream& the_stream, const mqtt::Decoder::Options& options, broker::Broker& broker,
             broker::Peer peer, Time now)
      : stream(the_stream), decoder(options), channel(broker, std::move(peer), this, now) {}

  transport::Stream& stream;
  mqtt::Decoder decoder;
  broker::Channel channel;
  Buffer input;          ///< A packet that is not all here yet, or packets that wait for their turn.
  size_t place = 0;      ///< In the shard's list.
  bool backlog = false;  ///< Whole packets wait in `input`: they come before anything that is read.
  bool dropped = false;  ///< The stream is closed and no longer ours.
  transport::Close why = transport::Close::normal;
};

/// One thread's broker with everything that belongs to it. A shard shares nothing.
class Shard {
 public:
  /// Both outlive the shard.
  Shard(transport::Source& source, broker::Broker& broker);
  ~Shard();

  /// One turn of the wheel: read, decide, commit, write. In that order, always.
  void tick();

  /// Ends every conversation; what is said with it goes out with this call, as far as the peers take it.
  void shut_down();

  size_t connection_count() const { return connections_.size(); }

 private:
  Connection& connection_of(transport::Stream& stream, Time now);
  void receive(Connection& connection, Time now);
  mqtt::Result<void> hear(Connection& connection, Bytes& bytes, Time now);
  void refuse(Connection& connection, const mqtt::Error& error, Time now);
  void send(Connection& connection, Time now);
  void send_dirty(Time now);
  /// `last`: what is still to be said.
  void drop(Connection& connection, Buffer& last);

  transport::Source& source_;
  broker::Broker& broker_;
  mqtt::Decoder::Options decoder_options_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> ready_;                    ///< Of this turn.
  std::vector<std::unique_ptr<Connection>> dropped_;  ///< They go at the end of the turn.
  std::vector<std::byte> scratch_;                    ///< What was read last.
  Buffer out_;                                        ///< What is written next.
};

}  // namespace mqttio::server
