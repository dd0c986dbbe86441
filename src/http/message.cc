#include "http/message.h"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/algorithm/string/trim.hpp>
#include <charconv>

namespace mqttio::http {
namespace {

/// Takes what stands before the next `separator` off the front; false: nothing left.
bool take_part(std::string_view& text, char separator, std::string_view& part) {
  if (text.data() == nullptr) return false;
  const size_t at = text.find(separator);
  part = text.substr(0, at);
  text = at == text.npos ? std::string_view() : text.substr(at + 1);
  return true;
}

void append_header(Buffer& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(std::string_view(": "));
  out.append(value);
  out.append(std::string_view("\r\n"));
}

/// These have neither a body nor a length. RFC 9110, 8.6.
bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::optional<std::string_view> Request::find(std::string_view name) const {
  for (const Header& header : headers)
    if (boost::iequals(header.name, name)) return header.value;
  return std::nullopt;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::optional<std::string> found;
  std::string_view rest = query;
  for (std::string_view pair; take_part(rest, '&', pair);) {
    const size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decode(pair.substr(0, equals), true) != name) continue;
    found = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
  }
  return found;
}

bool has_token(std::string_view list, std::string_view token) {
  for (std::string_view part; take_part(list, ',', part);)
    if (boost::iequals(boost::trim_copy(std::string(part)), token)) return true;
  return false;
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string plain;
  plain.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    uint8_t byte = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '%' && text.size() - i > 2 && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return plain;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 204: return "No Content";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
  }
}

Response plain(int status, std::string_view text) {
  return {.status = status, .content_type = "text/plain; charset=utf-8", .body = std::string(text) + "\n"};
}

void append_response(Buffer& out, const Response& response, const Framing& framing) {
  out.append("HTTP/1.1 " + std::to_string(response.status) + " ");
  out.append(reason_phrase(response.status));
  out.append(std::string_view("\r\n"));
  if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
  if (!is_bodiless(response.status)) append_header(out, "Content-Length", std::to_string(response.body.size()));
  for (const Header& header : response.headers) append_header(out, header.name, header.value);
  append_header(out, "Connection", framing.keep_alive ? "keep-alive" : "close");
  out.append(std::string_view("\r\n"));
  if (!framing.head_only && !is_bodiless(response.status)) out.append(response.body);
}

}  // namespace mqttio::http
