// How RocksDB is set up for a store: every option that is not the default, with its reason (in the .cc).
//
// Only for the .cc files of this room: it brings RocksDB's headers.
// Thread safety: pure functions.

#ifndef ATTUNE_STORAGE_ROCKS_TUNING_H_
#define ATTUNE_STORAGE_ROCKS_TUNING_H_

#include <rocksdb/options.h>

#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "storage/storage_engine.h"
#include "storage/storage_resources.h"

namespace rocksdb {
class Cache;
class RateLimiter;
class WriteBufferManager;
}  // namespace rocksdb

namespace attune::storage {

struct StorageResources::Shared {
  std::shared_ptr<rocksdb::Cache> block_cache;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers;
  std::shared_ptr<rocksdb::RateLimiter> rate_limiter;
};

inline constexpr char kLogColumnFamily[] = "log";

// LZ4 when the library was built with it (Debian's is), else none.
rocksdb::CompressionType TableCompression();

rocksdb::DBOptions MakeDatabaseOptions(const StorageResources& resources, rocksdb::Env* env);

rocksdb::ColumnFamilyOptions MakeLogOptions(const StorageResources& resources);
// Of the engine's own few keys (RocksDB's "default" family).
rocksdb::ColumnFamilyOptions MakeEngineOptions(const StorageResources& resources);
// `clock` and the window are for kEventIds, whose expired entries a compaction leaves out.
rocksdb::ColumnFamilyOptions MakeColumnOptions(const StorageResources& resources, Column column,
                                               const Clock* clock, int64_t event_id_window_ms);

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_ROCKS_TUNING_H_
