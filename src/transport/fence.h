#pragma once

#include <string_view>

#include "http/message.h"
#include "net/socket.h"

namespace mqttio::transport {

/// Who counts as a program on this machine, and which pages may talk to us. A socket's address alone is no proof: a
/// reverse proxy beside us makes the whole world look local.
struct Fence {
  enum class Run : uint8_t {
    zero_config,  ///< Nobody wrote anything down: loopback only, and everything about a request must say so.
    configured,   ///< Somebody chose an address: nobody is local, pages of our own origin are welcome.
    development,  ///< `--dev`: everything is welcome.
  };
  Run run = Run::zero_config;

  /// Whether whoever sent this request, or opened this connection if there is none, is beyond doubt on this machine.
  bool is_local(const net::Address& peer, const http::Request* request) const;

  /// Whether to answer a request for this Host at all: a page of another site must not reach a zero-config run by a
  /// name that its owner lets point here (DNS rebinding).
  bool admits_host(const http::Request& request) const;

  /// Whether a page of the request's Origin may use us; requests without one are no pages.
  bool admits_origin(const http::Request& request) const;
};

/// "localhost", "127.0.0.1", "[::1]", with or without a port.
bool is_loopback_host(std::string_view host);

}  // namespace mqttio::transport
