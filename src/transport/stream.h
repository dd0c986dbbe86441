#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/buffer.h"
#include "base/time.h"

namespace mqttio::transport {

/// The peer of a stream, and what the listener and the transport found out about it.
struct Peer {
  std::string address;    ///< "127.0.0.1:50312"
  std::string_view kind;  ///< "tcp", "websocket", "socketio": a literal.
  bool local = false;     ///< Beyond doubt a program on this machine (see `fence.h`).
};

/// Why a stream is closed from our side; each transport has its own words for it.
enum class Close : uint8_t { normal, protocol_error, too_large, policy, going_away };

/// Bytes to and from one peer, over whatever. It knows nothing of what they mean. Made by the Hub, which owns it; the
/// one who reads it says by `close` that it will not touch it again.
class Stream {
 public:
  explicit Stream(Peer peer) : peer_(std::move(peer)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  const Peer& peer() const { return peer_; }

  /// What has arrived, possibly nothing; in `scratch` or in the stream's own memory, valid until the next call on any
  /// stream. nullopt: it has ended, and everything that came before was read. Until it is read, the peer is not
  /// listened to for more than a bounded amount: that is how a reader holds it back.
  virtual std::optional<Bytes> read(std::span<std::byte> scratch) = 0;

  /// How many bytes it wants now: 0 while earlier ones wait for the peer. The last packet may go over it.
  virtual size_t room() const = 0;

  /// Sends all of `out`, which has `kHeadroom` bytes of headroom, and keeps what the peer is slow to take. `out` is
  /// used up.
  virtual void write(Buffer& out) = 0;

  /// Sends `last` (perhaps nothing) as `write` does, whatever the room, and ends the stream when everything that was
  /// written has been delivered, or the peer had its time. `why` is for it.
  virtual void close(Close why, Buffer& last) = 0;

  /// Whoever reads the stream, for finding its way back; the stream never looks at it.
  void* owner = nullptr;

  /// The largest frame and event headers of any transport.
  static constexpr size_t kHeadroom = 80;
  /// What is taken at once from the layer above: enough to fill a socket's buffer, little enough to be fair.
  static constexpr size_t kRoom = 64 * 1024;

 protected:
  ~Stream() = default;

 private:
  friend class Hub;
  Peer peer_;
  bool listed_ = false;  ///< The Hub's note: it is among the ready.
};

/// Where a shard gets its streams from: the Hub over real sockets, or a simulated network.
class Source {
 public:
  virtual ~Source() = default;
  /// Waits until a stream has something to read, or room again, or has ended, or `until` has come. New streams are
  /// those without an owner. Streams that were closed are never named again.
  virtual std::span<Stream* const> wait(Time until) = 0;
  /// The clock, asked once a turn.
  virtual Time now() = 0;
  /// Names the stream again in the next turn, which does not wait: something is left to do for it.
  virtual void again(Stream& stream) = 0;
};

}  // namespace mqttio::transport
