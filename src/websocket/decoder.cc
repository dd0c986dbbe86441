#include "websocket/decoder.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace mqttio::websocket {
namespace {

template <class T>
std::span<T> take_front(std::span<T>& in, size_t n) {
  const auto taken = in.first(n);
  in = in.subspan(n);
  return taken;
}

constexpr size_t kMaxClientHeader = 14;

}  // namespace

Result<std::optional<Event>> Decoder::next(std::span<std::byte>& in) {
  finished_ = nullptr;
  if (!in_frame_) {
    if (in.empty()) return std::nullopt;
    const auto whole = take_header(in);
    if (!whole) return std::unexpected(whole.error());
    if (!*whole) return std::nullopt;
    if (auto begun = begin_frame(); !begun) return std::unexpected(begun.error());
  }
  if (is_control(frame_.opcode)) return take_control(in);
  if (in.empty() && taken_ < frame_.length) return std::nullopt;
  return take_data(in);
}

/// True: `frame_` is the next frame's. A header that is cut is gathered in `partial_`.
Result<bool> Decoder::take_header(std::span<std::byte>& in) {
  if (partial_ == nullptr) {
    Bytes view = in;
    const auto header = take_frame_header(view);
    if (!header) return std::unexpected(header.error());
    if (*header) {
      frame_ = **header;
      in = in.subspan(in.size() - view.size());
      return true;
    }
    partial_ = std::make_unique<Partial>();
  }
  while (!in.empty() && partial_->size < kMaxClientHeader) {
    partial_->bytes[partial_->size++] = take_front(in, 1)[0];
    Bytes view(partial_->bytes.data(), partial_->size);
    const auto header = take_frame_header(view);
    if (!header) return std::unexpected(header.error());
    if (!*header) continue;
    frame_ = **header;
    partial_ = nullptr;
    return true;
  }
  return false;
}

Result<void> Decoder::begin_frame() {
  in_frame_ = true;
  taken_ = 0;
  if (is_control(frame_.opcode)) return {};
  const bool continues = frame_.opcode == Opcode::continuation;
  if (continues != in_message_)
    return std::unexpected(
        Error{close_code::protocol_error, continues ? "a continuation of nothing" : "a new message inside another"});
  if (!continues) text_ = frame_.opcode == Opcode::text;
  in_message_ = !frame_.fin;
  return {};
}

Event Decoder::take_data(std::span<std::byte>& in) {
  const auto size = static_cast<size_t>(std::min<uint64_t>(in.size(), frame_.length - taken_));
  const auto payload = take_front(in, size);
  unmask(payload, frame_.mask, taken_);
  taken_ += size;
  in_frame_ = taken_ < frame_.length;
  return {.kind = Event::Kind::data,
          .text = text_,
          .last = frame_.fin && !in_frame_,
          .remaining = frame_.length - taken_,
          .payload = payload};
}

std::optional<Event> Decoder::take_control(std::span<std::byte>& in) {
  std::span<std::byte> payload;
  if (partial_ == nullptr && in.size() >= frame_.length) {
    payload = take_front(in, static_cast<size_t>(frame_.length));
  } else {
    if (partial_ == nullptr) partial_ = std::make_unique<Partial>();
    const auto more = take_front(in, std::min(in.size(), static_cast<size_t>(frame_.length) - partial_->size));
    std::ranges::copy(more, partial_->bytes.begin() + static_cast<ptrdiff_t>(partial_->size));
    partial_->size += more.size();
    if (partial_->size < frame_.length) return std::nullopt;
    payload = {partial_->bytes.data(), partial_->size};
  }
  unmask(payload, frame_.mask, 0);
  in_frame_ = false;
  const auto kind = frame_.opcode == Opcode::ping   ? Event::Kind::ping
                    : frame_.opcode == Opcode::pong ? Event::Kind::pong
                                                    : Event::Kind::close;
  if (partial_ != nullptr) {  // what is handed out must live until the next call
    finished_ = std::move(partial_);
    payload = {finished_->bytes.data(), finished_->size};
  }
  return Event{.kind = kind, .payload = payload};
}

Result<std::optional<Assembler::Message>> Assembler::add(const Event& data) {
  release_delivered();
  if (partial_.size() + data.payload.size() + data.remaining > max_message_)
    return std::unexpected(Error{close_code::too_big, "a message is larger than the limit"});
  Bytes whole = data.payload;
  if (!data.last || !partial_.empty()) {
    partial_.append(whole);
    whole = partial_.view();
  }
  if (!data.last) return std::nullopt;
  delivered_ = true;
  if (data.text && !is_utf8(as_text(whole)))
    return std::unexpected(Error{close_code::invalid_data, "a text message is no UTF-8"});
  return Message{.text = data.text, .bytes = whole};
}

}  // namespace mqttio::websocket
