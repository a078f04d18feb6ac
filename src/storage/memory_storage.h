// A StorageEngine in memory: the second implementation, for tests and for stores that need not outlive the
// process.
//
// It keeps every promise of the header but the disk's: kSynced and kBuffered are the same.  Scans copy what
// they visit, so that no lock is held while a visit runs; it is not meant for large stores.
//
// A checkpoint is one file, `<directory>/memory_storage.pb` (Protocol Buffers wire format; field numbers in
// the .cc), which Open() reads back.
//
// Thread safety: as StorageEngine says.

#ifndef ATTUNE_STORAGE_MEMORY_STORAGE_H_
#define ATTUNE_STORAGE_MEMORY_STORAGE_H_

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "storage/limits.h"
#include "storage/storage_engine.h"

namespace attune::storage {

class MemoryStorage final : public StorageEngine {
 public:
  // `clock` decides when event ids expire; it must outlive the engine.
  explicit MemoryStorage(const Clock* clock, int64_t event_id_window_ms = kEventIdWindowMs);

  // Reads a checkpoint.  kNotFound when the directory holds none, kCorruption when its bytes are not one.
  static Result<std::unique_ptr<MemoryStorage>> Open(const std::string& directory, const Clock* clock,
                                                     int64_t event_id_window_ms = kEventIdWindowMs);

  Result<Sequence> Commit(const WriteBatch& batch, Durability durability) override;
  Result<std::optional<std::string>> Get(Column column, std::string_view key) const override;
  Status Scan(Column column, std::string_view begin, std::string_view end, const Visit& visit) const override;
  Status ScanLog(Sequence from, const VisitRecord& visit) const override;
  Sequence first_sequence() const override;
  Sequence last_sequence() const override;
  uint64_t ApproximateBytes(Column column, std::string_view begin, std::string_view end) const override;
  Status TruncateLogBefore(Sequence keep_from) override;
  Status Checkpoint(const std::string& directory) override;
  StorageStatistics statistics() const override;

 private:
  using Entries = std::map<std::string, std::string, std::less<>>;
  struct StoredRecord {
    RecordKind kind;
    int64_t recorded_at_ms;
    std::shared_ptr<const std::string> payload;  // Shared with running scans.
  };

  bool IsVisible(Column column, std::string_view value) const;
  void ApplyOperation(const WriteBatch::Operation& operation) REQUIRES(mutex_);
  Sequence LastSequence() const REQUIRES_SHARED(mutex_);
  std::string Serialize() const;
  Status Deserialize(std::string_view bytes);

  const Clock* const clock_;
  const int64_t event_id_window_ms_;
  mutable SharedMutex mutex_;
  std::array<Entries, kColumnCount> columns_ GUARDED_BY(mutex_);
  std::deque<StoredRecord> log_ GUARDED_BY(mutex_);
  uint64_t first_ GUARDED_BY(mutex_) = 1;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_MEMORY_STORAGE_H_
