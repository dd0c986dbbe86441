#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/timers.h"
#include "engineio/options.h"
#include "http/message.h"
#include "net/loop.h"
#include "net/socket.h"
#include "transport/fence.h"
#include "transport/options.h"
#include "transport/outlet.h"
#include "transport/stream.h"

namespace mqttio::transport {

class EngineEndpoint;
class Hub;

/// Anything that lives in a Hub and is owned by it: listeners, connections, sessions.
class Resident {
 public:
  explicit Resident(Hub& hub) : hub_(hub) {}
  virtual ~Resident() = default;
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;

 protected:
  Hub& hub_;

 private:
  friend class Hub;
  size_t place_ = 0;
  bool leaving_ = false;
};

/// All listeners and streams of one shard: turns ready sockets into ready streams, whatever lies between. It knows
/// protocols down to the bytes of MQTT, and not one of those.
class Hub final : public Source {
 public:
  /// Answers requests that are for no transport: the pages.
  using Site = std::function<http::Response(const http::Request&)>;
  /// Is told, seldom, of what an operator should know.
  using Warn = std::function<void(const std::string&)>;

  Hub(net::Loop& loop, const Options& options, const engineio::Options& engine, Fence fence, Site site, Warn warn);
  ~Hub() override;

  /// Which protocols a listener admits; its first bytes decide.
  struct Admits {
    bool mqtt = false;
    bool http = false;
  };
  /// Listens from now on. The error is a sentence for people, without the address.
  Result<net::Address, std::string> listen(const std::string& host, uint16_t port, Admits admits);
  /// From now on only those who are here already are served: a polling client fetches its last words over one more
  /// connection.
  void stop_admitting() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  /// Ends what is left when all streams were closed: sessions that have no stream yet.
  void close_rest();
  /// Where to send a browser that came to the wrong port; 0: nowhere.
  uint16_t web_port() const { return web_port_; }
  /// Peers are still fetching their last bytes.
  bool delivering() const;

  // Source
  std::span<Stream* const> wait(Time until) override;
  Time now() override { return now_; }
  void again(Stream& stream) override;

  // ---- for residents
  Timers& timers() { return timers_; }
  const Options& options() const { return options_; }
  const Fence& fence() const { return fence_; }
  const Site& site() const { return site_; }
  /// Connections cannot be let in, for this reason. Tells it, but not more than once in `kWarnPause`.
  void warn_full(const std::string& why);
  EngineEndpoint& engine() { return *engine_; }
  std::span<std::byte> scratch() { return scratch_; }

  template <class R, class... Args>
  R& add(Args&&... args) {
    auto made = std::make_unique<R>(*this, std::forward<Args>(args)...);
    R& resident = *made;
    keep(std::move(made));
    return resident;
  }
  /// Takes it out of the house; it dies before the next wait, so that whoever called it may return.
  void remove(Resident& resident);
  void mark_ready(Stream& stream);
  /// The stream's owner has closed it.
  void forget(Stream& stream);
  /// Delivers what is left in the outlet, waits for the peer to have it, then closes. A peer that takes nothing has
  /// `Options::close_timeout`. `sid`: as `HttpConnection::respond` takes it.
  void farewell(Outlet outlet, std::string sid = {});
  /// A connection that came in; false: there are too many.
  bool admit_connection();
  void connection_gone() { --connections_; }
  void farewell_done() {
    --farewells_;
    --connections_;
  }

 private:
  static constexpr auto kWarnPause = std::chrono::seconds(10);

  void keep(std::unique_ptr<Resident> resident);

  net::Loop& loop_;
  Options options_;
  Fence fence_;
  Site site_;
  Warn warn_;
  Time next_warning_ = Time::min();
  Timers timers_;
  Time now_;
  std::vector<std::byte> scratch_;
  std::vector<std::unique_ptr<Resident>> residents_;
  std::vector<std::unique_ptr<Resident>> leaving_;
  uint16_t web_port_ = 0;
  std::vector<Stream*> ready_;  ///< Gathered for the next answer of `wait`.
  std::vector<Stream*> told_;   ///< The last answer.
  std::unique_ptr<EngineEndpoint> engine_;
  size_t connections_ = 0;
  size_t farewells_ = 0;
  bool stopping_ = false;
};

}  // namespace mqttio::transport
