#include "decisions/decision_retention.h"

#include <string>

#include "decisions/decision_record.h"

namespace attune::decisions {

Result<RetentionPlan> PlanRetention(const storage::StorageEngine& engine, const DecisionRetention& retention,
                                    int64_t now_ms, uint64_t bytes_known) {
  RetentionPlan plan;
  std::string keep_from = FirstDecisionKeyAt(now_ms - retention.age_max_ms);
  const auto column = storage::Column::kDecisions;
  if (bytes_known > retention.bytes_max) {
    uint64_t bytes = 0;
    RETURN_IF_ERROR(engine.Scan(column, keep_from, {}, [&](std::string_view key, std::string_view value) {
      bytes += key.size() + value.size();
      return true;
    }));
    RETURN_IF_ERROR(engine.Scan(column, keep_from, {}, [&](std::string_view key, std::string_view value) {
      keep_from = key;
      if (bytes <= retention.bytes_max) return false;
      bytes -= key.size() + value.size();
      ++plan.records_deleted;
      keep_from += '\0';  // The first key after this one.
      return true;
    }));
    plan.bytes_kept = bytes;
  }
  bool has_older = false;
  RETURN_IF_ERROR(engine.Scan(column, {}, keep_from, [&](std::string_view, std::string_view) {
    has_older = true;
    return false;
  }));
  if (has_older) plan.batch.DeleteRange(column, std::string(), keep_from);
  return plan;
}

}  // namespace attune::decisions
