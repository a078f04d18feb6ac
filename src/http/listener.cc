#include "http/listener.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "http/listener_core.h"

namespace attune::http {

using std::chrono::milliseconds;

// How long accepting pauses when the process has no file descriptors left.
constexpr int64_t kAcceptPauseMs = 50;
// Bounds of the tick by which deadlines are kept.
constexpr int64_t kTickMsMin = 5;
constexpr int64_t kTickMsMax = 250;

void ListenerCore::Join(ClientConnection* connection) {
  MutexLock lock(mutex_);
  connections_.insert(connection);
}

void ListenerCore::Leave(ClientConnection* connection) {
  MutexLock lock(mutex_);
  connections_.erase(connection);
  if (connections_.empty()) changed_.NotifyAll();
}

Status ListenerCore::Open() {
  NetworkError error;
  const asio::ip::address address = asio::ip::make_address(options.address, error);
  if (error) return InvalidArgument("no IP address: " + options.address, "address");
  const Tcp::endpoint endpoint(address, options.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Unavailable("cannot listen on " + options.address + " port " + std::to_string(options.port) +
                       ": " + error.message());
  }
  port = acceptor_.local_endpoint(error).port();
  return {};
}

void ListenerCore::Run() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    self->Accept();
    self->Tick();
  });
  for (int i = 0; i < std::max(1, options.thread_count); ++i) {
    threads_.emplace_back([this] { context_.run(); });
  }
}

int64_t ListenerCore::TickMs(const ListenerOptions& options) {
  const int64_t shortest = std::min({options.header_timeout_ms, options.body_timeout_ms,
                                     options.idle_timeout_ms, options.write_timeout_ms, options.linger_ms});
  return std::clamp(shortest / 4, kTickMsMin, kTickMsMax);
}

int64_t ListenerCore::DeadlineAfter(int64_t timeout_ms) const {
  return tick_.load(std::memory_order_relaxed) + timeout_ms / tick_ms_ + 1;
}

void ListenerCore::Tick() {
  tick_timer_.expires_after(milliseconds(tick_ms_));
  tick_timer_.async_wait([self = shared_from_this()](NetworkError error) {
    if (error || self->is_ended_) return;
    const int64_t now = self->tick_.fetch_add(1, std::memory_order_relaxed) + 1;
    for (const auto& connection : self->PinConnections(now)) connection->OnDeadline();
    self->Tick();
  });
}

void ListenerCore::Accept() {
  acceptor_.async_accept(asio::make_strand(context_),
                         [self = shared_from_this()](NetworkError error, Socket socket) {
                           self->OnAccept(error, std::move(socket));
                         });
}

void ListenerCore::OnAccept(NetworkError error, Socket socket) {
  if (is_stopping.load(std::memory_order_acquire) || error == asio::error::operation_aborted) return;
  if (error) {
    // No descriptors left, or the client is gone already.  A short rest keeps the loop from spinning.
    accept_pause_.expires_after(milliseconds(kAcceptPauseMs));
    accept_pause_.async_wait([self = shared_from_this()](NetworkError wait_error) {
      if (!wait_error) self->Accept();
    });
    return;
  }
  connections_accepted.fetch_add(1, std::memory_order_relaxed);
  const bool is_refused = connections_open.load(std::memory_order_relaxed) >= options.connections_max;
  if (is_refused) connections_refused.fetch_add(1, std::memory_order_relaxed);
  if (!is_refused || refusals_open.load(std::memory_order_relaxed) < kRefusedConnectionsMax) {
    const auto executor = socket.get_executor();
    auto connection = MakeConnection(shared_from_this(), std::move(socket), is_refused);
    asio::post(executor, [connection = std::move(connection)] { connection->Begin(); });
  }
  Accept();
}

std::vector<std::shared_ptr<ClientConnection>> ListenerCore::PinConnections(int64_t due_tick) {
  std::vector<std::shared_ptr<ClientConnection>> pinned;
  MutexLock lock(mutex_);
  for (ClientConnection* connection : connections_) {
    if (connection->deadline_tick() > due_tick) continue;
    if (auto alive = connection->weak_from_this().lock()) pinned.push_back(std::move(alive));
  }
  return pinned;
}

void ListenerCore::Stop(int64_t grace_ms) {
  if (threads_.empty()) return;
  is_stopping.store(true, std::memory_order_release);
  asio::post(acceptor_.get_executor(), [this, grace_ms] {
    NetworkError ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    grace_timer_.expires_after(milliseconds(grace_ms));
    grace_timer_.async_wait([this](NetworkError) {
      MutexLock lock(mutex_);
      is_grace_over_ = true;
      changed_.NotifyAll();
    });
    MutexLock lock(mutex_);
    is_acceptor_closed_ = true;
    changed_.NotifyAll();
  });
  {
    MutexLock lock(mutex_);
    while (!is_acceptor_closed_) changed_.Wait(lock);
  }
  // No connection begins from here on.
  for (const auto& connection : PinConnections(ClientConnection::kNoDeadline)) connection->BeginStop();
  {
    MutexLock lock(mutex_);
    while (!connections_.empty() && !is_grace_over_) changed_.Wait(lock);
  }
  for (const auto& connection : PinConnections(ClientConnection::kNoDeadline)) connection->ForceClose();
  asio::post(acceptor_.get_executor(), [this] {
    is_ended_ = true;  // A tick that is due already is not cancelled.
    grace_timer_.cancel();
    tick_timer_.cancel();
  });
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

Result<std::unique_ptr<Listener>> Listener::Start(const ListenerOptions& options, Handler handler,
                                                  BodyLimit body_limit, const Clock& clock,
                                                  RandomSource& random) {
  auto core =
      std::make_shared<ListenerCore>(options, std::move(handler), std::move(body_limit), clock, random);
  RETURN_IF_ERROR(core->Open());
  core->Run();
  return std::unique_ptr<Listener>(new Listener(std::move(core)));
}

Listener::~Listener() { core_->Stop(0); }

uint16_t Listener::port() const { return core_->port; }

void Listener::Stop(int64_t grace_ms) { core_->Stop(grace_ms); }

ListenerStatistics Listener::statistics() const {
  const auto read = [](const auto& counter) { return counter.load(std::memory_order_relaxed); };
  ListenerStatistics statistics;
  statistics.connections_open = read(core_->connections_open);
  statistics.requests_in_flight = read(core_->requests_in_flight);
  statistics.body_bytes_in_flight = read(core_->body_bytes_in_flight);
  statistics.connections_accepted = read(core_->connections_accepted);
  statistics.connections_refused = read(core_->connections_refused);
  statistics.requests_refused = read(core_->requests_refused);
  statistics.requests_malformed = read(core_->requests_malformed);
  statistics.requests_timed_out = read(core_->requests_timed_out);
  statistics.bytes_received = read(core_->bytes_received);
  statistics.bytes_sent = read(core_->bytes_sent);
  return statistics;
}

}  // namespace attune::http
