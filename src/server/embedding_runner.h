// Keeps the fetched vectors of all open stores up to date, one store after the other, on one thread of the
// server (server/embedding_run.h).  It writes to no request's path: while the service does not answer, models
// are trained on what there is (models/external_vectors.h).
//
// A closed store does not change; its work goes on when it is opened.
//
// Thread safety: Start and Stop once; the rest from any thread.

#ifndef ATTUNE_SERVER_EMBEDDING_RUNNER_H_
#define ATTUNE_SERVER_EMBEDDING_RUNNER_H_

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/access_log.h"
#include "server/embedding_client.h"
#include "server/embedding_run.h"
#include "server/repeating_thread.h"
#include "server/store_registry.h"

namespace attune::server {

struct EmbeddingStatistics {
  EmbeddingCounts counts;
  bool is_failing = false;  // The last request failed.
};

class EmbeddingRunner {
 public:
  // `log` may be null.  All must outlive the runner.
  EmbeddingRunner(StoreRegistry* registry, std::unique_ptr<EmbeddingClient> client, const Clock* clock,
                  http::AccessLog* log);
  ~EmbeddingRunner();

  void Start();
  // Breaks a request off: what it asked for is asked again after the next start.
  void Stop();

  // A turn of every open store that has a service.  True: more is due now.
  bool RunDue();

  // By store, of those that are open and have a service.
  std::map<std::string, EmbeddingStatistics> statistics() const;

 private:
  struct Entry {
    std::weak_ptr<Store> store;
    EmbeddingSettings settings;         // That `run` is for.
    std::unique_ptr<EmbeddingRun> run;  // Null: not opened yet.
    int64_t not_before_ms = 0;          // It could not be opened.
    std::string told;                   // The failure that was written to the log last.
  };

  bool RunOne(const std::shared_ptr<Store>& store, const EmbeddingSettings& settings, Entry& entry);
  // Writes a failure to the log, once until it is another.
  void Tell(const std::string& store_id, const std::string& failure, Entry& entry);

  StoreRegistry* const registry_;
  const std::unique_ptr<EmbeddingClient> client_;
  const Clock* const clock_;
  http::AccessLog* const log_;
  Mutex run_mutex_;  // One turn at a time; taken before mutex_.
  std::map<std::string, Entry> entries_ GUARDED_BY(run_mutex_);
  mutable Mutex mutex_;  // Held shortly.
  std::map<std::string, EmbeddingStatistics> statistics_ GUARDED_BY(mutex_);
  RepeatingThread thread_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_EMBEDDING_RUNNER_H_
