#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "base/check.h"

namespace mqttio {

/// A first-in, first-out queue in one block of memory that holds none while it is empty: made for the many queues of
/// which nearly all are idle. `T` is default constructible and cheap to move. The owner bounds its length.
template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& other) noexcept { swap(other); }
  Ring& operator=(Ring&& other) noexcept {
    Ring(std::move(other)).swap(*this);
    return *this;
  }

  void swap(Ring& other) noexcept {
    items_.swap(other.items_);
    std::swap(head_, other.head_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& front() { return items_[head_]; }
  T& operator[](size_t i) { return items_[(head_ + i) & (capacity_ - 1)]; }
  const T& operator[](size_t i) const { return items_[(head_ + i) & (capacity_ - 1)]; }

  void push_back(T item) {
    if (size_ == capacity_) grow();
    (*this)[size_++] = std::move(item);
  }

  T pop_front() {
    MQTTIO_CHECK(size_ > 0);
    T item = std::move(items_[head_]);
    items_[head_] = T();
    head_ = (head_ + 1) & (capacity_ - 1);
    if (--size_ == 0) clear();
    return item;
  }

  void clear() {
    items_.reset();
    head_ = size_ = capacity_ = 0;
  }

 private:
  void grow() {
    const uint32_t capacity = capacity_ == 0 ? 4 : capacity_ * 2;
    auto bigger = std::make_unique<T[]>(capacity);
    for (uint32_t i = 0; i < size_; ++i) bigger[i] = std::move((*this)[i]);
    items_ = std::move(bigger);
    head_ = 0;
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> items_;
  uint32_t head_ = 0;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // a power of two, or zero
};

}  // namespace mqttio
