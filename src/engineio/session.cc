#include "engineio/session.h"

#include <algorithm>
#include <utility>

namespace mqttio::engineio {

Session::Session(Revision revision, Carrier carrier, const Options& options, Time now)
    : revision_(revision),
      carrier_(carrier),
      ping_interval_(options.ping_interval),
      ping_timeout_(options.ping_timeout),
      upgrade_timeout_(options.upgrade_timeout),
      last_heard_(now) {
  if (revision_ == Revision::v4)
    next_ping_ = now + ping_interval_;
  else
    ping_deadline_ = now + ping_interval_ + ping_timeout_;
}

void Session::poll_answered(Time now) {
  poll_held_ = false;
  next_noop_ = now + kNoopSpacing;
}

Session::Heard Session::hear(const Packet& packet, Time now) {
  last_heard_ = now;
  switch (packet.type) {
    case PacketType::message: return Heard::message;
    case PacketType::close: return Heard::goodbye;
    case PacketType::ping:
      if (revision_ == Revision::v4 || packet.data.size() > kPingDataMax) return Heard::nonsense;
      pong_ = as_text(packet.data);
      ping_deadline_ = now + ping_interval_ + ping_timeout_;
      return Heard::nothing;
    case PacketType::pong:
      if (revision_ == Revision::v3) return Heard::nonsense;
      if (std::exchange(ping_open_, false)) next_ping_ = now + ping_interval_;
      return Heard::nothing;
    case PacketType::upgrade:
    case PacketType::noop: return Heard::nothing;
    case PacketType::open: break;
  }
  return Heard::nonsense;
}

bool Session::upgrade_opened(Time now) {
  if (carrier_ == Carrier::websocket || upgrade_ != Upgrade::none) return false;
  upgrade_ = Upgrade::opened;
  upgrade_deadline_ = now + upgrade_timeout_;
  return true;
}

Session::UpgradeStep Session::hear_upgrade(const Packet& packet, Time now) {
  last_heard_ = now;
  if (packet.type == PacketType::ping && as_text(packet.data) == "probe" && upgrade_ == Upgrade::opened) {
    upgrade_ = Upgrade::probed;
    next_noop_ = Time::min();  // the poll that is held now is released at once
    return UpgradeStep::answer_probe;
  }
  if (packet.type != PacketType::upgrade) return UpgradeStep::refused;
  carrier_ = Carrier::websocket;
  upgrade_ = Upgrade::done;
  // A ping that was sent by polling may never be answered, and the peer counts from the last one that it saw: ping
  // anew.
  if (ping_open_) {
    ping_due_ = true;
    ping_deadline_ = now + ping_timeout_;
  }
  return UpgradeStep::swapped;
}

std::optional<Packet> Session::take_control() {
  if (pong_) {
    last_pong_ = *std::exchange(pong_, std::nullopt);
    return Packet{PacketType::pong, false, as_bytes(last_pong_)};
  }
  if (std::exchange(ping_due_, false)) return Packet{PacketType::ping, false, {}};
  return std::nullopt;
}

Time Session::deadline() const {
  Time next = kNever;
  if (revision_ == Revision::v3 || ping_open_)
    next = ping_deadline_;
  else if (!upgrading())
    next = next_ping_;
  if (upgrading()) next = std::min(next, upgrade_deadline_);
  if (poll_held_ && upgrade_ == Upgrade::probed) next = std::min(next, next_noop_);
  return next;
}

Session::Expired Session::expire(Time now) {
  if (upgrading() && now >= upgrade_deadline_) {
    upgrade_lost();
    return Expired::upgrade_timeout;
  }
  if (revision_ == Revision::v3 || ping_open_) {
    if (now < ping_deadline_) return Expired::nothing;
    // Anything that was heard since proves as much as the pong that did not come: a large body may be on its way.
    const Duration patience = revision_ == Revision::v3 ? ping_interval_ + ping_timeout_ : ping_timeout_;
    if (last_heard_ + patience <= now) return Expired::ping_timeout;
    ping_deadline_ = last_heard_ + patience;
    ping_due_ = revision_ == Revision::v4;  // the ping itself may have been lost with a poll's answer
    return Expired::nothing;
  }
  if (!upgrading() && now >= next_ping_) {
    ping_due_ = ping_open_ = true;
    ping_deadline_ = now + ping_timeout_;
  }
  return Expired::nothing;
}

}  // namespace mqttio::engineio
