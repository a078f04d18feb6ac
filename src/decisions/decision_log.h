// Where decision records wait between the answer and the disk.
//
//   request threads --Add--> [bounded buffer] --FlushOnce (caller's thread, often)--> sink
//
// Records are written after the answer.  A crash loses what waits here: at most the time between two flushes
// (the server flushes twenty times a second), which is the stated loss window; an outcome whose decision was
// lost is matched by shopper, product and time.  When the sink fails, the records wait for the next flush;
// when the buffer is full the oldest are dropped and counted.
//
// Thread safety: Add and statistics from any thread; FlushOnce from one thread at a time.

#ifndef ATTUNE_DECISIONS_DECISION_LOG_H_
#define ATTUNE_DECISIONS_DECISION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "base/status.h"
#include "decisions/decision_record.h"
#include "decisions/placement.h"
#include "storage/storage_engine.h"

namespace attune::decisions {

struct DecisionLogStatistics {
  uint64_t recorded = 0;        // Taken by Add().
  uint64_t recorded_bytes = 0;  // Keys and values: bytes per decision = recorded_bytes / recorded.
  uint64_t written = 0;
  uint64_t dropped = 0;  // Lost because the buffer was full.
  uint64_t failed_flushes = 0;
  size_t waiting = 0;
};

// Whether the record of this decision is kept: `record_share` of a placement, by hash of the id, so that
// every process says the same.  All are kept while the placement explores: propensities are worth nothing
// without them.
bool IsRecorded(const Placement& placement, const DecisionId& id);

class DecisionLog {
 public:
  // Writes a batch of Puts to Column::kDecisions, synced when it returns ok: through the store's writer
  // strand, or straight to an engine that nobody else writes to.
  using Sink = std::function<Status(const storage::WriteBatch& batch)>;

  explicit DecisionLog(Sink sink, size_t records_max = kDecisionLogRecordsMax);

  void Add(const DecisionRecord& record);

  // Writes what waits, in batches of kDecisionLogBatchMax.  Fails when the sink fails; what was not written
  // waits on.
  Status FlushOnce();

  // A record that still waits; nothing when it is written already (look into the column then) or unknown.
  std::optional<std::string> FindWaiting(const DecisionId& id) const;

  DecisionLogStatistics statistics() const;

 private:
  struct Waiting {
    std::string key;
    std::string value;
  };

  const Sink sink_;
  const size_t records_max_;
  mutable Mutex mutex_;
  std::deque<Waiting> waiting_ GUARDED_BY(mutex_);
  DecisionLogStatistics statistics_ GUARDED_BY(mutex_);
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECISION_LOG_H_
