#include "base/buffer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/ring.h"

namespace mqttio {
namespace {

TEST(Buffer, Holds_no_memory_before_it_is_written_and_after_release) {
  Buffer buffer;
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_TRUE(buffer.empty());
  buffer.append(std::string_view());
  EXPECT_EQ(buffer.data(), nullptr);
  buffer.append(std::string_view("x"));
  buffer.release();
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, Writes_integers_from_the_highest_byte) {
  Buffer buffer;
  buffer.put_u8(0x01);
  buffer.put_u16(0x0203);
  buffer.put_u32(0x04050607);
  EXPECT_EQ(buffer.text(), "\x01\x02\x03\x04\x05\x06\x07");
  EXPECT_EQ(peek_u16(buffer.data() + 1), 0x0203);
  EXPECT_EQ(peek_u32(buffer.data() + 3), 0x04050607u);
}

TEST(Buffer, Counts_what_was_prepared_when_it_is_committed) {
  Buffer buffer;
  std::memcpy(buffer.prepare(10), "0123456789", 10);
  EXPECT_TRUE(buffer.empty());
  buffer.commit(4);
  EXPECT_EQ(buffer.text(), "0123");
  buffer.truncate(2);
  EXPECT_EQ(buffer.text(), "01");
  buffer.clear();
  EXPECT_TRUE(buffer.empty());
}

TEST(Buffer, Slides_instead_of_growing_when_enough_was_consumed) {
  Buffer buffer;
  buffer.append(std::string(60, 'a'));
  const std::byte* memory = buffer.data();
  buffer.consume(50);
  buffer.append(std::string(40, 'b'));
  EXPECT_EQ(buffer.text(), std::string(10, 'a') + std::string(40, 'b'));
  EXPECT_EQ(buffer.data(), memory);
}

TEST(Buffer, Begins_anew_at_the_front_when_all_is_consumed) {
  Buffer buffer;
  buffer.append(std::string(64, 'a'));
  const std::byte* memory = buffer.data();
  buffer.consume(64);
  buffer.append(std::string(64, 'b'));
  EXPECT_EQ(buffer.data(), memory);
}

TEST(Buffer, Has_headroom_for_what_is_known_last) {
  Buffer buffer;
  buffer.append(std::string_view("old"));
  buffer.clear_with_headroom(10);
  EXPECT_TRUE(buffer.empty());
  buffer.append(std::string_view("body"));
  std::memcpy(buffer.prepend(4), "head", 4);
  EXPECT_EQ(buffer.text(), "headbody");
  std::memcpy(buffer.prepend(6), "before", 6);
  EXPECT_EQ(buffer.text(), "beforeheadbody");
}

TEST(Buffer, Keeps_its_headroom_while_it_grows_and_slides) {
  for (const size_t size : {1, 53, 54, 55, 64, 1000, 100'000}) {
    Buffer buffer;
    buffer.clear_with_headroom(10);
    buffer.append(std::string_view("x"));
    buffer.append(std::string(size, 'y'));
    buffer.consume(1);
    buffer.append(std::string(size, 'z'));
    std::memcpy(buffer.prepend(10), "0123456789", 10);
    EXPECT_EQ(buffer.text(), "0123456789" + std::string(size, 'y') + std::string(size, 'z')) << size;
  }
}

TEST(Buffer, Moves_with_all_it_has) {
  Buffer from;
  from.clear_with_headroom(4);
  from.append(std::string_view("abc"));
  const std::byte* memory = from.data();
  Buffer to(std::move(from));
  EXPECT_EQ(to.text(), "abc");
  EXPECT_EQ(to.data(), memory);
  Buffer other;
  other.append(std::string_view("gone"));
  other = std::move(to);
  std::memcpy(other.prepend(4), "1234", 4);
  EXPECT_EQ(other.text(), "1234abc");
}

// Against a string that does the same, by seed.
TEST(Buffer, Is_a_queue_of_bytes_whatever_is_done_with_it) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Buffer buffer;
    std::string model;
    const size_t headroom = random() % 20;
    buffer.clear_with_headroom(headroom);
    for (int step = 0; step < 200; ++step) {
      const size_t n = random() % 150;
      switch (random() % 6) {
        case 0:
        case 1:
        case 2: {
          const std::string more(n, static_cast<char>('a' + step % 26));
          buffer.append(more);
          model += more;
          break;
        }
        case 3:
        case 4:
          buffer.consume(std::min(n, model.size()));
          model.erase(0, std::min(n, model.size()));
          break;
        case 5:
          buffer.truncate(model.size() - std::min(n, model.size()) / 2);
          model.resize(model.size() - std::min(n, model.size()) / 2);
          break;
      }
      ASSERT_EQ(buffer.text(), model) << "seed " << seed << " step " << step;
    }
    if (headroom > 0) {
      buffer.prepend(headroom)[0] = std::byte{'!'};
      EXPECT_EQ(buffer.size(), model.size() + headroom);
      EXPECT_TRUE(buffer.text().ends_with(model));
    }
  }
}

TEST(Ring, Is_first_in_first_out_across_its_edge_and_growth) {
  Ring<int> ring;
  int in = 0;
  int out = 0;
  for (int round = 1; round < 50; ++round) {
    for (int i = 0; i < round; ++i) ring.push_back(in++);
    for (int i = 0; i < round - 1; ++i) ASSERT_EQ(ring.pop_front(), out++);
    ASSERT_EQ(ring.size(), static_cast<size_t>(in - out));
    ASSERT_EQ(ring.front(), out);
    for (size_t i = 0; i < ring.size(); ++i) ASSERT_EQ(ring[i], out + static_cast<int>(i));
  }
  while (!ring.empty()) ASSERT_EQ(ring.pop_front(), out++);
  EXPECT_EQ(in, out);
}

TEST(Ring, Lets_go_of_what_is_popped_and_of_all_when_cleared) {
  Ring<std::shared_ptr<int>> ring;
  const auto item = std::make_shared<int>(1);
  for (int i = 0; i < 5; ++i) ring.push_back(item);
  EXPECT_EQ(item.use_count(), 6);
  (void)ring.pop_front();
  EXPECT_EQ(item.use_count(), 5);
  ring.clear();
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_TRUE(ring.empty());
  ring.push_back(item);
  EXPECT_EQ(ring.size(), 1u);
}

TEST(Ring, Moves_with_all_it_has) {
  Ring<int> from;
  for (int i = 0; i < 6; ++i) from.push_back(i);
  (void)from.pop_front();
  Ring<int> to(std::move(from));
  EXPECT_EQ(to.size(), 5u);
  EXPECT_EQ(to.front(), 1);
  Ring<int> other;
  other.push_back(9);
  other = std::move(to);
  EXPECT_EQ(other.size(), 5u);
  EXPECT_EQ(other[4], 5);
}

}  // namespace
}  // namespace mqttio
