#pragma once

// Boost.Asio as this room uses it: readiness only, concrete executors, no threads. For the .cc files of net/ alone.

#define BOOST_ASIO_NO_DEPRECATED
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/loop.h"

namespace mqttio::net {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using AsioSocket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using AsioAcceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

struct LoopCore {
  struct Ready {
    Waiter* waiter;
    bool readable;
    bool writable;
  };

  asio::io_context io{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  asio::executor_work_guard<Executor> work{io.get_executor()};
  asio::basic_signal_set<Executor> signals{io.get_executor()};
  int stop_signals = 0;
  std::vector<Ready> ready;

  /// What `waiter` was to be told goes to `other`, or to nobody: one that has left its socket may be gone already.
  void redirect(const Waiter* waiter, Waiter* other) {
    if (waiter == nullptr) return;
    for (Ready& entry : ready)
      if (entry.waiter == waiter) entry.waiter = other;
  }
  void await_signal() {
    signals.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      ++stop_signals;
      await_signal();
    });
  }
};

}  // namespace mqttio::net
