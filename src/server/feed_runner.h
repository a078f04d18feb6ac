// Runs the scheduled feeds of all stores, one after the other, on one thread of the server.
//
// Every second it looks which feed is due by the clock (server/feed_state.h).  A closed store is opened for
// its feed: stores with a feed carry a marker file, so the others stay closed.  When the feed of a closed
// store is due is remembered from when it was open; settings cannot change meanwhile.
//
// A run may wait for a slow server for an hour at most (feed_download.h), and the feeds behind it wait too:
// one feed in memory at a time.
//
// Thread safety: Start and Stop once; the rest from any thread.

#ifndef ATTUNE_SERVER_FEED_RUNNER_H_
#define ATTUNE_SERVER_FEED_RUNNER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/access_log.h"
#include "server/feed_download.h"
#include "server/feed_state.h"
#include "server/repeating_thread.h"
#include "server/store_registry.h"

namespace attune::server {

struct FeedStatistics {
  uint64_t applied = 0;  // Runs by outcome, since the start.
  uint64_t unchanged = 0;
  uint64_t refused = 0;
  uint64_t failed = 0;
  uint64_t failing = 0;           // Feeds whose last run was refused or failed.
  int64_t oldest_applied_ms = 0;  // Of the feeds known: when the one longest not applied was; 0: none known.
};

class FeedRunner {
 public:
  // `log` may be null.  All must outlive the runner.
  FeedRunner(StoreRegistry* registry, std::unique_ptr<FeedFetcher> fetcher, const Clock* clock,
             http::AccessLog* log);
  ~FeedRunner();

  void Start();
  // Breaks a run off: its catalogue stays as it was.
  void Stop();

  // Runs every feed that is due now; when it returns, each of them has run.
  void RunDue();

  FeedStatistics statistics() const;

 private:
  struct Known {
    int64_t due_at_ms = 0;      // INT64_MAX: no feed.
    int64_t not_before_ms = 0;  // The store could not be opened or written to.
    bool is_failing = false;
    int64_t applied_at_ms = 0;
  };

  // Null: the store has nothing to do, or cannot be opened.
  std::shared_ptr<Store> OpenIfNeeded(const std::string& store_id, std::shared_ptr<Store> open);
  void RunOne(const std::string& store_id, Store& store);
  void Remember(const std::string& store_id, const FeedSettings& settings,
                const std::optional<FeedState>& last);

  StoreRegistry* const registry_;
  const std::unique_ptr<FeedFetcher> fetcher_;
  const Clock* const clock_;
  http::AccessLog* const log_;
  Mutex run_mutex_;      // One run at a time; taken before mutex_.
  mutable Mutex mutex_;  // Held shortly.
  std::map<std::string, Known> known_ GUARDED_BY(mutex_);
  FeedStatistics statistics_ GUARDED_BY(mutex_);
  RepeatingThread thread_;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_RUNNER_H_
