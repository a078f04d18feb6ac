// The embedded StorageEngine: one RocksDB per store folder (storage/store_folder.h), a column family per
// Column, and `log` for the records.
//
//     log      OrderedKey(first sequence) -> records     (storage/log_entry.h)
//     columns  key -> value, as given; a family is made when something is first put in it
//     default  the engine's own: "log_bounds"            (docs/formats/storage.md)
//
// Failing disks.  Before a batch is written, its log blocks are allocated; a full disk is met there and costs
// nothing. When a write fails all the same, the log file is cut back to where it was
// (storage/wal_file_system.h), reads go on, and each later Commit first tries the disk with a small file and
// then opens the database again: so writing resumes with the first Commit after space returned.  While it
// opens again (milliseconds), reads answer kUnavailable.
//
// Killed at any time, a folder opens with every batch whose Commit returned and nothing of any other.
//
// Thread safety: as StorageEngine says.  ReleaseMemory and Compact from any thread.

#ifndef ATTUNE_STORAGE_ROCKS_STORAGE_H_
#define ATTUNE_STORAGE_ROCKS_STORAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "storage/limits.h"
#include "storage/storage_engine.h"
#include "storage/storage_resources.h"
#include "storage/store_folder.h"

namespace rocksdb {
class FileSystem;
}  // namespace rocksdb

namespace attune::storage {

// Takes a folder from the version before `to`.  May be run twice (the first run was killed), so it must not
// mind.
struct FormatStep {
  uint32_t to = 0;
  std::function<Status(StorageEngine& engine)> upgrade;
};

// The steps of this binary.
//   to 2  nothing: entries of one record are entries (storage/log_entry.h)
std::vector<FormatStep> KnownFormatSteps();

struct RocksOptions {
  const Clock* clock = nullptr;  // Decides when event ids expire.  Outlives the engine.
  std::shared_ptr<StorageResources> resources;
  bool create_if_missing = true;
  int64_t event_id_window_ms = kEventIdWindowMs;
  // With less than this free, only batches of deletes are written.
  uint64_t free_bytes_min = kFreeBytesMin;

  // The version that this binary writes and the steps that lead there.  Others than the defaults are for
  // tests.
  uint32_t format_version = kFormatVersion;
  std::vector<FormatStep> format_steps = KnownFormatSteps();
  // Below WalFileSystem; the operating system's when null.  For tests that break the disk.
  std::shared_ptr<rocksdb::FileSystem> file_system;
};

class RocksStorage final : public StorageEngine {
 public:
  // Opens or makes a store folder.
  //   kConflict         another process uses this folder, or it was written by a newer attune
  //   kNotFound         there is none, and create_if_missing is off
  //   kUnavailable      the folder cannot be made or written
  //   kCorruption       what is there is not a store folder, or is damaged
  // A folder of an older version is upgraded, after a checkpoint to "<folder>/before-format-<version>".
  static Result<std::unique_ptr<RocksStorage>> Open(const std::string& store_folder,
                                                    const RocksOptions& options);
  ~RocksStorage() override;

  Result<Sequence> Commit(const WriteBatch& batch, Durability durability) override;
  Result<std::optional<std::string>> Get(Column column, std::string_view key) const override;
  Result<std::vector<std::optional<std::string>>> GetMany(Column column,
                                                          std::span<const std::string> keys) const override;
  Status Scan(Column column, std::string_view begin, std::string_view end, const Visit& visit) const override;
  Status ScanLog(Sequence from, const VisitRecord& visit) const override;
  Sequence first_sequence() const override;
  Sequence last_sequence() const override;
  uint64_t ApproximateBytes(Column column, std::string_view begin, std::string_view end) const override;
  Status TruncateLogBefore(Sequence keep_from) override;
  Status Checkpoint(const std::string& directory) override;
  StorageStatistics statistics() const override;

  const std::string& store_folder() const;
  // What FORMAT said when the folder was opened, before any upgrade.
  uint32_t found_format_version() const;

  // Starts writing the store's buffers to disk, and returns.  For a store that went quiet.
  Status ReleaseMemory();

  // Rewrites a column now, without what was deleted or has expired.  Takes as long as reading and writing it.
  Status Compact(Column column);

  // Forgets a whole column and gives its disk space back at once; on the committing thread.  For base
  // snapshots, which need no decisions.
  Status DropColumn(Column column);

 private:
  class Database;
  explicit RocksStorage(std::unique_ptr<Database> database);
  const std::unique_ptr<Database> database_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_ROCKS_STORAGE_H_
