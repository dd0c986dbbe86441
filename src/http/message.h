#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/buffer.h"
#include "base/result.h"

namespace mqttio::http {

/// Why a request cannot be served, as the peer is told.
struct Error {
  int status;             ///< 400 and above.
  std::string_view what;  ///< Always a literal.
};

template <class T>
using Result = mqttio::Result<T, Error>;

struct Header {
  std::string name;
  std::string value;
};

/// A whole request. Owns its strings.
struct Request {
  std::string method;
  std::string path;   ///< Percent-decoded; without the query.
  std::string query;  ///< As it came, without the question mark.
  int minor_version = 1;
  bool keep_alive = true;
  std::vector<Header> headers;
  std::string body;

  /// The first header of that name (in lower case), whatever the peer's case.
  std::optional<std::string_view> find(std::string_view name) const;
  /// The percent-decoded value of a query parameter; the last one wins.
  std::optional<std::string> parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string content_type;  ///< "" with an empty body.
  std::string body;
  std::vector<Header> headers;
  bool close = false;  ///< The connection ends with it.
};

/// An answer for people: a line of plain text, to which the line's end is added.
Response plain(int status, std::string_view text);

/// What the answer must know of its request.
struct Framing {
  bool keep_alive = true;
  bool head_only = false;  ///< HEAD: the length is told, the body is not sent.
};

/// Appends the response with an exact Content-Length.
void append_response(Buffer& out, const Response& response, const Framing& framing);

/// The standard's words for a status: "Not Found".
std::string_view reason_phrase(int status);

/// Whether `list` (a comma separated header value) has `token`, whatever the case.
bool has_token(std::string_view list, std::string_view token);

/// Undoes %XX (and, in a query, `+`); what is not well formed stays as it is.
std::string percent_decode(std::string_view text, bool plus_is_space);

}  // namespace mqttio::http
