#include "socketio/json.h"

#include <algorithm>
#include <boost/json/src.hpp>

namespace mqttio::socketio {
namespace {

namespace json = boost::json;

/// Deeper than any event of ours, and shallow enough for the parser's stack.
constexpr size_t kMaxDepth = 32;
/// The longest text that is read as JSON, whatever a message may have: parsed it takes a dozen times its size.
constexpr size_t kMaxText = 1024 * 1024;
/// What the reference's own clients refuse to emit; an event of that name closes the connection.
constexpr std::string_view kReserved[] = {"connect",       "connect_error", "disconnect",
                                          "disconnecting", "newListener",   "removeListener"};

json::value parse(std::string_view text, bool& good) {
  good = false;
  if (text.size() > kMaxText) return nullptr;
  json::error_code error;
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  good = !error;
  return value;
}

bool is_byte(const json::value& value) {
  return value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= 255;
}

/// `{"type":"Buffer","data":[1,2,...]}`, as Node writes a Buffer that is not sent as binary.
bool take_buffer(const json::object& object, Buffer& bytes) {
  const json::value* type = object.if_contains("type");
  const json::value* data = object.if_contains("data");
  if (type == nullptr || *type != "Buffer" || data == nullptr || !data->is_array()) return false;
  if (!std::ranges::all_of(data->get_array(), is_byte)) return false;
  for (const json::value& item : data->get_array()) bytes.put_u8(static_cast<uint8_t>(item.get_int64()));
  return true;
}

bool take_placeholder(const json::object& object, uint64_t& number) {
  const json::value* mark = object.if_contains("_placeholder");
  const json::value* num = object.if_contains("num");
  if (mark == nullptr || *mark != true || num == nullptr || !num->is_int64() || num->get_int64() < 0) return false;
  number = static_cast<uint64_t>(num->get_int64());
  return true;
}

}  // namespace

Result<EventArguments> parse_event(std::string_view text, Buffer& bytes) {
  bool good = false;
  const json::value value = parse(text, good);
  if (!good || !value.is_array() || value.get_array().empty()) return fail("an event that is no JSON array");
  const json::array& array = value.get_array();
  if (!array[0].is_string() && !array[0].is_number()) return fail("an event without a name");
  const std::string_view name = array[0].is_string() ? std::string_view(array[0].get_string()) : "";
  if (std::ranges::find(kReserved, name) != std::end(kReserved)) return fail("an event of a reserved name");
  EventArguments arguments{.is_message = name == "message"};
  if (array.size() < 2 || !array[1].is_object()) return arguments;
  const json::object& first = array[1].get_object();
  if (take_placeholder(first, arguments.placeholder))
    arguments.first = EventArguments::First::placeholder;
  else if (take_buffer(first, bytes))
    arguments.first = EventArguments::First::bytes;
  return arguments;
}

bool is_object(std::string_view text) {
  bool good = false;
  return parse(text, good).is_object() && good;
}

}  // namespace mqttio::socketio
