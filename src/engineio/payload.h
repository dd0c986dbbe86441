#pragma once

#include "engineio/packet.h"

namespace mqttio::engineio {

/// How the packets of a polling body are joined.
enum class Form : uint8_t {
  separated,  ///< Revision 4: text packets with 0x1e between them.
  counted,    ///< Revision 3: text packets, each behind its length in UTF-16 units.
  binary,     ///< Revision 3: `application/octet-stream`.
};

/// What a polling session may write or must read: the form follows from the revision and, in revision 3, from whether
/// both ends take binary.
constexpr Form form_of(Revision revision, bool binary) {
  return revision == Revision::v4 ? Form::separated : binary ? Form::binary : Form::counted;
}
std::string_view content_type(Form form);

/// A polling body to packets, in order. The body must outlive it.
class PayloadDecoder {
 public:
  PayloadDecoder(Revision revision, Form form, Bytes body) : revision_(revision), form_(form), rest_(body) {}

  /// The next packet; it lives until the next call. nullopt: there are no more. An empty body is an error.
  Result<std::optional<Packet>> next();

 private:
  /// A body of a megabyte of nothing but separators must not cost more than one that says something.
  static constexpr size_t kMaxPackets = 4096;
  /// No honest length needs more; bounds the reading of hostile ones.
  static constexpr size_t kMaxDigits = 10;

  Result<Packet> next_separated();
  Result<Packet> next_counted();
  Result<Packet> next_binary();

  Revision revision_;
  Form form_;
  Bytes rest_;
  Buffer scratch_;
  size_t count_ = 0;
  bool more_ = true;
};

/// Packets to a polling body. Text must be ASCII, so that all generations agree about its length.
class PayloadWriter {
 public:
  PayloadWriter(Revision revision, Form form, Buffer& out) : revision_(revision), form_(form), out_(out) {}

  void add(const Packet& packet);
  size_t count() const { return count_; }

 private:
  Revision revision_;
  Form form_;
  Buffer& out_;
  size_t count_ = 0;
};

/// Packets in one body that every client takes: some stop reading at 16.
inline constexpr size_t kMaxPacketsSent = 16;

}  // namespace mqttio::engineio
