// Takes connections on one TCP port and turns their bytes into Requests, and Responses into bytes.
//
//   accept -> [idle] -> headers -> body -> Handler ... respond -> write -> [idle] -> ...
//
// HTTP/1.0 and 1.1: keep-alive, pipelining (answered in order, one at a time), chunked bodies, Expect:
// 100-continue, HEAD, gzip bodies.  TLS and HTTP/2 are a reverse proxy's business.
//
// What a client can do wrong ends in an answer of http/error_response.h where it can still be told (400, 408,
// 413, 415, 417, 431), and in a closed connection.  A client that is told so while it is still sending is
// read on for a moment, so that it sees the answer and not a reset.  All limits are those of ListenerOptions.
//
// A few I/O threads run everything; a connection is on at most one of them at a time.  Handlers run on them
// too: they must not wait.
//
// Thread safety: all methods from any thread; Stop() once.

#ifndef ATTUNE_HTTP_LISTENER_H_
#define ATTUNE_HTTP_LISTENER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "http/limits.h"
#include "http/message.h"

namespace attune::http {

struct ListenerOptions {
  std::string address = "127.0.0.1";  // IPv4 or IPv6; "0.0.0.0" and "::" listen everywhere.
  uint16_t port = 0;                  // 0: any free one; see Listener::port().
  int thread_count = 2;
  size_t header_bytes_max = kHeaderBytesMax;
  size_t body_bytes_in_flight_max = kBodyBytesInFlightMax;
  int connections_max = kConnectionsMax;
  int requests_in_flight_max = kRequestsInFlightMax;
  int64_t header_timeout_ms = kHeaderTimeoutMs;
  int64_t body_timeout_ms = kBodyTimeoutMs;
  int64_t idle_timeout_ms = kIdleTimeoutMs;
  int64_t write_timeout_ms = kWriteTimeoutMs;
  int64_t linger_ms = kLingerMs;
};

// Most bytes of body that a request may bring, asked once its headers are read.
using BodyLimit = std::function<size_t(std::string_view method, std::string_view path)>;

struct ListenerStatistics {
  int64_t connections_open = 0;
  int64_t requests_in_flight = 0;
  int64_t body_bytes_in_flight = 0;
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;  // Over connections_max.
  uint64_t requests_refused = 0;     // Over requests_in_flight_max or body_bytes_in_flight_max.
  uint64_t requests_malformed = 0;   // Answered with a 4xx before any handler saw them, other than 408.
  uint64_t requests_timed_out = 0;
  uint64_t bytes_received = 0;  // Bodies as received.
  uint64_t bytes_sent = 0;
};

class ListenerCore;  // In listener.cc, with everything that knows the network library.

class Listener {
 public:
  // Binds the port and serves at once.  Fails with kUnavailable when the port cannot be bound, with
  // kInvalidArgument for an address that is none.  `clock` and `random` must outlive the listener.
  static Result<std::unique_ptr<Listener>> Start(const ListenerOptions& options, Handler handler,
                                                 BodyLimit body_limit, const Clock& clock,
                                                 RandomSource& random);
  // Stops at once if Stop() was not called.
  ~Listener();

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  uint16_t port() const;

  // Takes no more connections, closes idle ones, lets requests in flight be answered for at most `grace_ms`,
  // closes the rest and returns.  No handler is called afterwards; answers that still come are dropped.
  void Stop(int64_t grace_ms);

  ListenerStatistics statistics() const;

 private:
  explicit Listener(std::shared_ptr<ListenerCore> core) : core_(std::move(core)) {}
  std::shared_ptr<ListenerCore> core_;
};

}  // namespace attune::http

#endif  // ATTUNE_HTTP_LISTENER_H_
