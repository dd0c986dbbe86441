#include "transport/hub.h"

#include <algorithm>
#include <utility>

#include "transport/door.h"
#include "transport/engine_endpoint.h"

namespace mqttio::transport {
namespace {

/// One read's worth for whoever is ready; nothing in it outlives the call that read it.
constexpr size_t kScratch = 64 * 1024;

}  // namespace

Hub::Hub(net::Loop& loop, const Options& options, const engineio::Options& engine, Fence fence, Site site, Warn warn)
    : loop_(loop),
      options_(options),
      fence_(fence),
      site_(std::move(site)),
      warn_(std::move(warn)),
      now_(net::Loop::now()),
      scratch_(kScratch),
      engine_(std::make_unique<EngineEndpoint>(*this, engine)) {}

Hub::~Hub() {
  residents_.clear();
  leaving_.clear();
}

Result<net::Address, std::string> Hub::listen(const std::string& host, uint16_t port, Admits admits) {
  auto listener = net::Listener::open(loop_, host, port);
  if (!listener) return std::unexpected(listener.error());
  const net::Address address = (*listener)->local();
  if (admits.http && web_port_ == 0) web_port_ = address.port;
  add<Door>(std::move(*listener), admits);
  return address;
}

void Hub::close_rest() { engine_->close_all(); }

bool Hub::delivering() const { return farewells_ > 0 || engine_->session_count() > 0; }

std::span<Stream* const> Hub::wait(Time until) {
  leaving_.clear();
  told_.clear();
  loop_.wait(ready_.empty() ? std::min(until, timers_.next()) : Time::min());
  now_ = net::Loop::now();
  loop_.tell();
  timers_.expire(now_);
  told_.swap(ready_);
  for (Stream* stream : told_) stream->listed_ = false;
  return told_;
}

void Hub::mark_ready(Stream& stream) {
  if (!std::exchange(stream.listed_, true)) ready_.push_back(&stream);
}

void Hub::again(Stream& stream) { mark_ready(stream); }

void Hub::forget(Stream& stream) {
  if (std::exchange(stream.listed_, false)) std::erase(ready_, &stream);
}

void Hub::keep(std::unique_ptr<Resident> resident) {
  resident->place_ = residents_.size();
  residents_.push_back(std::move(resident));
}

void Hub::remove(Resident& resident) {
  if (std::exchange(resident.leaving_, true)) return;
  residents_.back()->place_ = resident.place_;
  std::swap(residents_[resident.place_], residents_.back());
  leaving_.push_back(std::move(residents_.back()));
  residents_.pop_back();
}

void Hub::farewell(Outlet outlet, std::string sid) {
  if (!outlet) return;
  if (outlet.broken()) {
    if (!sid.empty()) engine_->answer_lost(sid);
    return connection_gone();
  }
  ++farewells_;
  add<Farewell>(std::move(outlet), std::move(sid));
}

void Hub::warn_full(const std::string& why) {
  if (now_ < next_warning_) return;
  next_warning_ = now_ + kWarnPause;
  warn_("connections are turned away: " + why);
}

bool Hub::admit_connection() {
  if (connections_ >= options_.max_connections) {
    warn_full("there are " + std::to_string(connections_) + " (listener.max_connections)");
    return false;
  }
  ++connections_;
  return true;
}

}  // namespace mqttio::transport
