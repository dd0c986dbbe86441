#include "http/request_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

namespace mqttio::http {

namespace beast = boost::beast;
using beast::error_code;

/// Collects what Beast finds. Its own limits are used, so that they hold before anything is stored.
class RequestParser::Parser final : public beast::http::basic_parser<true> {
 public:
  explicit Parser(const Options& options) {
    header_limit(options.max_header);
    body_limit(options.max_body);
    eager(true);
  }

  Request request;
  bool expects = false;

 private:
  using View = beast::string_view;
  static std::string copy(View view) { return {view.data(), view.size()}; }

  void on_request_impl(beast::http::verb, View method, View target, int version, error_code&) override {
    request.method = copy(method);
    request.minor_version = version % 10;
    const std::string whole = copy(target);
    const size_t question = std::min(whole.find('?'), whole.size());
    request.path = percent_decode(std::string_view(whole).substr(0, question), false);
    if (question < whole.size()) request.query = whole.substr(question + 1);
  }
  void on_field_impl(beast::http::field, View name, View value, error_code&) override {
    request.headers.push_back({copy(name), copy(value)});
  }
  void on_header_impl(error_code&) override {
    request.keep_alive = keep_alive();
    expects = request.minor_version > 0 && has_token(request.find("expect").value_or(""), "100-continue");
  }
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(static_cast<size_t>(std::min<uint64_t>(*length, 64 * 1024)));
  }
  size_t on_body_impl(View body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  size_t on_chunk_body_impl(uint64_t, View body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_chunk_header_impl(uint64_t, View, error_code&) override {}
  void on_finish_impl(error_code&) override {}
};

namespace {

Error to_error(const error_code& code) {
  using beast::http::error;
  if (code == error::body_limit) return {413, "the body is larger than the limit"};
  if (code == error::header_limit) return {431, "the request line and headers are larger than the limit"};
  if (code == error::bad_version) return {505, "not HTTP/1.0 or 1.1"};
  if (code == error::bad_transfer_encoding) return {501, "an unknown transfer coding"};
  return {400, "not a well-formed HTTP request"};
}

}  // namespace

RequestParser::RequestParser(const Options& options) : options_(options) {}
RequestParser::~RequestParser() = default;

bool RequestParser::take_expectation() { return parser_ != nullptr && std::exchange(parser_->expects, false); }

Result<std::optional<Request>> RequestParser::next(Bytes& in) {
  while (!in.empty()) {
    if (parser_ == nullptr) parser_ = std::make_unique<Parser>(options_);
    error_code error;
    const size_t used = parser_->put(boost::asio::const_buffer(in.data(), in.size()), error);
    in = in.subspan(used);
    if (error && error != beast::http::error::need_more) return std::unexpected(to_error(error));
    if (parser_->is_done()) {
      Request request = std::move(parser_->request);
      parser_ = nullptr;
      return request;
    }
    if (used == 0) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mqttio::http
