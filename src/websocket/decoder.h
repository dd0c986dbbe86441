#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "websocket/frame.h"

namespace mqttio::websocket {

/// What a client's bytes mean, piece by piece. Payload of data frames is handed on as it arrives, unmasked in place and
/// never kept: a byte stream needs no frames. Control frames are handed on whole.
struct Event {
  enum class Kind : uint8_t { data, ping, pong, close };
  Kind kind = Kind::data;
  bool text = false;       ///< data: of a text message.
  bool last = false;       ///< data: the message ends with this piece (which may be empty).
  uint64_t remaining = 0;  ///< data: bytes of this frame that are still to come.
  std::span<std::byte> payload;
};

/// The server's side of one WebSocket: bytes to events. RFC 6455, section 5.
class Decoder {
 public:
  /// Takes the next event off the front of `in`, nullopt: not enough is here. Everything that belongs to an unfinished
  /// header or control frame is kept inside, so `in` is always used up then.
  Result<std::optional<Event>> next(std::span<std::byte>& in);

 private:
  struct Partial {
    size_t size = 0;
    std::array<std::byte, 14 + 125> bytes;  ///< A header, then the payload of a control frame.
  };

  Result<bool> take_header(std::span<std::byte>& in);
  Result<void> begin_frame();
  Event take_data(std::span<std::byte>& in);
  std::optional<Event> take_control(std::span<std::byte>& in);

  FrameHeader frame_;
  uint64_t taken_ = 0;                 ///< Of the frame's payload.
  std::unique_ptr<Partial> partial_;   ///< Only while something is cut.
  std::unique_ptr<Partial> finished_;  ///< Backs the control frame that was handed out last.
  bool in_frame_ = false;
  bool in_message_ = false;  ///< A data message has begun and continues.
  bool text_ = false;
};

/// Data pieces to whole messages, of at most `max_message` bytes. A message that arrives in one piece is not copied.
class Assembler {
 public:
  explicit Assembler(uint64_t max_message) : max_message_(max_message) {}

  struct Message {
    bool text = false;
    Bytes bytes;  ///< Valid until the next call.
  };
  /// nullopt: the message goes on. Text that is no UTF-8 is refused. [RFC 6455, 8.1]
  Result<std::optional<Message>> add(const Event& data);
  /// The message that `add` gave is not needed any more: an idle peer should not hold the memory of a large one.
  void release_delivered() {
    if (std::exchange(delivered_, false)) partial_.release();
  }

 private:
  uint64_t max_message_;
  Buffer partial_;
  bool delivered_ = false;  ///< `partial_` was handed out.
};

}  // namespace mqttio::websocket
