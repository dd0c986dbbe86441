#include "base/timers.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

namespace mqttio {
namespace {

using namespace std::chrono_literals;

const Time kStart{1h};

/// Writes its name down when its moment comes, and does what it was told to.
class Alarm : public Timer {
 public:
  Alarm(std::string& diary, char name) : diary_(diary), name_(name) {}
  void expire(Time now) override {
    diary_ += name_;
    if (then) then(now);
  }
  std::function<void(Time)> then;

 private:
  std::string& diary_;
  char name_;
};

struct World {
  Timers timers;
  std::string diary;
  Alarm a{diary, 'a'};
  Alarm b{diary, 'b'};
  Alarm c{diary, 'c'};
};

TEST(Timers, Expire_in_order_of_their_moments_and_not_before) {
  World w;
  EXPECT_EQ(w.timers.next(), kNever);
  w.timers.arm(w.b, kStart + 2s);
  w.timers.arm(w.c, kStart + 3s);
  w.timers.arm(w.a, kStart + 1s);
  EXPECT_EQ(w.timers.next(), kStart + 1s);
  w.timers.expire(kStart + 1s - 1ns);
  EXPECT_EQ(w.diary, "");
  w.timers.expire(kStart + 2s);
  EXPECT_EQ(w.diary, "ab");
  EXPECT_EQ(w.timers.next(), kStart + 3s);
  EXPECT_FALSE(w.a.armed());
  EXPECT_TRUE(w.c.armed());
}

TEST(Timers, That_are_due_at_one_moment_expire_as_they_were_armed) {
  World w;
  for (Alarm* alarm : {&w.c, &w.a, &w.b}) w.timers.arm(*alarm, kStart);
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "cab");
}

TEST(Timers, That_are_armed_again_forget_their_first_moment) {
  World w;
  w.timers.arm(w.a, kStart + 1s);
  w.timers.arm(w.a, kStart + 5s);
  w.timers.expire(kStart + 4s);
  EXPECT_EQ(w.diary, "");
  w.timers.arm(w.a, kStart + 4s);
  w.timers.expire(kStart + 4s);
  w.timers.expire(kStart + 9s);
  EXPECT_EQ(w.diary, "a");
}

TEST(Timers, That_are_cancelled_or_die_do_not_expire) {
  World w;
  auto dying = std::make_unique<Alarm>(w.diary, 'x');
  w.timers.arm(*dying, kStart);
  w.timers.arm(w.a, kStart);
  w.timers.arm(w.b, kStart);
  w.a.cancel();
  w.a.cancel();
  dying = nullptr;
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "b");
}

TEST(Timers, Armed_for_now_while_expiring_wait_for_the_next_turn) {
  World w;
  w.a.then = [&](Time now) { w.timers.arm(w.a, now); };
  w.timers.arm(w.a, kStart);
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "a");
  EXPECT_EQ(w.timers.next(), kStart);
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "aa");
}

TEST(Timers, That_are_due_can_be_put_off_by_one_that_expires_before) {
  World w;
  w.a.then = [&](Time now) { w.timers.arm(w.b, now + 1s); };
  w.timers.arm(w.a, kStart);
  w.timers.arm(w.b, kStart + 1ms);
  w.timers.expire(kStart + 1s);
  EXPECT_EQ(w.diary, "a");
  w.timers.expire(kStart + 2s);
  EXPECT_EQ(w.diary, "ab");
}

TEST(Timers, That_are_due_can_be_cancelled_or_destroyed_by_one_that_expires_before) {
  World w;
  auto dying = std::make_unique<Alarm>(w.diary, 'x');
  w.a.then = [&](Time) {
    w.b.cancel();
    dying = nullptr;
  };
  w.timers.arm(w.a, kStart);
  w.timers.arm(w.b, kStart);
  w.timers.arm(*dying, kStart);
  w.timers.arm(w.c, kStart);
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "ac");
}

TEST(Timers, Can_destroy_themselves_while_they_expire) {
  World w;
  auto dying = std::make_unique<Alarm>(w.diary, 'x');
  dying->then = [&](Time) { w.timers.arm(w.a, kStart); };
  w.a.then = [&](Time) { dying = nullptr; };
  w.timers.arm(*dying, kStart);
  w.timers.expire(kStart);
  w.timers.expire(kStart);
  EXPECT_EQ(w.diary, "xa");
  EXPECT_EQ(dying, nullptr);
  EXPECT_EQ(w.timers.next(), kNever);
}

}  // namespace
}  // namespace mqttio
