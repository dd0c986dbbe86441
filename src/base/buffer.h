#pragma once

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace mqttio {

/// A queue of bytes: written at the back, consumed from the front, contiguous at every moment. Owns its memory and
/// holds none while it is empty and was never written, or after `release`. At most 4 GiB: whoever fills it has bounds
/// far below. Not thread safe.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    Buffer(std::move(other)).swap(*this);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::byte* data() { return data_ + begin_; }
  const std::byte* data() const { return data_ + begin_; }
  Bytes view() const { return {data(), size()}; }
  std::string_view text() const { return as_text(view()); }

  /// Room for `n` more bytes at the back; what is written there counts after `commit`. Invalidates views.
  std::byte* prepare(size_t n) {
    if (capacity_ - end_ < n) make_room(n);
    return data_ + end_;
  }
  void commit(size_t n) { end_ += narrow(n); }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  void append(std::string_view text) { append(as_bytes(text)); }
  void put_u8(uint8_t value) {
    *prepare(1) = std::byte{value};
    commit(1);
  }
  void put_u16(uint16_t value) {
    put_u8(static_cast<uint8_t>(value >> 8));
    put_u8(static_cast<uint8_t>(value));
  }
  void put_u32(uint32_t value) {
    put_u16(static_cast<uint16_t>(value >> 16));
    put_u16(static_cast<uint16_t>(value));
  }

  /// Forgets the first `n` bytes. `n` is at most `size()`.
  void consume(size_t n) {
    begin_ += narrow(n);
    if (begin_ == end_) clear();
  }
  /// Forgets all bytes after the first `n`. `n` is at most `size()`.
  void truncate(size_t n) { end_ = begin_ + narrow(n); }
  void clear() { begin_ = end_ = headroom_; }
  /// Empty, with `n` bytes kept free in front, for what will be known only when the rest is written.
  void clear_with_headroom(size_t n) {
    begin_ = end_ = 0;
    headroom_ = narrow(n);
    if (capacity_ < n) grow(n);
    clear();
  }
  /// Room for `n` bytes before the first; `n` is at most the headroom that is left.
  std::byte* prepend(size_t n) {
    begin_ -= narrow(n);
    return data();
  }
  /// Gives the memory back; what a long-lived, mostly idle owner does once it is empty.
  void release() { Buffer().swap(*this); }

  void swap(Buffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
    std::swap(capacity_, other.capacity_);
    std::swap(headroom_, other.headroom_);
  }

 private:
  static uint32_t narrow(size_t n) { return static_cast<uint32_t>(n); }

  void make_room(size_t n) {
    const size_t held = size();
    if (begin_ >= headroom_ + held && capacity_ - headroom_ - held >= n) {
      std::memcpy(data_ + headroom_, data(), held);  // sliding costs no more than what was consumed before
    } else {
      grow(headroom_ + held + n);
    }
    begin_ = headroom_;
    end_ = headroom_ + narrow(held);
  }
  void grow(size_t needed) {
    MQTTIO_CHECK(needed <= kMax);
    size_t capacity = capacity_ < 64 ? 64 : size_t{capacity_} * 2;
    while (capacity < needed) capacity *= 2;
    capacity = std::min(capacity, kMax);
    auto* bigger = static_cast<std::byte*>(std::malloc(capacity));
    if (bigger == nullptr) throw std::bad_alloc();
    if (!empty()) std::memcpy(bigger + headroom_, data(), size());
    std::free(data_);
    data_ = bigger;
    capacity_ = narrow(capacity);
  }

  static constexpr size_t kMax = UINT32_MAX;

  std::byte* data_ = nullptr;
  uint32_t begin_ = 0;
  uint32_t end_ = 0;
  uint32_t capacity_ = 0;
  uint32_t headroom_ = 0;
};

}  // namespace mqttio
