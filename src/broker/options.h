#pragma once

#include "base/options.h"

namespace mqttio::broker {

using namespace std::chrono_literals;

/// What an operator may decide about MQTT. Each bound says whom it protects.
struct Options {
  Size max_packet_size{8ull * 1024 * 1024};
  uint16_t receive_maximum = 1000;
  uint16_t max_inflight = 64;
  uint16_t topic_alias_maximum = 32;
  uint32_t max_topic_levels = 200;
  bool strict_utf8 = true;
  std::chrono::milliseconds connect_timeout = 10s;
  std::chrono::milliseconds session_expiry_max = 7 * 24h;
  uint32_t queue_messages = 1000;
  Size queue_bytes{16ull * 1024 * 1024};
  uint32_t max_subscriptions = 100'000;
};

/// In milliseconds: no wait of this room needs longer, and clocks can count it.
inline constexpr uint64_t kDay = 86'400'000;

inline constexpr Field<Options> kOptions[] = {
    {"mqtt.max_packet_size", &Options::max_packet_size, "Largest MQTT packet, whole; protects memory.", 1024,
     268'435'455},
    {"mqtt.receive_maximum", &Options::receive_maximum,
     "Publishes at QoS 1 and 2 that one client may have open towards us; protects memory.", 1},
    {"mqtt.max_inflight", &Options::max_inflight,
     "Publishes at QoS 1 and 2 that we have open towards one client, if it does not ask for fewer.", 1},
    {"mqtt.topic_alias_maximum", &Options::topic_alias_maximum, "Topic aliases one client may set; 0 is none."},
    {"mqtt.max_topic_levels", &Options::max_topic_levels,
     "Levels of a topic name or filter; protects the router's memory.", 1, 65'535},
    {"mqtt.strict_utf8", &Options::strict_utf8, "Refuse control characters and noncharacters in topics and ids."},
    {"mqtt.connect_timeout", &Options::connect_timeout,
     "How long a connection may take to send CONNECT; protects the table of connections.", 100, kDay},
    {"session.max_expiry", &Options::session_expiry_max,
     "Longest that a session outlives its connection; MQTT 3 clients with clean session off get this.", 1000,
     136ull * 365 * 86'400'000},
    {"queue.max_messages", &Options::queue_messages,
     "Messages waiting for one client beyond those in flight. Above: what has expired goes, then what came at QoS 0, then "
     "the newest is dropped; all counted.",
     1},
    {"queue.max_bytes", &Options::queue_bytes,
     "The same in bytes of topics, payloads and properties. One message always fits.", 1024},
    {"limits.subscriptions", &Options::max_subscriptions, "Subscriptions of one client; protects the router.", 1},
};

}  // namespace mqttio::broker
