#include "storage/rocks_tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <string>
#include <vector>

#include "storage/event_id_expiry.h"

namespace attune::storage {
namespace {

// Small blocks of a write buffer: an empty column of an idle store costs kilobytes.
constexpr size_t kArenaBlockBytes = 16u << 10;
constexpr size_t kColumnWriteBufferBytes = 8u << 20;
// The log takes most bytes; larger buffers make fewer, larger tables.
constexpr size_t kLogWriteBufferBytes = 16u << 20;
// All columns share one write-ahead log; past this the oldest buffers are flushed, which bounds the replay at
// start.
constexpr uint64_t kWalBytesMax = 64u << 20;
// Open tables per store.  Small stores have a handful; the bound is for large ones.
constexpr int kOpenFilesMax = 256;
constexpr double kBloomBitsPerKey = 10;  // 1 % false positives.
// Of a write buffer's size: 160 kB for one of 8 MB, 13 bits for each of the ~100 000 small entries that it
// holds.
constexpr double kBufferBloomShare = 0.02;
constexpr size_t kPointBlockBytes = 4u << 10;
constexpr size_t kScanBlockBytes = 16u << 10;
constexpr uint64_t kColumnTableBytes = 16u << 20;
constexpr uint64_t kLogTableBytes = 32u << 20;
// Event ids are rewritten at least this often, so that expired ones go even when few new ones come.
constexpr uint64_t kEventIdCompactionSeconds = 2 * 24 * 3600;

class EventIdFilter final : public rocksdb::CompactionFilter {
 public:
  EventIdFilter(int64_t window_ms, int64_t now_ms) : window_ms_(window_ms), now_ms_(now_ms) {}
  const char* Name() const override { return "attune.EventIdFilter"; }
  bool Filter(int /*level*/, const rocksdb::Slice& /*key*/, const rocksdb::Slice& value,
              std::string* /*new_value*/, bool* /*value_changed*/) const override {
    return IsExpiredEventId(std::string_view(value.data(), value.size()), window_ms_, now_ms_);
  }

 private:
  const int64_t window_ms_;
  const int64_t now_ms_;
};

class EventIdFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  EventIdFilterFactory(const Clock* clock, int64_t window_ms) : clock_(clock), window_ms_(window_ms) {}
  const char* Name() const override { return "attune.EventIdFilterFactory"; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context& /*context*/) override {
    return std::make_unique<EventIdFilter>(window_ms_, clock_->NowMs());
  }

 private:
  const Clock* const clock_;
  const int64_t window_ms_;
};

// Of universal compaction: a table this much larger than all younger ones together is left in peace, and a
// family may take this much more than its live bytes until all of it is rewritten.
constexpr unsigned kUniversalSizeRatioPercent = 20;
constexpr unsigned kUniversalSpacePercent = 100;

bool IsPointLookup(Column column) { return column != Column::kMeta; }

// Keys are hashes: every table overlaps every other, and leveled compaction would rewrite each entry a dozen
// times.  (Sequences and product indices come in order or stay few.)
bool HasScatteredKeys(Column column) {
  switch (column) {
    case Column::kProfiles:
    case Column::kIdentity:
    case Column::kOrders:
    case Column::kVault:
      return true;
    default:
      return false;
  }
}

rocksdb::ColumnFamilyOptions BaseOptions(const StorageResources& resources, bool bloom, size_t block_bytes) {
  rocksdb::ColumnFamilyOptions options;
  options.arena_block_size = kArenaBlockBytes;
  options.write_buffer_size = kColumnWriteBufferBytes;
  options.max_write_buffer_number = 2;
  options.target_file_size_base = kColumnTableBytes;
  options.max_bytes_for_level_base = 4 * kColumnTableBytes;
  options.compression = TableCompression();
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = resources.shared().block_cache;
  table.block_size = block_bytes;
  // In the shared cache, or the indexes of 300 stores would be outside of every budget.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  if (bloom) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    // Most lookups are for what is not there (a new event id, a new shopper): without it each walks the skip
    // list.
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = kBufferBloomShare;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace

rocksdb::CompressionType TableCompression() {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  const bool has_lz4 =
      std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
  return has_lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::DBOptions MakeDatabaseOptions(const StorageResources& resources, rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = true;
  options.write_buffer_manager = resources.shared().write_buffers;
  options.rate_limiter = resources.shared().rate_limiter;
  options.max_total_wal_size = kWalBytesMax;
  options.max_open_files = kOpenFilesMax;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  // A snapshot is tens of megabytes: on their way to the disk while they are written, the next commit need
  // not wait for all of them.
  options.wal_bytes_per_sync = 1 << 20;
  // One thread commits, so the machinery for several writers only costs.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  // A restart replays into memory and writes no table; what a crash tore at the end of the log is cut off
  // there.
  options.avoid_flush_during_recovery = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // RocksStorage itself opens the database again once the disk takes writes.
  options.max_bgerror_resume_count = 0;
  // No timer threads and short text logs per store.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = 1 << 20;
  options.keep_log_file_num = 2;
  return options;
}

rocksdb::ColumnFamilyOptions MakeLogOptions(const StorageResources& resources) {
  rocksdb::ColumnFamilyOptions options = BaseOptions(resources, /*bloom=*/false, kScanBlockBytes);
  options.write_buffer_size = kLogWriteBufferBytes;
  options.max_write_buffer_number = 3;
  options.target_file_size_base = kLogTableBytes;
  options.max_bytes_for_level_base = 4 * kLogTableBytes;
  return options;
}

rocksdb::ColumnFamilyOptions MakeEngineOptions(const StorageResources& resources) {
  return BaseOptions(resources, /*bloom=*/false, kPointBlockBytes);
}

rocksdb::ColumnFamilyOptions MakeColumnOptions(const StorageResources& resources, Column column,
                                               const Clock* clock, int64_t event_id_window_ms) {
  rocksdb::ColumnFamilyOptions options = BaseOptions(resources, IsPointLookup(column), kPointBlockBytes);
  if (HasScatteredKeys(column)) {
    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.compaction_options_universal.size_ratio = kUniversalSizeRatioPercent;
    options.compaction_options_universal.max_size_amplification_percent = kUniversalSpacePercent;
  }
  if (column == Column::kEventIds) {
    options.compaction_filter_factory = std::make_shared<EventIdFilterFactory>(clock, event_id_window_ms);
    options.periodic_compaction_seconds = kEventIdCompactionSeconds;
    options.compression = rocksdb::kNoCompression;  // Hashes: there is nothing to be found in them.
  }
  return options;
}

StorageResources::StorageResources(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
StorageResources::~StorageResources() = default;

std::shared_ptr<StorageResources> StorageResources::Create(const StorageResourceOptions& options) {
  rocksdb::Env* const env = rocksdb::Env::Default();
  env->SetBackgroundThreads(options.flush_threads, rocksdb::Env::HIGH);
  env->SetBackgroundThreads(options.compaction_threads, rocksdb::Env::LOW);
  env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW);
  env->LowerThreadPoolIOPriority(rocksdb::Env::LOW);
  auto shared = std::make_unique<Shared>();
  shared->block_cache = rocksdb::NewLRUCache(options.block_cache_bytes, /*num_shard_bits=*/4);
  shared->write_buffers = std::make_shared<rocksdb::WriteBufferManager>(options.write_buffer_bytes);
  shared->rate_limiter.reset(rocksdb::NewGenericRateLimiter(options.background_bytes_per_second));
  return std::shared_ptr<StorageResources>(new StorageResources(std::move(shared)));
}

StorageResourceUse StorageResources::use() const {
  return {shared_->block_cache->GetUsage(), shared_->write_buffers->memory_usage()};
}

}  // namespace attune::storage
