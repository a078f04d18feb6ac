// The server process: stores, keys, the HTTP API, and the order in which they start and stop.
//
//   start   data folder -> keys -> listener (answers at once; stores open with their first request)
//   stop    no new connections -> requests in flight are answered -> runs of feeds and requests to services
//           are broken off -> stores write their snapshots
//
// Thread safety: Start and Stop from one thread.

#ifndef ATTUNE_SERVER_SERVER_H_
#define ATTUNE_SERVER_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/companion_thread.h"
#include "base/random.h"
#include "base/status.h"
#include "http/access_log.h"
#include "http/api.h"
#include "http/listener.h"
#include "http/metrics.h"
#include "server/embedding_runner.h"
#include "server/feed_runner.h"
#include "server/memory_limit.h"
#include "server/query_meaning_runner.h"
#include "server/store_registry.h"
#include "server/training_turn.h"

namespace attune::server {

// How long requests in flight may take to end after a stop was asked for.
inline constexpr int64_t kStopGraceMs = 10'000;

struct ServerOptions {
  std::string data;
  std::string address = "127.0.0.1";
  uint16_t port = 8080;
  bool is_open = false;  // No keys; this machine only.
  size_t memory_limit_bytes = 0;
  int io_threads = 2;
  int writer_threads = 2;
  bool trains = true;  // False: models change only by Store::TrainNow(); for tests.
  bool trusts_forwarded_for = false;
  http::LogLevel log_level = http::LogLevel::kInfo;
  bool private_feeds = false;  // Feeds and services may be at private and loopback addresses.
  std::string demo_folder;     // What /demo serves; empty: nothing.
};

class Server {
 public:
  // Fails with kInvalidArgument for options that contradict each other, with kUnavailable when the port or
  // the data folder cannot be had.  `clock` and `random` must outlive the server.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, const Clock* clock,
                                               RandomSource* random);
  ~Server();

  uint16_t port() const { return listener_->port(); }
  StoreRegistry& stores() { return *registry_; }
  FeedRunner& feeds() { return *feeds_; }
  EmbeddingRunner& embeddings() { return *embeddings_; }
  QueryMeaningRunner& query_meanings() { return *query_meanings_; }

  // Ends everything in order.
  void Stop();

 private:
  Server(const ServerOptions& options, const Clock* clock, RandomSource* random);
  Status Open();
  void AddGauges();
  void AddModelSamples();
  void AddLiveSessionSamples();
  void AddTrainerSamples();
  void AddRankerSamples();
  void AddSearchSamples();
  void AddSearchAnalyticsSamples();
  void AddFeedGauges();
  void AddEmbeddingSamples();

  const ServerOptions options_;
  const Clock* const clock_;
  RandomSource* const random_;
  http::AccessLog log_;
  http::Metrics metrics_;
  MemoryGauge memory_;
  TrainingTurn training_turn_;
  http::KeyRegistry keys_;
  std::unique_ptr<CompanionThread> companion_;
  std::unique_ptr<storage::WriterPool> writers_;
  std::unique_ptr<StoreRegistry> registry_;
  std::unique_ptr<FeedRunner> feeds_;
  std::unique_ptr<EmbeddingRunner> embeddings_;
  std::unique_ptr<QueryMeaningRunner> query_meanings_;
  std::unique_ptr<http::Api> api_;
  std::unique_ptr<http::Listener> listener_;
};

// Blocks until SIGINT or SIGTERM.  Call it from the main thread before any other thread is started:
// BlockSignals() first, then start, then wait.
void BlockStopSignals();
void WaitForStopSignal();

// Raises the limit of open files as far as the system allows: an open store needs about 27.
void RaiseOpenFileLimit();

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SERVER_H_
