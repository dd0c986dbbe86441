#include "transport/fence.h"

#include <algorithm>

namespace mqttio::transport {
namespace {

/// What a proxy adds to a request that it passes on.
constexpr std::string_view kProxyHeaders[] = {
    "forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server"};

bool came_by_proxy(const http::Request& request) {
  return request.minor_version == 0 ||
         std::ranges::any_of(kProxyHeaders, [&](std::string_view name) { return request.find(name).has_value(); });
}

std::string_view without_scheme(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == origin.npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const size_t port = host.starts_with('[') ? host.find("]:") : host.rfind(':');
  if (port != host.npos && !host.ends_with(']')) host = host.substr(0, host.starts_with('[') ? port + 1 : port);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.ends_with(".localhost");
}

bool Fence::is_local(const net::Address& peer, const http::Request* request) const {
  if (run == Run::development) return true;
  if (run == Run::configured || !peer.loopback) return false;
  if (request == nullptr) return true;
  const auto origin = request->find("origin");
  return !came_by_proxy(*request) && is_loopback_host(request->find("host").value_or("")) &&
         (!origin || is_loopback_host(without_scheme(*origin)));
}

bool Fence::admits_host(const http::Request& request) const {
  return run != Run::zero_config || is_loopback_host(request.find("host").value_or(""));
}

bool Fence::admits_origin(const http::Request& request) const {
  const auto origin = request.find("origin");
  if (!origin || run == Run::development) return true;
  const std::string_view host = without_scheme(*origin);
  return host == request.find("host").value_or("") || (run == Run::zero_config && is_loopback_host(host));
}

}  // namespace mqttio::transport
