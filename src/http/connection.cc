// A connection: the steps of one request after another.  The only file that knows Boost.Beast.

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <string>

#include "http/error_response.h"
#include "http/gzip.h"
#include "http/listener_core.h"
#include "http/uri.h"

namespace attune::http {
namespace {

namespace beast = boost::beast;
using Parser = beast::http::request_parser<beast::http::string_body>;

// Bytes read at once while a connection waits for its next request.
constexpr size_t kReadChunkBytes = 4 * 1024;
// Unparsed bytes held per connection: headers, and what came with them.
constexpr size_t kReadBufferBytesMax = 64 * 1024;
// A refused connection is read on for this long only: there may be many.
constexpr int64_t kRefusedLingerMs = 1'000;
// Slowest reader that is waited for, bytes per millisecond.
constexpr int64_t kWriteBytesPerMsMin = 64;

// One client.  Runs on its strand; only Answer() and ForceClose() are called from elsewhere.
class Connection final : public ClientConnection {
 public:
  Connection(std::shared_ptr<ListenerCore> core, Socket socket, bool is_refused)
      : core_(std::move(core)),
        socket_(std::move(socket)),
        buffer_(kReadBufferBytesMax),
        is_refused_(is_refused),
        linger_ms_(is_refused ? std::min(kRefusedLingerMs, core_->options.linger_ms)
                              : core_->options.linger_ms) {
    core_->Join(this);
    (is_refused_ ? core_->refusals_open : core_->connections_open).fetch_add(1, std::memory_order_relaxed);
  }
  ~Connection() override {
    ReleaseBody();
    (is_refused_ ? core_->refusals_open : core_->connections_open).fetch_sub(1, std::memory_order_relaxed);
    core_->Leave(this);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void Begin() override;
  void BeginStop() override;
  void ForceClose() override;
  void OnDeadline() override;
  // From any thread; drops the response when the connection is gone.
  void Answer(Response response);

 private:
  // What is being waited for, and so what a missed deadline means.
  enum class Step : uint8_t { kIdle, kHeader, kBody, kHandler, kWrite, kLinger };

  // One call of the handler; see `Respond` in http/message.h.
  class Pending;

  std::shared_ptr<Connection> Self() { return std::static_pointer_cast<Connection>(shared_from_this()); }
  void Enter(Step step, int64_t timeout_ms);
  void AwaitRequest();
  void ReadHeader();
  void OnHeader(NetworkError error);
  void OnReadError(NetworkError error);
  // Fills request_ from the parser; nothing when the request is acceptable so far.
  std::optional<Response> CheckHeader();
  std::optional<Response> CheckBodyHeaders();
  void ReadBody();
  void OnBodyPart(NetworkError error);
  std::optional<Response> DecompressBody();
  void Dispatch();
  Response Fail(ErrorCode code, std::string_view message, std::string_view field = {});
  void FailAndClose(ErrorCode code, std::string_view message);
  void Write(Response response);
  void OnWritten(NetworkError error, size_t bytes);
  void Linger();
  void ReadLingering();
  void Close();
  void HoldBody(size_t bytes);
  void ReleaseBody();

  const std::shared_ptr<ListenerCore> core_;
  Socket socket_;
  beast::flat_buffer buffer_;
  const bool is_refused_;
  const int64_t linger_ms_;
  std::string peer_address_;

  std::optional<Parser> parser_;
  Request request_;
  size_t body_bytes_max_ = 0;
  size_t body_bytes_held_ = 0;
  int http_minor_version_ = 1;
  bool is_head_ = false;
  Step step_ = Step::kIdle;
  bool is_overdue_ = false;  // The read that was cancelled took too long.
  bool keeps_alive_ = true;
  bool input_is_unread_ = false;  // The client may still be sending what nobody will read.
  std::string head_;
  std::string body_;
  size_t linger_bytes_ = 0;

  Mutex mutex_;
  bool is_closed_ GUARDED_BY(mutex_) = false;
};

class Connection::Pending {
 public:
  explicit Pending(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {
    connection_->core_->requests_in_flight.fetch_add(1, std::memory_order_relaxed);
  }
  ~Pending() {
    if (is_answered_.load(std::memory_order_acquire)) return;
    Answer(connection_->Fail(ErrorCode::kInternal, "the request was dropped without an answer"));
  }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

  void Answer(Response response) {
    if (is_answered_.exchange(true, std::memory_order_acq_rel)) return;
    // Whoever keeps its Respond after the answer must not keep the connection too.
    const std::shared_ptr<Connection> connection = std::move(connection_);
    connection->core_->requests_in_flight.fetch_sub(1, std::memory_order_relaxed);
    connection->Answer(std::move(response));
  }

 private:
  std::shared_ptr<Connection> connection_;  // Only the one who sets is_answered_ moves it away.
  std::atomic<bool> is_answered_{false};
};

void Connection::Begin() {
  NetworkError error;
  socket_.set_option(Tcp::no_delay(true), error);
  const Tcp::endpoint peer = socket_.remote_endpoint(error);
  if (error) return;
  asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  peer_address_ = address.to_string();
  if (is_refused_) {
    request_.request_id = core_->request_ids.Next();
    FailAndClose(ErrorCode::kOverloaded, "the server has as many connections as it may");
    return;
  }
  AwaitRequest();
}

void Connection::Enter(Step step, int64_t timeout_ms) {
  step_ = step;
  deadline_tick_.store(step == Step::kHandler ? kNoDeadline : core_->DeadlineAfter(timeout_ms),
                       std::memory_order_relaxed);
}

void Connection::OnDeadline() {
  MutexLock lock(mutex_);
  if (is_closed_) return;
  const int64_t missed = deadline_tick();
  asio::post(socket_.get_executor(), [self = Self(), missed] {
    if (self->deadline_tick() != missed) return;  // It has gone on meanwhile.
    self->deadline_tick_.store(kNoDeadline, std::memory_order_relaxed);
    if (self->step_ != Step::kHeader && self->step_ != Step::kBody) return self->Close();
    self->is_overdue_ = true;
    NetworkError ignored;
    self->socket_.cancel(ignored);  // The read ends with an error, and its client is told.
  });
}

void Connection::AwaitRequest() {
  parser_.reset();
  request_ = Request();  // An idle connection keeps no body.
  ReleaseBody();
  if (buffer_.size() > 0) return ReadHeader();
  if (core_->is_stopping.load(std::memory_order_acquire)) return Close();
  Enter(Step::kIdle, core_->options.idle_timeout_ms);
  socket_.async_read_some(buffer_.prepare(kReadChunkBytes),
                          [self = Self()](NetworkError error, size_t bytes) {
                            self->buffer_.commit(bytes);
                            if (error) return self->Close();
                            self->ReadHeader();
                          });
}

void Connection::ReadHeader() {
  request_ = Request();
  http_minor_version_ = 1;
  is_head_ = false;
  keeps_alive_ = false;  // Until the headers say otherwise: an error before that closes.
  parser_.emplace();
  parser_->header_limit(static_cast<uint32_t>(core_->options.header_bytes_max));
  parser_->body_limit(boost::none);  // Known after the headers.
  Enter(Step::kHeader, core_->options.header_timeout_ms);
  beast::http::async_read_header(socket_, buffer_, *parser_,
                                 [self = Self()](NetworkError error, size_t) { self->OnHeader(error); });
}

void Connection::OnReadError(NetworkError error) {
  namespace http_errors = beast::http;
  if (request_.request_id.empty()) request_.request_id = core_->request_ids.Next();
  if (is_overdue_) {
    core_->requests_timed_out.fetch_add(1, std::memory_order_relaxed);
    return FailAndClose(ErrorCode::kRequestTimeout, "the request did not arrive in time");
  }
  if (error == http_errors::error::end_of_stream) return Close();
  if (error == http_errors::error::header_limit || error == http_errors::error::buffer_overflow) {
    return FailAndClose(ErrorCode::kHeadersTooLarge, "request line and headers are larger than allowed");
  }
  if (error == http_errors::error::body_limit) {
    return FailAndClose(ErrorCode::kBodyTooLarge,
                        "the body is larger than " + std::to_string(body_bytes_max_) + " bytes");
  }
  if (error == http_errors::error::partial_message) {
    return FailAndClose(ErrorCode::kMalformedRequest, "the request ends before it is complete");
  }
  if (error.category() == http_errors::make_error_code(http_errors::error::bad_method).category()) {
    return FailAndClose(ErrorCode::kMalformedRequest, "the request is no HTTP/1.1: " + error.message());
  }
  Close();
}

void Connection::OnHeader(NetworkError error) {
  if (error) return OnReadError(error);
  input_is_unread_ = !parser_->is_done();
  std::optional<Response> failure = CheckHeader();
  if (!failure) failure = CheckBodyHeaders();
  if (failure) {
    core_->requests_malformed.fetch_add(1, std::memory_order_relaxed);
    failure->close_connection = true;
    return Write(std::move(*failure));
  }
  if (parser_->is_done()) return Dispatch();
  parser_->body_limit(body_bytes_max_);
  // The body's own time is scaled by its announced size, so that a large catalogue may come over a slow line.
  const uint64_t announced = parser_->content_length().value_or(body_bytes_max_);
  const auto share = static_cast<int64_t>(std::max<uint64_t>(1, announced / kBodyBytesMax));
  Enter(Step::kBody, core_->options.body_timeout_ms * share);
  if (!request_.HasHeader("expect")) return ReadBody();
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                    [self = Self()](NetworkError write_error, size_t) {
                      if (write_error) return self->Close();
                      self->ReadBody();
                    });
}

std::optional<Response> Connection::CheckHeader() {
  const auto& message = parser_->get();
  request_.method = std::string(message.method_string());
  request_.peer_address = peer_address_;
  request_.received_at_ms = core_->clock.NowMs();
  for (const auto& field : message) {
    if (request_.headers.size() == kHeaderCountMax) {
      request_.request_id = core_->request_ids.Next();
      return Fail(ErrorCode::kHeadersTooLarge, "the request has too many headers");
    }
    request_.headers.push_back(
        {LowerCase(std::string_view(field.name_string().data(), field.name_string().size())),
         std::string(field.value())});
  }
  const std::string_view given_id = request_.Header("x-request-id");
  request_.request_id = IsCleanRequestId(given_id) ? std::string(given_id) : core_->request_ids.Next();

  if (message.version() != 10 && message.version() != 11) {
    return Fail(ErrorCode::kMalformedRequest, "the HTTP version is neither 1.0 nor 1.1");
  }
  http_minor_version_ = message.version() == 11 ? 1 : 0;
  is_head_ = request_.method == "HEAD";
  if (http_minor_version_ == 1 && !request_.HasHeader("host")) {
    return Fail(ErrorCode::kMalformedRequest, "the request has no Host header", "host");
  }
  const std::string_view text(message.target().data(), message.target().size());
  Result<Target> target = ParseTarget(text);
  if (!target.ok()) return Fail(ErrorCode::kMalformedRequest, target.status().message());
  request_.path = std::string(target->path);
  Result<std::vector<Field>> query = ParseQuery(target->query);
  if (!query.ok()) {
    return Fail(ErrorCode::kMalformedRequest, query.status().message(), query.status().field());
  }
  request_.query = std::move(*query);
  keeps_alive_ = message.keep_alive();
  return std::nullopt;
}

std::optional<Response> Connection::CheckBodyHeaders() {
  if (request_.HasHeader("transfer-encoding") &&
      LowerCase(request_.Header("transfer-encoding")) != "chunked") {
    return Fail(ErrorCode::kMalformedRequest, "Transfer-Encoding is not chunked", "transfer-encoding");
  }
  if (request_.HasHeader("expect") && LowerCase(request_.Header("expect")) != "100-continue") {
    return Fail(ErrorCode::kExpectationFailed, "Expect is not 100-continue", "expect");
  }
  if (parser_->is_done()) return std::nullopt;
  const std::string encoding = LowerCase(request_.Header("content-encoding"));
  if (!encoding.empty() && encoding != "identity" && encoding != "gzip") {
    return Fail(ErrorCode::kUnsupportedEncoding, "the body is neither plain nor gzip", "content-encoding");
  }
  body_bytes_max_ = core_->body_limit(request_.method, request_.path);
  if (const auto announced = parser_->content_length(); announced && *announced > body_bytes_max_) {
    return Fail(ErrorCode::kBodyTooLarge,
                "the body is larger than " + std::to_string(body_bytes_max_) + " bytes");
  }
  return std::nullopt;
}

void Connection::ReadBody() {
  beast::http::async_read_some(socket_, buffer_, *parser_,
                               [self = Self()](NetworkError error, size_t) { self->OnBodyPart(error); });
}

void Connection::OnBodyPart(NetworkError error) {
  if (error) return OnReadError(error);
  const std::string& received = parser_->get().body();
  HoldBody(received.size());
  if (core_->body_bytes_in_flight.load(std::memory_order_relaxed) >
      static_cast<int64_t>(core_->options.body_bytes_in_flight_max)) {
    core_->requests_refused.fetch_add(1, std::memory_order_relaxed);
    return FailAndClose(ErrorCode::kOverloaded, "the server holds as many bytes of requests as it may");
  }
  if (!parser_->is_done()) return ReadBody();
  input_is_unread_ = false;
  core_->bytes_received.fetch_add(received.size(), std::memory_order_relaxed);
  request_.body = std::move(parser_->get().body());
  if (std::optional<Response> failure = DecompressBody()) {
    core_->requests_malformed.fetch_add(1, std::memory_order_relaxed);
    return Write(std::move(*failure));
  }
  Dispatch();
}

std::optional<Response> Connection::DecompressBody() {
  if (LowerCase(request_.Header("content-encoding")) != "gzip") return std::nullopt;
  std::string plain;
  switch (Gunzip(request_.body, body_bytes_max_, plain)) {
    case GunzipOutcome::kMalformed:
      return Fail(ErrorCode::kMalformedRequest, "the body is no gzip", "body");
    case GunzipOutcome::kTooLarge:
      return Fail(ErrorCode::kBodyTooLarge,
                  "the decompressed body is larger than " + std::to_string(body_bytes_max_) + " bytes");
    case GunzipOutcome::kOk:
      break;
  }
  request_.body = std::move(plain);
  HoldBody(std::max(body_bytes_held_, request_.body.size()));
  return std::nullopt;
}

void Connection::Dispatch() {
  Enter(Step::kHandler, 0);  // The handler answers when it can; nothing is read or written meanwhile.
  if (core_->requests_in_flight.load(std::memory_order_relaxed) >= core_->options.requests_in_flight_max) {
    core_->requests_refused.fetch_add(1, std::memory_order_relaxed);
    return Write(Fail(ErrorCode::kOverloaded, "the server has as many requests in hand as it may"));
  }
  auto pending = std::make_shared<Pending>(Self());
  core_->handler(request_,
                 [pending = std::move(pending)](Response response) { pending->Answer(std::move(response)); });
}

void Connection::Answer(Response response) {
  if (socket_.get_executor().running_in_this_thread()) return Write(std::move(response));
  MutexLock lock(mutex_);  // With ForceClose(): nothing is posted once the I/O threads may be gone.
  if (is_closed_) return;
  asio::post(socket_.get_executor(),
             [self = Self(), answer = std::move(response)]() mutable { self->Write(std::move(answer)); });
}

Response Connection::Fail(ErrorCode code, std::string_view message, std::string_view field) {
  return ErrorResponse(code, message, field, request_.request_id);
}

void Connection::FailAndClose(ErrorCode code, std::string_view message) {
  if (FindError(code).status < 500) core_->requests_malformed.fetch_add(1, std::memory_order_relaxed);
  input_is_unread_ = true;
  Response response = Fail(code, message);
  response.close_connection = true;
  Write(std::move(response));
}

void Connection::Write(Response response) {
  keeps_alive_ =
      keeps_alive_ && !response.close_connection && !core_->is_stopping.load(std::memory_order_acquire);
  head_ =
      FormatHead(response, {request_.request_id, core_->clock.NowMs(), keeps_alive_, http_minor_version_});
  body_ =
      is_head_ || response.status == 204 || response.status == 304 ? std::string() : std::move(response.body);
  const auto slowest_ms = static_cast<int64_t>(body_.size()) / kWriteBytesPerMsMin;
  Enter(Step::kWrite, std::max(core_->options.write_timeout_ms, slowest_ms));
  const std::array<asio::const_buffer, 2> parts = {asio::buffer(head_), asio::buffer(body_)};
  asio::async_write(socket_, parts,
                    [self = Self()](NetworkError error, size_t bytes) { self->OnWritten(error, bytes); });
}

void Connection::OnWritten(NetworkError error, size_t bytes) {
  core_->bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
  if (error) return Close();
  if (keeps_alive_) return AwaitRequest();
  if (input_is_unread_) return Linger();
  Close();
}

void Connection::Linger() {
  parser_.reset();
  ReleaseBody();
  NetworkError ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  Enter(Step::kLinger, linger_ms_);
  buffer_.clear();
  ReadLingering();
}

void Connection::ReadLingering() {
  socket_.async_read_some(buffer_.prepare(kReadBufferBytesMax),
                          [self = Self()](NetworkError error, size_t bytes) {
                            self->linger_bytes_ += bytes;
                            if (error || self->linger_bytes_ > kLingerBytesMax) return self->Close();
                            self->ReadLingering();
                          });
}

void Connection::Close() {
  NetworkError ignored;
  socket_.shutdown(Tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  deadline_tick_.store(kNoDeadline, std::memory_order_relaxed);
}

void Connection::BeginStop() {
  MutexLock lock(mutex_);
  if (is_closed_) return;
  asio::post(socket_.get_executor(), [self = Self()] {
    if (self->step_ == Step::kIdle) self->Close();
  });
}

void Connection::ForceClose() {
  MutexLock lock(mutex_);
  if (is_closed_) return;
  is_closed_ = true;
  asio::post(socket_.get_executor(), [self = Self()] { self->Close(); });
}

void Connection::HoldBody(size_t bytes) {
  core_->body_bytes_in_flight.fetch_add(static_cast<int64_t>(bytes) - static_cast<int64_t>(body_bytes_held_),
                                        std::memory_order_relaxed);
  body_bytes_held_ = bytes;
}

void Connection::ReleaseBody() { HoldBody(0); }

}  // namespace

std::shared_ptr<ClientConnection> MakeConnection(std::shared_ptr<ListenerCore> core, Socket socket,
                                                 bool is_refused) {
  return std::make_shared<Connection>(std::move(core), std::move(socket), is_refused);
}

}  // namespace attune::http
