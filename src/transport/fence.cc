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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_port(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

bool is_name_letter(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_';
}

std::string_view without_scheme(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return scheme == origin.npos ? std::string_view() : origin.substr(scheme + 3);
}

}  // namespace

bool is_loopback_host(std::string_view host) {
  const size_t colon = host.find(':', host.starts_with('[') ? std::min(host.find(']'), host.size()) : 0);
  if (colon != host.npos && !is_port(host.substr(colon + 1))) return false;
  host = host.substr(0, colon);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]" ||
         (host.ends_with(".localhost") && std::ranges::all_of(host, is_name_letter));
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
  if (host.empty()) return false;  // "null", above all
  return host == request.find("host").value_or("") || (run == Run::zero_config && is_loopback_host(host));
}

}  // namespace mqttio::transport
