#pragma once

#include <memory>

#include "http/message.h"

namespace mqttio::http {

/// Bytes to requests, one after the other over one connection. Holds no memory between requests. The parsing is
/// Boost.Beast's. Refused is what lets two parties read one stream differently: doubled lengths, a length beside
/// chunks, codings other than chunks, bare line feeds, spaces before a colon, folded lines, not exactly one Host.
/// Trailers are passed over.
class RequestParser {
 public:
  struct Options {
    uint32_t max_header = 16 * 1024;  ///< Request line and headers, bytes; also trailers and the like. Protects memory.
    uint64_t max_body = 1'000'000;    ///< Bytes, known from Content-Length or counted. Protects memory.
  };

  explicit RequestParser(const Options& options);
  ~RequestParser();

  /// Takes bytes off the front of `in` until a request is whole; nullopt: it is not yet, and what is left of `in` must
  /// come again with more behind it.
  Result<std::optional<Request>> next(Bytes& in);

  /// A request has begun and is not whole.
  bool busy() const { return parser_ != nullptr; }

  /// That request, once its header is whole: its body is still coming. Null before.
  const Request* arriving() const;

  /// True once when the peer waits for "100 Continue" before it sends the body.
  bool take_expectation();

 private:
  class Parser;
  Options options_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mqttio::http
