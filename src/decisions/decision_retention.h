// How long decisions are kept: by age and by bytes, whichever is shorter.
//
// Keys begin with the time of the decision, so that both are one range delete at the front of the column.
//
// Thread safety: reads the engine; may run beside its writer.

#ifndef ATTUNE_DECISIONS_DECISION_RETENTION_H_
#define ATTUNE_DECISIONS_DECISION_RETENTION_H_

#include <cstdint>

#include "base/clock.h"
#include "base/status.h"
#include "storage/storage_engine.h"

namespace attune::decisions {

struct DecisionRetention {
  int64_t age_max_ms = 14 * kDayMs;
  uint64_t bytes_max = uint64_t{20} << 30;  // Keys and values, before compression.
};

struct RetentionPlan {
  storage::WriteBatch batch;     // Empty: nothing to delete.
  uint64_t records_deleted = 0;  // Of those that were counted: records older than age_max_ms are not.
  uint64_t bytes_kept = 0;
};

// Cost: one scan of the kept records, in the background, say every hour.  Reading nothing first: when the
// engine's own statistics say that the column is well below bytes_max, pass that as `bytes_known` and no scan
// is made.
Result<RetentionPlan> PlanRetention(const storage::StorageEngine& engine, const DecisionRetention& retention,
                                    int64_t now_ms, uint64_t bytes_known);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECISION_RETENTION_H_
