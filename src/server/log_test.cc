#include "server/log.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace mqttio::server {
namespace {

using broker::Drop;
using mqtt::Reason;
using Lines = std::vector<std::string>;

/// A log that can be read, and an observer that writes to it.
struct Log : testing::Test {
  Log() {
    auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
    observer->use(timers);
  }
  ~Log() override {
    observer = nullptr;
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("none"));
  }

  Lines lines() {
    Lines all;
    std::istringstream in(std::exchange(text, {}).str());
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  void second_ends() { timers.expire(std::chrono::steady_clock::now() + std::chrono::seconds(2)); }

  std::ostringstream text;
  Timers timers;
  std::unique_ptr<LogObserver> observer = std::make_unique<LogObserver>();
  const broker::Peer peer{.address = "127.0.0.1:5", .transport = "tcp"};
};

TEST_F(Log, TellsEveryDropOfASecondUnderItsOwnClientAndReason) {
  for (int i = 0; i < 4990; ++i) observer->dropped("away", "q", Drop::queue_full);
  observer->dropped("other", "$SYS/x", Drop::not_authorized);
  observer->dropped("away", "r", Drop::expired);
  EXPECT_EQ(lines(), Lines{});
  second_ends();
  EXPECT_EQ(lines(), (Lines{"warning dropped client=away first_topic=q why=\"its queue is full (queue.max_messages, "
                            "queue.max_bytes)\" count=4990",
                            "warning dropped client=other first_topic=$SYS/x why=\"not authorized\" count=1",
                            "warning dropped client=away first_topic=r why=\"the message expired\" count=1"}));
  EXPECT_EQ(timers.next(), kNever);
  observer->dropped("other", "$SYS/x", Drop::not_authorized);
  second_ends();
  EXPECT_EQ(lines(), Lines{"warning dropped client=other first_topic=$SYS/x why=\"not authorized\" count=1"});
}

TEST_F(Log, TellsWhatIsLeftAtTheEnd) {
  observer->dropped("away", "q", Drop::expired);
  observer = nullptr;
  EXPECT_EQ(lines(), Lines{"warning dropped client=away first_topic=q why=\"the message expired\" count=1"});
}

TEST_F(Log, SumsUpWhatIsTooMuchForLinesOfItsOwn) {
  for (int client = 0; client < 100; ++client) observer->dropped(std::to_string(client), "q", Drop::expired);
  observer->dropped("late", "q", Drop::not_authorized);
  second_ends();
  const Lines told = lines();
  ASSERT_EQ(told.size(), 18u);
  EXPECT_EQ(told[16], "warning dropped client=(others) why=\"the message expired\" count=84");
  EXPECT_EQ(told[17], "warning dropped client=(others) why=\"not authorized\" count=1");
}

TEST_F(Log, WarnsOfRefusedLoginsAndTakeoversOnceASecond) {
  for (const char* id : {"ana", "bob", "cleo"})
    observer->refused(id, peer, Reason::bad_user_name_or_password, "bad user name or password");
  observer->disconnected("dash", peer, Reason::session_taken_over, "another connection uses its client id");
  observer->refused("", peer, Reason::malformed_packet, "nonsense");
  observer->disconnected("dash", peer, Reason::success, "the client disconnected");
  second_ends();
  EXPECT_EQ(lines(), (Lines{"warning refused client=ana transport=tcp peer=127.0.0.1:5 reason=0x86 (bad user name or "
                            "password) and 2 more of this kind",
                            "warning disconnected client=dash transport=tcp peer=127.0.0.1:5 reason=0x8e (another "
                            "connection uses its client id)"}));
}

TEST_F(Log, LetsNoNameLookLikeALine) {
  observer->dropped("a\nb", "t\x1b", Drop::expired);
  second_ends();
  EXPECT_EQ(lines(), Lines{"warning dropped client=a?b first_topic=t? why=\"the message expired\" count=1"});
}

}  // namespace
}  // namespace mqttio::server
