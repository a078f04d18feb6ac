// A StorageEngine that fails when told to: for tests of what stands on top of storage.
//
//   FaultyStorage faulty(&memory);
//   faulty.FailCommits(Unavailable("disk full"), 3);   // The next three commits write nothing and say so.
//
// Thread safety: as StorageEngine says; FailCommits and commits() from any thread.

#ifndef ATTUNE_STORAGE_FAULTY_STORAGE_H_
#define ATTUNE_STORAGE_FAULTY_STORAGE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "storage/storage_engine.h"

namespace attune::storage {

class FaultyStorage final : public StorageEngine {
 public:
  // `engine` outlives this.
  explicit FaultyStorage(StorageEngine* engine) : engine_(engine) {}

  // From now on `count` commits fail with `status`.  REQUIRES: !status.ok().
  void FailCommits(Status status, uint64_t count) {
    CHECK(!status.ok());
    MutexLock lock(mutex_);
    failure_ = std::move(status);
    failures_left_ = count;
  }

  // Commits that were asked for, failed ones among them.
  uint64_t commits() const {
    MutexLock lock(mutex_);
    return commits_;
  }

  Result<Sequence> Commit(const WriteBatch& batch, Durability durability) override {
    {
      MutexLock lock(mutex_);
      ++commits_;
      if (failures_left_ > 0) {
        --failures_left_;
        return failure_;
      }
    }
    return engine_->Commit(batch, durability);
  }
  Result<std::optional<std::string>> Get(Column column, std::string_view key) const override {
    return engine_->Get(column, key);
  }
  Result<std::vector<std::optional<std::string>>> GetMany(Column column,
                                                          std::span<const std::string> keys) const override {
    return engine_->GetMany(column, keys);
  }
  Status Scan(Column column, std::string_view begin, std::string_view end,
              const Visit& visit) const override {
    return engine_->Scan(column, begin, end, visit);
  }
  Status ScanLog(Sequence from, const VisitRecord& visit) const override {
    return engine_->ScanLog(from, visit);
  }
  Sequence first_sequence() const override { return engine_->first_sequence(); }
  Sequence last_sequence() const override { return engine_->last_sequence(); }
  uint64_t ApproximateBytes(Column column, std::string_view begin, std::string_view end) const override {
    return engine_->ApproximateBytes(column, begin, end);
  }
  Status TruncateLogBefore(Sequence keep_from) override { return engine_->TruncateLogBefore(keep_from); }
  Status Checkpoint(const std::string& directory) override { return engine_->Checkpoint(directory); }
  StorageStatistics statistics() const override { return engine_->statistics(); }

 private:
  StorageEngine* const engine_;
  mutable Mutex mutex_;
  Status failure_ GUARDED_BY(mutex_);
  uint64_t failures_left_ GUARDED_BY(mutex_) = 0;
  uint64_t commits_ GUARDED_BY(mutex_) = 0;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_FAULTY_STORAGE_H_
