#include "transport/socketio_stream.h"

#include <algorithm>

#include "transport/engine_session.h"

namespace mqttio::transport {

std::optional<Bytes> SocketIoStream::read(std::span<std::byte> scratch) {
  if (session_ == nullptr && inbox_.empty()) return std::nullopt;
  const size_t size = std::min(inbox_.size(), scratch.size());
  if (size > 0) std::memcpy(scratch.data(), inbox_.data(), size);
  inbox_.consume(size);
  if (inbox_.empty()) inbox_.release();
  if (session_ == nullptr || !inbox_.empty()) hub_.mark_ready(*this);  // the end comes after the last bytes
  if (session_ != nullptr && size > 0 && session_->hungry()) session_->inbox_drained();
  return scratch.first(size);
}

size_t SocketIoStream::room() const {
  if (session_ == nullptr) return kRoom;  // it is written into the void, and the end is read soon
  return session_->takes_bytes() ? kRoom : 0;
}

void SocketIoStream::write(Buffer& out) {
  if (session_ != nullptr) session_->send_bytes(out);
}

void SocketIoStream::close(Close why, Buffer& last) {
  hub_.forget(*this);
  if (session_ != nullptr) session_->stream_closed(why, last);
  hub_.remove(*this);
}

void SocketIoStream::receive(Bytes bytes) {
  inbox_.append(bytes);
  hub_.mark_ready(*this);
}

void SocketIoStream::detach() {
  session_ = nullptr;
  hub_.mark_ready(*this);
}

}  // namespace mqttio::transport
