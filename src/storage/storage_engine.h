// The durable bytes of one store: a record log and key-value columns, written together in atomic batches.
//
//      WriteBatch { AppendRecord(...)*, Put(...)*, Delete(...)* }  --Commit-->  all of it or none of it
//
// Implementations: RocksStorage (embedded, storage/rocks_storage.h) and MemoryStorage
// (storage/memory_storage.h), under one conformance suite (tests/conformance/storage_engine_test.cc).  A
// distributed back end is a third one.
//
// Invariants
//   (1) Sequences are consecutive from first_sequence() to last_sequence(); the first record ever has
//   sequence 1. (2) After Commit(kSynced) returned ok, its effects survive kill -9 and power loss. (3) After
//   Commit failed, nothing of the batch is visible, now or after a restart. (4) The operations of a batch
//   take effect in their order: a later one wins. (5) A scan sees the state of one moment, whatever is
//   committed meanwhile.
// Thread safety: reads from any thread; Commit, TruncateLogBefore and Checkpoint from one thread at a time,
// and never from inside a visit.

#ifndef ATTUNE_STORAGE_STORAGE_ENGINE_H_
#define ATTUNE_STORAGE_STORAGE_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "storage/record.h"

namespace attune::storage {

// Key spaces.  Names are on disk (RocksDB column families): never rename one.
enum class Column : uint8_t {
  kMeta,       // Snapshot watermark, store tag.  (The format version is a file, storage/store_folder.h.)
  kProducts,   // product index -> product state.
  kProfiles,   // shopper handle -> profile.
  kIdentity,   // shopper handle -> encrypted identity; links.
  kOrders,     // order id hash -> order state.
  kEventIds,   // event id hash -> TimeValue(received_at_ms); absent once older than the dedupe window.
  kFeatures,   // product index -> product features.
  kSettings,   // configuration documents and their history; API keys (hashed).
  kDecisions,  // decision id -> decision record; retention by age and bytes.
  kVault,      // Only in the vault (a second engine beside the store): per-shopper keys, external id hash ->
               // handle.
};
inline constexpr int kColumnCount = 10;

// "kProducts" => "products": the name on disk and in messages.
std::string_view ColumnName(Column column);

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
  // How far the batch is filled, to go back to.
  struct Mark {
    size_t records = 0;
    size_t operations = 0;
    size_t bytes = 0;
  };

  void AppendRecord(RecordKind kind, int64_t recorded_at_ms, std::string payload) {
    bytes_ += payload.size();
    records_.push_back({kind, recorded_at_ms, std::move(payload)});
  }
  void Put(Column column, std::string key, std::string value) {
    AddOperation(Operation::Kind::kPut, column, std::move(key), std::move(value));
  }
  void Delete(Column column, std::string key) {
    AddOperation(Operation::Kind::kDelete, column, std::move(key), {});
  }
  // Deletes keys in [begin, end); nothing when begin >= end.  `end` must not be empty.  Meant for retention:
  // a batch of nothing but range deletes also gives their disk space back soon.
  void DeleteRange(Column column, std::string begin, std::string end) {
    AddOperation(Operation::Kind::kDeleteRange, column, std::move(begin), std::move(end));
  }

  Mark mark() const { return {records_.size(), operations_.size(), bytes_}; }
  // Forgets what was added since.  REQUIRES: `mark` is of this batch and not older than the last Clear().
  void RollBackTo(const Mark& mark);
  void Clear() { RollBackTo({}); }

  bool empty() const { return records_.empty() && operations_.empty(); }
  size_t bytes() const { return bytes_; }  // Of payloads, keys and values.
  const std::vector<PendingRecord>& records() const { return records_; }
  const std::vector<Operation>& operations() const { return operations_; }

 private:
  void AddOperation(Operation::Kind kind, Column column, std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    operations_.push_back({kind, column, std::move(key), std::move(value)});
  }

  std::vector<PendingRecord> records_;
  std::vector<Operation> operations_;
  size_t bytes_ = 0;
};

enum class Durability : uint8_t {
  kSynced,    // On the disk before Commit returns.
  kBuffered,  // Survives kill -9 of the process, not of the machine: for what can be derived again.
};

struct StorageStatistics {
  uint64_t disk_bytes = 0;
  uint64_t memory_bytes =
      0;  // Write buffers and pinned blocks of this engine; the shared cache counts once, elsewhere.
  uint64_t log_bytes = 0;  // Live payload bytes of the log, estimated.
  uint64_t decision_bytes = 0;
};

class StorageEngine {
 public:
  virtual ~StorageEngine() = default;

  // Writes all of `batch` or nothing, gives its records consecutive sequences and returns the first of them
  // (or the next one to be given when it has no records).  Fails with kUnavailable when the disk is full or
  // not writable, and works again once space returns; with kInvalidArgument when the batch passes a bound of
  // storage/limits.h.
  virtual Result<Sequence> Commit(const WriteBatch& batch, Durability durability) = 0;

  virtual Result<std::optional<std::string>> Get(Column column, std::string_view key) const = 0;
  // Get() of each key, in the order of the keys, not of one moment.  For many keys it costs a third of asking
  // one by one.
  virtual Result<std::vector<std::optional<std::string>>> GetMany(Column column,
                                                                  std::span<const std::string> keys) const;

  // Visits keys in [begin, end) in byte order until `visit` returns false; an empty `end` means to the last
  // key.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Status Scan(Column column, std::string_view begin, std::string_view end,
                      const Visit& visit) const = 0;

  // Visits records from `from` on, in order, until `visit` returns false or the log ends.
  using VisitRecord = std::function<bool(const Record& record)>;
  virtual Status ScanLog(Sequence from, const VisitRecord& visit) const = 0;

  virtual Sequence first_sequence()
      const = 0;                               // Of the oldest kept record; last_sequence() + 1 when none is.
  virtual Sequence last_sequence() const = 0;  // 0 when nothing was ever written.

  // Bytes that the keys in [begin, end) take, estimated; recent writes may be missing.  An empty `end` as in
  // Scan.
  virtual uint64_t ApproximateBytes(Column column, std::string_view begin, std::string_view end) const = 0;

  // Drops records below `keep_from`.  Sequences of the rest stay.  Keeps all when `keep_from` <=
  // first_sequence(); kInvalidArgument when it is past last_sequence() + 1.
  virtual Status TruncateLogBefore(Sequence keep_from) = 0;

  // Writes a consistent copy that can be opened as a store to `directory`, which must not exist.
  virtual Status Checkpoint(const std::string& directory) = 0;

  virtual StorageStatistics statistics() const = 0;
};

// Keys that sort by number: eight bytes, most significant first.
std::string OrderedKey(uint64_t number);
uint64_t NumberFromOrderedKey(std::string_view key);  // REQUIRES: key.size() >= 8.

// The value of a kEventIds entry, eight bytes like an OrderedKey.  Engines read it to know when the entry
// expires.
std::string TimeValue(int64_t time_ms);

// What every engine refuses alike, before it writes anything: kInvalidArgument that names the bound.
Status CheckBatch(const WriteBatch& batch);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_STORAGE_ENGINE_H_
