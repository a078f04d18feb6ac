// A storage engine for tests of this room: a map that can be told to fail, and that counts its reads.
//
// Thread safety: as StorageEngine says.

#ifndef ATTUNE_FEATURES_FAILING_STORAGE_H_
#define ATTUNE_FEATURES_FAILING_STORAGE_H_

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "storage/storage_engine.h"

namespace attune::features {

class FailingStorage final : public storage::StorageEngine {
 public:
  void FailReads(bool fail) { fails_reads_ = fail; }
  uint64_t read_count() const { return read_count_; }
  size_t entry_count() const {
    const ReaderLock lock(mutex_);
    return entries_.size();
  }

  Result<Sequence> Commit(const storage::WriteBatch& batch, storage::Durability) override {
    const WriterLock lock(mutex_);
    for (const auto& operation : batch.operations()) {
      const auto key = std::make_pair(operation.column, operation.key);
      if (operation.kind == storage::WriteBatch::Operation::Kind::kPut) entries_[key] = operation.value;
      if (operation.kind == storage::WriteBatch::Operation::Kind::kDelete) entries_.erase(key);
    }
    return Sequence(1);
  }
  Result<std::optional<std::string>> Get(storage::Column column, std::string_view key) const override {
    if (fails_reads_) return Unavailable("the disk does not answer");
    ++read_count_;
    const ReaderLock lock(mutex_);
    const auto found = entries_.find({column, std::string(key)});
    if (found == entries_.end()) return std::optional<std::string>();
    return std::optional<std::string>(found->second);
  }
  Status Scan(storage::Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    if (fails_reads_) return Unavailable("the disk does not answer");
    const ReaderLock lock(mutex_);
    for (auto at = entries_.lower_bound({column, std::string(begin)}); at != entries_.end(); ++at) {
      if (at->first.first != column || (!end.empty() && at->first.second >= end)) break;
      if (!visit(at->first.second, at->second)) break;
    }
    return Status();
  }
  Status ScanLog(Sequence, const VisitRecord&) const override { return Status(); }
  Sequence first_sequence() const override { return Sequence(1); }
  Sequence last_sequence() const override { return Sequence(); }
  uint64_t ApproximateBytes(storage::Column, std::string_view, std::string_view) const override { return 0; }
  Status TruncateLogBefore(Sequence) override { return Status(); }
  Status Checkpoint(const std::string&) override { return Unavailable("not here"); }
  storage::StorageStatistics statistics() const override { return {}; }

 private:
  std::atomic<bool> fails_reads_{false};
  mutable std::atomic<uint64_t> read_count_{0};
  mutable SharedMutex mutex_;
  std::map<std::pair<storage::Column, std::string>, std::string> entries_ GUARDED_BY(mutex_);
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_FAILING_STORAGE_H_
