// The durable bytes of one store: a record log and key-value columns, written together in atomic batches.
//
//      WriteBatch { AppendRecord(...)*, Put(...)*, Delete(...)* }  --Commit-->  all of it or none of it
//
// Implementations: RocksStorage (embedded, storage/rocks_storage.h) and MemoryStorage (storage/memory_storage.h), under
// one conformance suite (tests/conformance/storage_engine_test.cc).  A distributed back end is a third one.
//
// Invariants
//   (1) Sequences are consecutive from first_sequence() to last_sequence(); the first record ever has sequence 1.
//   (2) After Commit(kSynced) returned ok, its effects survive kill -9 and power loss.
//   (3) After Commit failed, nothing of the batch is visible, now or after a restart.
// Thread safety: reads from any thread; Commit, TruncateLogBefore and Checkpoint from one thread at a time.

#ifndef ATTUNE_STORAGE_STORAGE_ENGINE_H_
#define ATTUNE_STORAGE_STORAGE_ENGINE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "storage/record.h"

namespace attune::storage {

// Key spaces.  Names are on disk (RocksDB column families): never rename one.
enum class Column : uint8_t {
  kMeta,       // Format version, snapshot watermark, store tag.
  kProducts,   // product index -> product state.
  kProfiles,   // shopper handle -> profile.
  kIdentity,   // shopper handle -> encrypted identity; links.
  kOrders,     // order id hash -> order state.
  kEventIds,   // event id hash -> time received; entries leave after the dedupe window.
  kFeatures,   // product index -> product features.
  kSettings,   // configuration documents and their history; API keys (hashed).
  kDecisions,  // decision id -> decision record; retention by age and bytes.
  kVault,      // Only in the vault (a second engine beside the store): per-shopper keys, external id hash -> handle.
};
inline constexpr int kColumnCount = 10;

class WriteBatch {
 public:
  struct PendingRecord {
    RecordKind kind;
    int64_t recorded_at_ms;
    std::string payload;
  };
  struct Operation {
    enum class Kind : uint8_t { kPut, kDelete, kDeleteRange };
    Kind kind;
    Column column;
    std::string key;
    std::string value;  // kPut: the value; kDeleteRange: the end key, not included.
  };

  void AppendRecord(RecordKind kind, int64_t recorded_at_ms, std::string payload) {
    records_.push_back({kind, recorded_at_ms, std::move(payload)});
  }
  void Put(Column column, std::string key, std::string value) {
    operations_.push_back({Operation::Kind::kPut, column, std::move(key), std::move(value)});
  }
  void Delete(Column column, std::string key) {
    operations_.push_back({Operation::Kind::kDelete, column, std::move(key), {}});
  }
  // Deletes keys in [begin, end).
  void DeleteRange(Column column, std::string begin, std::string end) {
    operations_.push_back({Operation::Kind::kDeleteRange, column, std::move(begin), std::move(end)});
  }
  void Clear() {
    records_.clear();
    operations_.clear();
  }
  bool empty() const { return records_.empty() && operations_.empty(); }
  const std::vector<PendingRecord>& records() const { return records_; }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  std::vector<PendingRecord> records_;
  std::vector<Operation> operations_;
};

enum class Durability : uint8_t {
  kSynced,    // On the disk before Commit returns.
  kBuffered,  // Survives kill -9 of the process, not of the machine: for what can be derived again.
};

struct StorageStatistics {
  uint64_t disk_bytes = 0;
  uint64_t memory_bytes = 0;  // Write buffers and pinned blocks of this engine; the shared cache counts once, elsewhere.
  uint64_t log_bytes = 0;     // Live payload bytes of the log, estimated.
  uint64_t decision_bytes = 0;
};

class StorageEngine {
 public:
  virtual ~StorageEngine() = default;

  // Writes all of `batch` or nothing, gives its records consecutive sequences and returns the first of them (or the
  // next one to be given when it has no records).  Fails with kUnavailable when the disk is full or not writable, and
  // works again once space returns.
  virtual Result<Sequence> Commit(const WriteBatch& batch, Durability durability) = 0;

  virtual Result<std::optional<std::string>> Get(Column column, std::string_view key) const = 0;

  // Visits keys in [begin, end) in byte order until `visit` returns false; an empty `end` means to the last key.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status Scan(Column column, std::string_view begin, std::string_view end, const Visit& visit) const = 0;

  // Visits records from `from` on, in order, until `visit` returns false or the log ends.
  using VisitRecord = std::function<bool(const Record& record)>;
  virtual Status ScanLog(Sequence from, const VisitRecord& visit) const = 0;

  virtual Sequence first_sequence() const = 0;  // Of the oldest kept record; last_sequence() + 1 when none is.
  virtual Sequence last_sequence() const = 0;   // 0 when nothing was ever written.

  // Drops records below `keep_from`.  Sequences of the rest stay.
  virtual Status TruncateLogBefore(Sequence keep_from) = 0;

  // Writes a consistent copy that can be opened as a store to `directory`, which must not exist.
  virtual Status Checkpoint(const std::string& directory) = 0;

  virtual StorageStatistics statistics() const = 0;
};

// Keys that sort by number: eight bytes, most significant first.
std::string OrderedKey(uint64_t number);
uint64_t NumberFromOrderedKey(std::string_view key);  // REQUIRES: key.size() >= 8.

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_STORAGE_ENGINE_H_
