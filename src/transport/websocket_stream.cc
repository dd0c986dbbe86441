#include "transport/websocket_stream.h"

#include <utility>

namespace mqttio::transport {
namespace {

using websocket::Event;
namespace close_code = websocket::close_code;

/// Pongs that the peer does not take; beyond it, it is not worth talking to. Protects memory.
constexpr size_t kPongsMax = 64 * 1024;

}  // namespace

uint16_t to_close_code(Close why) {
  switch (why) {
    case Close::normal: return close_code::normal;
    case Close::protocol_error: return close_code::protocol_error;
    case Close::too_large: return close_code::too_big;
    case Close::policy: return close_code::policy;
    case Close::going_away: return close_code::going_away;
  }
  return close_code::normal;
}

bool answer_ping(Outlet& outlet, Bytes payload) {
  if (outlet.pending() > kPongsMax) return false;
  Buffer pong;
  websocket::append_frame(pong, websocket::Opcode::pong, payload);
  outlet.write(pong.view());
  return true;
}

WebSocketStream::WebSocketStream(Hub& hub, Outlet outlet, Peer peer, Buffer early)
    : Resident(hub), Stream(std::move(peer)), outlet_(std::move(outlet)), early_(std::move(early)) {
  outlet_.socket().set_waiter(*this);
  hub.mark_ready(*this);
}

std::optional<Bytes> WebSocketStream::read(std::span<std::byte> scratch) {
  if (ended_) return std::nullopt;
  size_t size = std::min(early_.size(), scratch.size());
  if (size > 0) {
    std::memcpy(scratch.data(), early_.data(), size);
    early_.consume(size);
    if (early_.empty()) early_.release();
  } else {
    const auto read = outlet_.socket().read(scratch);
    if (read.ended || (read.size == 0 && outlet_.broken())) return std::nullopt;
    size = read.size;
  }
  const Bytes bytes = unwrap(scratch.first(size));
  if (ended_ || outlet_.broken())
    hub_.mark_ready(*this);  // what came before the end is delivered first, and what waits in a broken socket
  else
    outlet_.socket().await_readable();
  return bytes;
}

/// The payload of all data frames in `in`, moved together to its front.
Bytes WebSocketStream::unwrap(std::span<std::byte> in) {
  const std::span<std::byte> all = in;
  size_t size = 0;
  while (!ended_) {
    const auto event = decoder_.next(in);
    if (!event) {
      end(event.error().close_code, event.error().what);
    } else if (!*event) {
      break;
    } else if ((*event)->kind != Event::Kind::data) {
      answer(**event);
    } else if ((*event)->text) {
      end(close_code::unsupported, "MQTT needs binary frames");  // [MQTT-6.0.0-1]
    } else {
      const auto payload = (*event)->payload;
      if (!payload.empty()) std::memmove(all.data() + size, payload.data(), payload.size());
      size += payload.size();
    }
  }
  return all.first(size);
}

void WebSocketStream::answer(const Event& control) {
  if (control.kind == Event::Kind::pong) return;
  if (control.kind == Event::Kind::close) {
    const auto code = websocket::parse_close(control.payload);
    return end(code ? close_code::normal : code.error().close_code, "");
  }
  if (!answer_ping(outlet_, control.payload)) end(close_code::policy, "pings without reading pongs");
}

void WebSocketStream::write(Buffer& out) {
  if (ended_) return;
  const size_t length = out.size();
  std::byte* header = out.prepend(websocket::server_header_size(length));
  websocket::write_server_header(header, websocket::Opcode::binary, length);
  outlet_.write(out.view());
  if (outlet_.broken()) hub_.mark_ready(*this);
}

void WebSocketStream::end(uint16_t code, std::string_view reason) {
  if (std::exchange(ended_, true)) return;
  Buffer frame;
  websocket::append_close(frame, code, reason);
  outlet_.write(frame.view());
}

void WebSocketStream::close(Close why, Buffer& last) {
  if (!last.empty()) write(last);
  end(to_close_code(why), "");
  hub_.forget(*this);
  hub_.farewell(std::move(outlet_));
  hub_.remove(*this);
}

void WebSocketStream::ready(bool, bool writable) {
  if (writable && !outlet_.flush()) return;
  hub_.mark_ready(*this);
}

}  // namespace mqttio::transport
