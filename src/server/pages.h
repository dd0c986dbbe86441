#pragma once

#include "http/message.h"

namespace mqttio::server {

/// Answers requests for the pages in the binary: the demo, and socket.io-client's own file.
http::Response serve_page(const http::Request& request);

}  // namespace mqttio::server
