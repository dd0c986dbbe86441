#pragma once

#include "engineio/packet.h"

namespace mqttio::engineio {

/// How the packets of a polling body are joined.
enum class Form : uint8_t {
  separated,  ///< Revision 4: text packets with 0x1e between them.
  counted,    ///< Revision 3: text packets, each behind its length in UTF-16 units (some old clients count bytes).
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

  /// A megabyte of packets without content would cost far more than a megabyte of content. No client puts more than
  /// some dozens into a body.
  static constexpr size_t kMaxPackets = 4096;

 private:
  Result<Packet> next_separated();
  Result<Packet> next_counted();
  Result<Packet> next_binary();
  /// Counted packets without even a type mean nothing, to the reference, too.
  void skip_empty();

  Revision revision_;
  Form form_;
  Bytes rest_;
  Buffer scratch_;
  size_t count_ = 0;
  bool more_ = true;
  bool counts_bytes_ = false;  ///< What the lengths of this counted body mean, decided by looking at all of it.
};

/// Packets to a polling body. Text should be ASCII: generations of clients disagree about the length of any other.
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
