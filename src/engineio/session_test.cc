#include "engineio/session.h"

#include <gtest/gtest.h>

#include <string>

namespace mqttio::engineio {
namespace {

using namespace std::chrono_literals;
using Expired = Session::Expired;
using Heard = Session::Heard;
using UpgradeStep = Session::UpgradeStep;

constexpr Time kStart = Time(1000h);
constexpr Options kFast{.ping_interval = 300ms, .ping_timeout = 200ms, .upgrade_timeout = 100ms, .max_payload = {1000}};

Packet packet(PacketType type, std::string_view data = "") { return {type, false, as_bytes(data)}; }

Session make(Revision revision, Carrier carrier) { return {revision, carrier, kFast, kStart}; }

/// What the session says next: its type as a digit, then its data.
std::string said(Session& session) {
  const auto control = session.take_control();
  if (!control) return "";
  return std::to_string(static_cast<int>(control->type)) + std::string(as_text(control->data));
}

// ---- heartbeats

TEST(EngineIoSession, A_server_of_revision_4_pings_an_interval_after_each_pong) {
  auto session = make(Revision::v4, Carrier::websocket);
  EXPECT_EQ(session.deadline(), kStart + 300ms);
  EXPECT_EQ(session.expire(kStart + 299ms), Expired::nothing);
  EXPECT_FALSE(session.has_control());

  EXPECT_EQ(session.expire(kStart + 300ms), Expired::nothing);
  EXPECT_TRUE(session.has_control());
  EXPECT_EQ(said(session), "2");
  EXPECT_FALSE(session.has_control());
  EXPECT_EQ(session.deadline(), kStart + 500ms);

  EXPECT_EQ(session.hear(packet(PacketType::pong), kStart + 350ms), Heard::nothing);
  EXPECT_EQ(session.deadline(), kStart + 650ms);
  EXPECT_EQ(session.expire(kStart + 650ms), Expired::nothing);
  EXPECT_EQ(said(session), "2");
}

TEST(EngineIoSession, A_ping_of_revision_4_that_nothing_answers_ends_the_session) {
  auto session = make(Revision::v4, Carrier::polling);
  session.expire(kStart + 300ms);
  EXPECT_EQ(session.expire(kStart + 499ms), Expired::nothing);
  EXPECT_EQ(session.expire(kStart + 500ms), Expired::ping_timeout);
}

TEST(EngineIoSession, Bytes_of_a_long_body_are_a_sign_of_life) {
  auto session = make(Revision::v4, Carrier::polling);
  session.expire(kStart + 300ms);
  session.heard(kStart + 450ms);
  EXPECT_EQ(session.expire(kStart + 500ms), Expired::nothing);
  EXPECT_EQ(session.deadline(), kStart + 650ms);
  EXPECT_EQ(session.expire(kStart + 650ms), Expired::ping_timeout);
}

TEST(EngineIoSession, A_pong_that_nothing_asked_for_does_not_put_off_the_next_ping) {
  auto session = make(Revision::v4, Carrier::websocket);
  EXPECT_EQ(session.hear(packet(PacketType::pong), kStart + 200ms), Heard::nothing);
  EXPECT_EQ(session.deadline(), kStart + 300ms);
}

TEST(EngineIoSession, A_client_of_revision_3_pings_and_gets_its_own_data_back) {
  auto session = make(Revision::v3, Carrier::polling);
  EXPECT_EQ(session.deadline(), kStart + 500ms);
  {
    const std::string data = "hello";
    EXPECT_EQ(session.hear(packet(PacketType::ping, data), kStart + 100ms), Heard::nothing);
  }
  EXPECT_TRUE(session.has_control());
  EXPECT_EQ(said(session), "3hello");
  EXPECT_FALSE(session.has_control());
  EXPECT_EQ(session.deadline(), kStart + 600ms);
  EXPECT_EQ(session.expire(kStart + 600ms), Expired::ping_timeout);
}

TEST(EngineIoSession, A_server_of_revision_3_never_pings) {
  auto session = make(Revision::v3, Carrier::websocket);
  session.hear(packet(PacketType::message, "x"), kStart + 400ms);
  EXPECT_EQ(session.expire(kStart + 500ms), Expired::nothing) << "it was heard of";
  EXPECT_FALSE(session.has_control());
  EXPECT_EQ(session.expire(kStart + 900ms), Expired::ping_timeout);
}

TEST(EngineIoSession, Heartbeats_in_the_wrong_direction_and_OPEN_are_nonsense) {
  auto v4 = make(Revision::v4, Carrier::websocket);
  EXPECT_EQ(v4.hear(packet(PacketType::ping), kStart), Heard::nonsense);
  EXPECT_EQ(v4.hear(packet(PacketType::ping, "probe"), kStart), Heard::nonsense);
  EXPECT_EQ(v4.hear(packet(PacketType::open), kStart), Heard::nonsense);
  auto v3 = make(Revision::v3, Carrier::websocket);
  EXPECT_EQ(v3.hear(packet(PacketType::pong), kStart), Heard::nonsense);
  EXPECT_EQ(v3.hear(packet(PacketType::open), kStart), Heard::nonsense);
}

TEST(EngineIoSession, What_a_ping_may_carry_is_bounded) {
  auto session = make(Revision::v3, Carrier::websocket);
  EXPECT_EQ(session.hear(packet(PacketType::ping, std::string(128, 'x')), kStart), Heard::nothing);
  EXPECT_EQ(said(session), "3" + std::string(128, 'x'));
  EXPECT_EQ(session.hear(packet(PacketType::ping, std::string(129, 'x')), kStart), Heard::nonsense);
}

TEST(EngineIoSession, Messages_are_for_the_layer_above_and_a_close_is_a_goodbye) {
  for (const Revision revision : {Revision::v3, Revision::v4}) {
    auto session = make(revision, Carrier::polling);
    EXPECT_EQ(session.hear(packet(PacketType::message, "0"), kStart), Heard::message);
    EXPECT_EQ(session.hear({PacketType::message, true, {}}, kStart), Heard::message);
    EXPECT_EQ(session.hear(packet(PacketType::noop), kStart), Heard::nothing);
    EXPECT_EQ(session.hear(packet(PacketType::close), kStart), Heard::goodbye);
  }
}

// ---- polls

TEST(EngineIoSession, A_poll_is_held_until_it_is_answered_or_lost) {
  auto session = make(Revision::v4, Carrier::polling);
  EXPECT_FALSE(session.writable());
  session.poll_arrived();
  EXPECT_TRUE(session.poll_held());
  EXPECT_TRUE(session.writable());
  session.poll_answered(kStart);
  EXPECT_FALSE(session.poll_held());
  EXPECT_FALSE(session.writable());
  session.poll_arrived();
  session.poll_lost();
  EXPECT_FALSE(session.writable());
  session.poll_arrived();
  EXPECT_TRUE(session.writable()) << "the peer may come back";
}

TEST(EngineIoSession, A_session_on_WebSocket_is_writable_and_has_nothing_to_be_upgraded_to) {
  auto session = make(Revision::v4, Carrier::websocket);
  EXPECT_TRUE(session.writable());
  EXPECT_FALSE(session.upgrade_opened(kStart));
}

// ---- the upgrade

TEST(EngineIoSession, A_probed_upgrade_releases_the_held_poll_at_once_and_later_ones_with_a_pause) {
  auto session = make(Revision::v4, Carrier::polling);
  session.poll_arrived();
  ASSERT_TRUE(session.upgrade_opened(kStart));
  EXPECT_FALSE(session.poll_wants_noop(kStart)) << "before the probe";
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::ping, "probe"), kStart), UpgradeStep::answer_probe);
  EXPECT_TRUE(session.poll_wants_noop(kStart));
  session.poll_answered(kStart);
  EXPECT_FALSE(session.poll_wants_noop(kStart)) << "nothing is held";

  session.poll_arrived();
  EXPECT_FALSE(session.poll_wants_noop(kStart + 9ms));
  EXPECT_EQ(session.deadline(), kStart + 10ms);
  EXPECT_TRUE(session.poll_wants_noop(kStart + 10ms));
  session.poll_answered(kStart + 10ms);

  EXPECT_EQ(session.carrier(), Carrier::polling);
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::upgrade), kStart + 12ms), UpgradeStep::swapped);
  EXPECT_EQ(session.carrier(), Carrier::websocket);
  EXPECT_FALSE(session.upgrading());
  EXPECT_TRUE(session.writable());
  EXPECT_FALSE(session.upgrade_opened(kStart + 13ms)) << "once is enough";
}

TEST(EngineIoSession, Revision_3_probes_the_same_way) {
  auto session = make(Revision::v3, Carrier::polling);
  ASSERT_TRUE(session.upgrade_opened(kStart));
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::ping, "probe"), kStart), UpgradeStep::answer_probe);
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::upgrade), kStart), UpgradeStep::swapped);
  EXPECT_EQ(session.deadline(), kStart + 500ms) << "the client's next ping is awaited as before";
}

TEST(EngineIoSession, A_second_WebSocket_for_the_same_session_is_turned_away) {
  auto session = make(Revision::v4, Carrier::polling);
  EXPECT_TRUE(session.upgrade_opened(kStart));
  EXPECT_FALSE(session.upgrade_opened(kStart));
  session.hear_upgrade(packet(PacketType::ping, "probe"), kStart);
  EXPECT_FALSE(session.upgrade_opened(kStart));
}

TEST(EngineIoSession, An_upgrade_that_says_anything_else_is_refused_and_polling_goes_on) {
  for (const Packet& other :
       {packet(PacketType::message, "0/mqtt,"), packet(PacketType::ping), packet(PacketType::close),
        packet(PacketType::ping, "prob"), packet(PacketType::pong, "probe")}) {
    auto session = make(Revision::v4, Carrier::polling);
    ASSERT_TRUE(session.upgrade_opened(kStart));
    EXPECT_EQ(session.hear_upgrade(other, kStart), UpgradeStep::refused);
    session.upgrade_lost();
    EXPECT_FALSE(session.upgrading());
    EXPECT_EQ(session.carrier(), Carrier::polling);
    EXPECT_TRUE(session.upgrade_opened(kStart)) << "it may try again";
  }
}

TEST(EngineIoSession, An_upgrade_that_takes_too_long_is_given_up_and_polling_goes_on) {
  auto session = make(Revision::v4, Carrier::polling);
  ASSERT_TRUE(session.upgrade_opened(kStart));
  EXPECT_EQ(session.deadline(), kStart + 100ms);
  EXPECT_EQ(session.expire(kStart + 99ms), Expired::nothing);
  EXPECT_EQ(session.expire(kStart + 100ms), Expired::upgrade_timeout);
  EXPECT_FALSE(session.upgrading());
  EXPECT_EQ(session.deadline(), kStart + 300ms);
  EXPECT_EQ(session.carrier(), Carrier::polling);
}

TEST(EngineIoSession, A_ping_that_falls_due_during_the_upgrade_is_sent_behind_it) {
  auto session = make(Revision::v4, Carrier::polling);
  ASSERT_TRUE(session.upgrade_opened(kStart + 250ms));
  EXPECT_EQ(session.expire(kStart + 310ms), Expired::nothing);
  EXPECT_FALSE(session.has_control());
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::upgrade), kStart + 320ms), UpgradeStep::swapped);
  EXPECT_LE(session.deadline(), kStart + 320ms);
  EXPECT_EQ(session.expire(kStart + 320ms), Expired::nothing);
  EXPECT_EQ(said(session), "2");
}

TEST(EngineIoSession, A_pong_that_is_lost_in_the_upgrade_costs_neither_the_session_nor_its_pings) {
  auto session = make(Revision::v4, Carrier::polling);
  session.expire(kStart + 300ms);
  EXPECT_EQ(said(session), "2");
  ASSERT_TRUE(session.upgrade_opened(kStart + 310ms));
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::upgrade), kStart + 350ms), UpgradeStep::swapped);
  EXPECT_EQ(said(session), "2") << "anew, for the peer counts from the last ping that it saw";
  EXPECT_EQ(session.expire(kStart + 500ms), Expired::nothing) << "the deadline of the lost pong";
  session.hear(packet(PacketType::pong), kStart + 540ms);
  session.hear(packet(PacketType::pong), kStart + 545ms);  // the first one was only late
  EXPECT_EQ(session.expire(kStart + 550ms), Expired::nothing);
  EXPECT_EQ(session.deadline(), kStart + 840ms);
}

TEST(EngineIoSession, A_ping_that_no_poll_fetched_before_the_upgrade_is_sent_behind_it) {
  auto session = make(Revision::v4, Carrier::polling);
  ASSERT_EQ(session.expire(kStart + 300ms), Expired::nothing);
  ASSERT_TRUE(session.upgrade_opened(kStart + 310ms));
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::upgrade), kStart + 350ms), UpgradeStep::swapped);
  EXPECT_EQ(said(session), "2");
}

TEST(EngineIoSession, A_second_probe_is_refused) {
  auto session = make(Revision::v4, Carrier::polling);
  ASSERT_TRUE(session.upgrade_opened(kStart));
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::ping, "probe"), kStart), UpgradeStep::answer_probe);
  EXPECT_EQ(session.hear_upgrade(packet(PacketType::ping, "probe"), kStart), UpgradeStep::refused);
}

}  // namespace
}  // namespace mqttio::engineio
