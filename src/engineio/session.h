#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "engineio/options.h"
#include "engineio/packet.h"

namespace mqttio::engineio {

/// What carries a session at the moment.
enum class Carrier : uint8_t { polling, websocket };

/// One Engine.IO session: which transport carries it, the upgrade, heartbeats, the end. It sees no HTTP, no socket and
/// no message: it is told what the peer did, and says what must be sent and when to ask again. The rules are those of
/// revision 3 and 4; where networks need more patience than the reference server has, the comment says so.
class Session {
 public:
  Session(Revision revision, Carrier carrier, const Options& options, Time now);

  Revision revision() const { return revision_; }
  Carrier carrier() const { return carrier_; }

  // ---- polling
  /// A poll came, and is to be answered when there is something to say. One that is held already must be answered
  /// first: its peer has given it up.
  void poll_arrived() { poll_held_ = true; }
  bool poll_held() const { return poll_held_; }
  /// The held poll got an answer.
  void poll_answered(Time now);
  /// Its connection closed first. Nothing was written, so nothing is lost; the peer may poll again until the ping's
  /// deadline.
  void poll_lost() { poll_held_ = false; }
  /// The held poll is to be answered even if there is nothing to say: with a noop, for an upgrade waits for it.
  bool poll_wants_noop(Time now) const { return poll_held_ && upgrade_ == Upgrade::probed && now >= next_noop_; }

  // ---- packets that came over the carrier
  enum class Heard : uint8_t {
    nothing,   ///< It was for this machine alone.
    message,   ///< For the layer above.
    goodbye,   ///< The peer closed the session.
    nonsense,  ///< It must not come now: the session ends.
  };
  Heard hear(const Packet& packet, Time now);
  /// Any sign of life: bytes of a body that is still arriving.
  void heard(Time now) { last_heard_ = now; }

  // ---- upgrade
  /// A WebSocket came for this session. False: it cannot be upgraded (again); close that WebSocket.
  bool upgrade_opened(Time now);
  enum class UpgradeStep : uint8_t {
    answer_probe,  ///< Send `3probe` there.
    swapped,       ///< It carries the session from now on. A held poll is answered with a noop.
    refused,       ///< Close that WebSocket; polling goes on.
  };
  UpgradeStep hear_upgrade(const Packet& packet, Time now);
  /// That WebSocket closed, or was closed, before it carried the session.
  void upgrade_lost() { upgrade_ = Upgrade::none; }
  bool upgrading() const { return upgrade_ == Upgrade::opened || upgrade_ == Upgrade::probed; }

  // ---- what to send
  bool writable() const { return carrier_ == Carrier::websocket || poll_held_; }
  /// Whether `take_control` has something; it may jump the queue between messages, never between an event's header and
  /// its attachment.
  bool has_control() const { return pong_.has_value() || ping_due_; }
  /// The next ping or pong. Its data lives until the next call.
  std::optional<Packet> take_control();

  // ---- time
  /// When to call `expire` next.
  Time deadline() const;
  enum class Expired : uint8_t { nothing, ping_timeout, upgrade_timeout };
  /// What has run out. `ping_timeout`: the peer is gone. `upgrade_timeout`: close the upgrade's WebSocket.
  Expired expire(Time now);

 private:
  enum class Upgrade : uint8_t { none, opened, probed, done };

  /// A client may answer each noop with another poll until it has seen `3probe`; this spaces them out.
  static constexpr Duration kNoopSpacing = std::chrono::milliseconds(10);
  /// What a revision 3 ping may carry and gets echoed; protects memory.
  static constexpr size_t kPingDataMax = 128;

  Revision revision_;
  Carrier carrier_;
  Upgrade upgrade_ = Upgrade::none;
  bool poll_held_ = false;
  bool ping_due_ = false;   ///< To be sent.
  bool ping_open_ = false;  ///< Due or sent, and not answered.
  std::optional<std::string> pong_;
  std::string last_pong_;  ///< Backs the packet that was taken last.
  Duration ping_interval_;
  Duration ping_timeout_;
  Duration upgrade_timeout_;
  Time last_heard_;
  Time next_ping_ = kNever;      ///< Revision 4.
  Time ping_deadline_ = kNever;  ///< Revision 4: of the open ping. Revision 3: of the client's next one.
  Time upgrade_deadline_ = kNever;
  Time next_noop_ = Time::min();
};

}  // namespace mqttio::engineio
