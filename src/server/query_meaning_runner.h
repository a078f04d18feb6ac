// Asks what the queries of all open stores mean, one store after the other, on one thread of the server
// (server/query_meaning_run.h).  No request waits for it: searches look at what is there
// (search/asked_meanings.h).
//
// Thread safety: Start and Stop once; RunDue from any thread.

#ifndef ATTUNE_SERVER_QUERY_MEANING_RUNNER_H_
#define ATTUNE_SERVER_QUERY_MEANING_RUNNER_H_

#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/access_log.h"
#include "http/metrics.h"
#include "server/llm_client.h"
#include "server/query_meaning_run.h"
#include "server/repeating_thread.h"
#include "server/store_registry.h"

namespace attune::server {

class QueryMeaningRunner {
 public:
  // `log` may be null.  All must outlive the runner.
  QueryMeaningRunner(StoreRegistry* registry, std::unique_ptr<LlmClient> client, const Clock* clock,
                     http::AccessLog* log);
  ~QueryMeaningRunner();

  void Start();
  // Breaks a request off.
  void Stop();

  // A turn of every open store that asks an LLM.  True: more is due now.
  bool RunDue();

  // Of the stores that are open and name an LLM.
  void AddSamples(http::Metrics& metrics) const;

 private:
  struct Entry {
    std::weak_ptr<Store> store;
    LlmSettings settings;  // That `run` is for.
    std::unique_ptr<QueryMeaningRun> run;
    std::string told;  // The failure that was written to the log last.
  };

  // Writes a failure to the log, once until it is another.
  void Tell(const std::string& store_id, Entry& entry);

  StoreRegistry* const registry_;
  const std::unique_ptr<LlmClient> client_;
  const Clock* const clock_;
  http::AccessLog* const log_;
  Mutex run_mutex_;  // One turn at a time.
  std::map<std::string, Entry> entries_ GUARDED_BY(run_mutex_);
  RepeatingThread thread_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_QUERY_MEANING_RUNNER_H_
