// Keeps what an LLM said of a store's queries: the meanings that serve, the queries that wait, the day's
// budget, and their file.
//
//   searches   --Note-->  waiting queries  --Next-->  who asks (query_meaning_run.h)  --Keep-->  meanings
//
//   Configure()   with no address, or `enabled` false: nothing is said, noted or asked from this call on;
//                 meanings stay and come back.  Another model: meanings begin anew.
//
// The file is <folder>/query_meanings, written after each turn of asking; one that is damaged is thrown away.
// A kill loses the last turn's answers and its count of requests, kMeaningRequestsPerTurn at most.
//
// Thread safety: all methods from any thread; Save from one at a time.

#ifndef ATTUNE_SERVER_QUERY_MEANING_KEEPER_H_
#define ATTUNE_SERVER_QUERY_MEANING_KEEPER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/published.h"
#include "http/access_log.h"
#include "search/asked_meanings.h"
#include "search/facts_set.h"
#include "search/index_set.h"
#include "server/store_settings.h"

namespace attune::server {

// How long an answer holds; and a wrong one, or none that could be read.
inline constexpr int64_t kMeaningHoldsMs = 30 * kDayMs;
inline constexpr int64_t kWrongMeaningHoldsMs = kDayMs;
inline constexpr const char* kQueryMeaningsName = "query_meanings";

struct QueryMeaningStatus {
  bool is_on = false;
  uint64_t known = 0;        // Queries with an answer.
  uint64_t waiting = 0;      // Queries to be asked.
  uint64_t asked_today = 0;  // Requests.
  uint64_t requests = 0;     // Since the store was opened, or its settings changed; likewise failures.
  uint64_t failures = 0;
  std::string failure;  // Why the last request failed; empty: it did not.
};

class QueryMeaningKeeper {
 public:
  struct Parts {
    const Published<search::IndexSet>* indexes = nullptr;
    const Published<search::FactsSet>* facts = nullptr;
    std::string folder;              // Made when there is something to save.
    http::AccessLog* log = nullptr;  // Null: silent.
    std::string store_id;
  };
  // What is in `parts` must outlive it.
  explicit QueryMeaningKeeper(Parts parts) : parts_(std::move(parts)) {}

  void Configure(const LlmSettings& settings);

  search::AskedMeanings& asked() { return asked_; }
  const Published<search::IndexSet>& indexes() const { return *parts_.indexes; }
  const Published<search::FactsSet>& facts() const { return *parts_.facts; }

  // The key of the query to ask now, counted as a request of `day`.  Nothing: it is off, none waits, or the
  // day's budget is used up.
  std::optional<std::string> Next(int64_t day);
  // Nothing when `settings` are no longer those of the store.
  void Keep(const LlmSettings& settings, const std::string& key, search::QueryMeaning meaning);
  // How the last request went; empty: well.
  void Note(const std::string& failure);
  void Save();

  QueryMeaningStatus status(int64_t day) const;

 private:
  // Of the file, when it is there and of `made_by`.
  void Load(const std::string& made_by) REQUIRES(mutex_);
  void Warn(const std::string& what, const std::string& reason) const;
  std::string path() const { return parts_.folder + "/" + kQueryMeaningsName; }

  const Parts parts_;
  search::AskedMeanings asked_;
  mutable Mutex mutex_;  // Held shortly, but for the file read in Configure().
  LlmSettings settings_ GUARDED_BY(mutex_);
  std::string made_by_ GUARDED_BY(mutex_);  // Of the meanings that are published.
  int64_t day_ GUARDED_BY(mutex_) = 0;
  uint64_t asked_today_ GUARDED_BY(mutex_) = 0;
  uint64_t requests_ GUARDED_BY(mutex_) = 0;
  uint64_t failures_ GUARDED_BY(mutex_) = 0;
  std::string failure_ GUARDED_BY(mutex_);
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_QUERY_MEANING_KEEPER_H_
