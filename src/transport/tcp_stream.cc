#include "transport/tcp_stream.h"

namespace mqttio::transport {

TcpStream::TcpStream(Hub& hub, net::Socket socket, Peer peer, Bytes early)
    : Resident(hub), Stream(std::move(peer)), outlet_(std::move(socket)) {
  early_.append(early);
  outlet_.socket().set_waiter(*this);
  hub.mark_ready(*this);
}

std::optional<Bytes> TcpStream::read(std::span<std::byte> scratch) {
  if (!early_.empty()) {
    const size_t size = std::min(early_.size(), scratch.size());
    std::memcpy(scratch.data(), early_.data(), size);
    early_.consume(size);
    if (early_.empty()) early_.release();
    outlet_.socket().await_readable();
    return scratch.first(size);
  }
  const auto [size, ended] = outlet_.socket().read(scratch);
  if (ended || (size == 0 && outlet_.broken())) return std::nullopt;
  if (outlet_.broken())
    hub_.mark_ready(*this);  // it takes nothing any more, but what it said before still counts
  else
    outlet_.socket().await_readable();
  return scratch.first(size);
}

void TcpStream::write(Buffer& out) {
  outlet_.write(out.view());
  if (outlet_.broken()) hub_.mark_ready(*this);
}

void TcpStream::close(Close, Buffer& last) {
  outlet_.write(last.view());
  hub_.forget(*this);
  hub_.farewell(std::move(outlet_));
  hub_.remove(*this);
}

void TcpStream::ready(bool, bool writable) {
  if (writable && !outlet_.flush()) return;
  hub_.mark_ready(*this);
}

}  // namespace mqttio::transport
