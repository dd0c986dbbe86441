#include "http/request_parser.h"

#include <boost/algorithm/string/predicate.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/verb.hpp>

namespace mqttio::http {

namespace beast = boost::beast;
using beast::error_code;

namespace {

constexpr std::string_view kTooMuchHeader = "the request line and headers are larger than the limit";

Error to_error(const error_code& code) {
  using beast::http::error;
  if (code == error::body_limit) return {413, "the body is larger than the limit"};
  if (code == error::header_limit) return {431, kTooMuchHeader};
  if (code == error::bad_version) return {505, "not HTTP/1.0 or 1.1"};
  return {400, "not a well-formed HTTP request"};
}

}  // namespace

/// Collects what Beast finds, and refuses what Beast lets pass although a proxy before us may read it differently.
/// Beast holds each put alone against its header limit; the whole header is counted here.
class RequestParser::Parser final : public beast::http::basic_parser<true> {
 public:
  explicit Parser(const Options& options) : max_header_(options.max_header) {
    header_limit(options.max_header + 1);
    body_limit(options.max_body);
  }

  Request request;
  bool expects = false;

  /// Takes one step off the front of `in`: the header, or a piece of the body. False: it needs more for the next.
  Result<bool> step(Bytes& in) {
    // No request ends with fewer bytes than a last chunk has. Beast, with fewer at hand, does not wait but asserts.
    if (is_header_done() && chunked() && in.size() < kLastChunk) return false;
    input_ = as_text(in);
    const bool in_header = !is_header_done();
    error_code error;
    const size_t used = put(boost::asio::const_buffer(in.data(), in.size()), error);
    in = in.subspan(used);
    if (error && error != beast::http::error::need_more) return std::unexpected(refusal_ ? *refusal_ : to_error(error));
    if (in_header) header_size_ += used;
    const size_t begun = !in_header ? (used == 0 ? in.size() : 0)  // of a chunk's header, or of the trailers
                                    : header_size_ + (is_header_done() ? 0 : in.size());
    if (begun > max_header_) return std::unexpected(Error{431, kTooMuchHeader});
    return used > 0;
  }

 private:
  using View = beast::string_view;
  static constexpr size_t kLastChunk = 5;  // "0", CR LF, CR LF
  static std::string copy(View view) { return {view.data(), view.size()}; }

  void refuse(error_code& code, int status, std::string_view what) {
    refusal_ = Error{status, what};
    code = beast::http::error::bad_field;
  }

  void on_request_impl(beast::http::verb, View method, View target, int version, error_code&) override {
    request.method = copy(method);
    request.minor_version = version % 10;
    const std::string whole = copy(target);
    const size_t question = std::min(whole.find('?'), whole.size());
    request.path = percent_decode(std::string_view(whole).substr(0, question), false);
    if (question < whole.size()) request.query = whole.substr(question + 1);
  }

  void on_field_impl(beast::http::field, View name, View value, error_code& code) override {
    if (is_folded(name, value)) return refuse(code, 400, "a header that is folded over several lines");
    if (is_header_done()) return;  // a trailer: whoever checked the headers did not see it
    request.headers.push_back({copy(name), copy(value)});
  }
  /// RFC 9112, 5.2. Beast unfolds such a value elsewhere, or lets it begin on a later line than its name.
  bool is_folded(View name, View value) const {
    const size_t colon = static_cast<size_t>(name.end() - input_.data());
    const size_t begin = static_cast<size_t>(value.data() - input_.data());
    return begin < colon || begin > input_.size() || input_.substr(colon, begin - colon).find('\n') != input_.npos;
  }

  void on_header_impl(error_code& code) override {
    size_t hosts = 0;
    size_t lengths = 0;
    for (const Header& header : request.headers) {
      hosts += boost::iequals(header.name, "host");
      if (boost::iequals(header.name, "content-length")) lengths += 1 + (header.value.find(',') != std::string::npos);
      if (!boost::iequals(header.name, "transfer-encoding")) continue;
      if (request.minor_version == 0) return refuse(code, 400, "a transfer coding in HTTP/1.0");  // RFC 9112, 6.1
      if (!boost::iequals(header.value, "chunked")) return refuse(code, 501, "an unknown transfer coding");
    }
    if (lengths > 1) return refuse(code, 400, "more than one length");
    if (hosts > 1 || (hosts == 0 && request.minor_version > 0))
      return refuse(code, 400, "not exactly one Host");  // RFC 9112, 3.2
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
  void on_chunk_header_impl(uint64_t, View extension, error_code& code) override {
    if (extension.size() > max_header_) refuse(code, 431, kTooMuchHeader);
  }
  size_t on_chunk_body_impl(uint64_t, View body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_response_impl(int, View, int, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  const uint32_t max_header_;
  size_t header_size_ = 0;
  std::string_view input_;  ///< What this step reads: views into it tell where a field stood.
  std::optional<Error> refusal_;
};

RequestParser::RequestParser(const Options& options) : options_(options) {}
RequestParser::~RequestParser() = default;

const Request* RequestParser::arriving() const {
  return parser_ != nullptr && parser_->is_header_done() ? &parser_->request : nullptr;
}

bool RequestParser::take_expectation() { return parser_ != nullptr && std::exchange(parser_->expects, false); }

Result<std::optional<Request>> RequestParser::next(Bytes& in) {
  while (!in.empty()) {
    if (parser_ == nullptr) parser_ = std::make_unique<Parser>(options_);
    const auto stepped = parser_->step(in);
    if (!stepped) return std::unexpected(stepped.error());
    if (parser_->is_done()) {
      Request request = std::move(parser_->request);
      parser_ = nullptr;
      return request;
    }
    if (!*stepped) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace mqttio::http
