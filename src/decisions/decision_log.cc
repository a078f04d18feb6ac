#include "decisions/decision_log.h"

#include <algorithm>

#include "base/hash.h"

namespace attune::decisions {

bool IsRecorded(const Placement& placement, const DecisionId& id) {
  if (placement.record_share >= 1 || placement.exploration.is_on()) return true;
  const auto unit = static_cast<double>(MixHash64(id.low, id.high) >> 11) * 0x1p-53;
  return unit < placement.record_share;
}

DecisionLog::DecisionLog(Sink sink, size_t records_max) : sink_(std::move(sink)), records_max_(records_max) {
  CHECK(records_max_ > 0);
}

void DecisionLog::Add(const DecisionRecord& record) {
  Waiting entry{DecisionKey(record.id), EncodeDecisionRecord(record)};
  MutexLock lock(mutex_);
  ++statistics_.recorded;
  statistics_.recorded_bytes += entry.key.size() + entry.value.size();
  if (waiting_.size() >= records_max_) {
    waiting_.pop_front();
    ++statistics_.dropped;
  }
  waiting_.push_back(std::move(entry));
}

Status DecisionLog::FlushOnce() {
  size_t rest = 0;
  {
    MutexLock lock(mutex_);
    rest = waiting_.size();  // What comes while we write is for the next flush.
  }
  while (rest > 0) {
    storage::WriteBatch batch;
    std::string last_key;
    size_t taken = 0;
    {
      MutexLock lock(mutex_);
      taken = std::min({rest, waiting_.size(), kDecisionLogBatchMax});
      if (taken == 0) return {};
      for (size_t i = 0; i < taken; ++i) {
        batch.Put(storage::Column::kDecisions, waiting_[i].key, waiting_[i].value);
      }
      last_key = waiting_[taken - 1].key;
    }
    Status status = sink_(batch);
    MutexLock lock(mutex_);
    if (!status.ok()) {
      ++statistics_.failed_flushes;
      return status;
    }
    // Some of them may have been dropped at the front meanwhile; the last one written says where to stop.
    const auto is_last = [&](const Waiting& entry) { return entry.key == last_key; };
    const auto last = std::find_if(waiting_.begin(), waiting_.end(), is_last);
    if (last != waiting_.end()) waiting_.erase(waiting_.begin(), last + 1);
    statistics_.written += taken;
    rest -= taken;
  }
  return {};
}

std::optional<std::string> DecisionLog::FindWaiting(const DecisionId& id) const {
  const std::string key = DecisionKey(id);
  MutexLock lock(mutex_);
  for (const Waiting& entry : waiting_) {
    if (entry.key == key) return entry.value;
  }
  return std::nullopt;
}

DecisionLogStatistics DecisionLog::statistics() const {
  MutexLock lock(mutex_);
  DecisionLogStatistics now = statistics_;
  now.waiting = waiting_.size();
  return now;
}

}  // namespace attune::decisions
