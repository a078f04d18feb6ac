// The inside of the listener: what its connections share, and what it asks of one of them.
//
// Timeouts are kept by one tick of the core, a few times a second: a connection only stores the tick at which
// its current step is overdue, and the core looks at all of them.  So a request pays for no timer.
//
// Only listener.cc and connection.cc include this file; connection.cc alone knows Boost.Beast.
//
// Thread safety: ListenerCore from any thread; a connection runs on its strand.

#ifndef ATTUNE_HTTP_LISTENER_CORE_H_
#define ATTUNE_HTTP_LISTENER_CORE_H_

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <cstdint>
#include <memory>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/status.h"
#include "http/listener.h"
#include "http/message.h"
#include "http/wire.h"

namespace attune::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using NetworkError = boost::system::error_code;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<Tcp, Strand>;

// One client, as the core sees it.  All methods from any thread.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  virtual ~ClientConnection() = default;
  // Once, on the connection's strand.
  virtual void Begin() = 0;
  // Close if idle; else after the answer in hand.
  virtual void BeginStop() = 0;
  // Close now, and drop answers that come later.
  virtual void ForceClose() = 0;
  // The current step is overdue.
  virtual void OnDeadline() = 0;

  static constexpr int64_t kNoDeadline = INT64_MAX;
  int64_t deadline_tick() const { return deadline_tick_.load(std::memory_order_relaxed); }

 protected:
  std::atomic<int64_t> deadline_tick_{kNoDeadline};
};

// What all connections of one listener share.
class ListenerCore : public std::enable_shared_from_this<ListenerCore> {
 public:
  ListenerCore(const ListenerOptions& listener_options, Handler request_handler, BodyLimit limit,
               const Clock& system_clock, RandomSource& random)
      : options(listener_options),
        handler(std::move(request_handler)),
        body_limit(std::move(limit)),
        clock(system_clock),
        request_ids(random),
        tick_ms_(TickMs(listener_options)),
        acceptor_(asio::make_strand(context_)),
        accept_pause_(acceptor_.get_executor()),
        tick_timer_(acceptor_.get_executor()),
        grace_timer_(acceptor_.get_executor()),
        work_(asio::make_work_guard(context_)) {}

  Status Open();
  void Run();
  void Stop(int64_t grace_ms);

  void Join(ClientConnection* connection);
  void Leave(ClientConnection* connection);
  // The tick at which something that may take `timeout_ms` from now is overdue.
  int64_t DeadlineAfter(int64_t timeout_ms) const;

  const ListenerOptions options;
  const Handler handler;
  const BodyLimit body_limit;
  const Clock& clock;
  RequestIds request_ids;

  std::atomic<bool> is_stopping{false};
  std::atomic<int64_t> requests_in_flight{0};
  std::atomic<int64_t> body_bytes_in_flight{0};
  std::atomic<int64_t> connections_open{0};
  std::atomic<int64_t> refusals_open{0};
  std::atomic<uint64_t> connections_accepted{0};
  std::atomic<uint64_t> connections_refused{0};
  std::atomic<uint64_t> requests_refused{0};
  std::atomic<uint64_t> requests_malformed{0};
  std::atomic<uint64_t> requests_timed_out{0};
  std::atomic<uint64_t> bytes_received{0};
  std::atomic<uint64_t> bytes_sent{0};
  uint16_t port = 0;

 private:
  void Accept();
  void Tick();
  void OnAccept(NetworkError error, Socket socket);
  // Those whose deadline is at or before `due_tick`; kNoDeadline: all.
  std::vector<std::shared_ptr<ClientConnection>> PinConnections(int64_t due_tick);

  // Short enough for the shortest timeout to be kept within a quarter of itself.
  static int64_t TickMs(const ListenerOptions& options);

  const int64_t tick_ms_;
  std::atomic<int64_t> tick_{0};  // Ticks since the start: the time by which deadlines are kept.
  asio::io_context context_;
  asio::basic_socket_acceptor<Tcp, Strand> acceptor_;
  asio::steady_timer accept_pause_;
  asio::steady_timer tick_timer_;
  asio::steady_timer grace_timer_;
  bool is_ended_ = false;  // On the acceptor's strand: no tick follows.
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;

  Mutex mutex_;
  ConditionVariable changed_;
  std::unordered_set<ClientConnection*> connections_ GUARDED_BY(mutex_);
  bool is_acceptor_closed_ GUARDED_BY(mutex_) = false;
  bool is_grace_over_ GUARDED_BY(mutex_) = false;
};

// A refused connection is told that the server is full, and closed.
std::shared_ptr<ClientConnection> MakeConnection(std::shared_ptr<ListenerCore> core, Socket socket,
                                                 bool is_refused);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_LISTENER_CORE_H_
