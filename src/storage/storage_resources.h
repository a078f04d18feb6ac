// What all stores of a process share: the block cache, the write-buffer budget, the background threads and
// the rate at which they write.  So the memory of 300 stores is one number each, and not 300 of them.
//
//   block cache       blocks, indexes and Bloom filters of all tables; evicts by use
//   write buffers     when the sum over all stores passes the budget, the store that writes next flushes
//   background        flush threads (high priority) and compaction threads (low, niced, rate-limited), one
//   pool
//
// An idle store holds its write buffers until it flushes: call RocksStorage::ReleaseMemory() on stores that
// went quiet.
//
// Thread safety: immutable after Create; shared by all engines.

#ifndef ATTUNE_STORAGE_STORAGE_RESOURCES_H_
#define ATTUNE_STORAGE_STORAGE_RESOURCES_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace attune::storage {

struct StorageResourceOptions {
  size_t block_cache_bytes = 256u << 20;
  size_t write_buffer_bytes = 128u << 20;
  int flush_threads = 1;
  int compaction_threads = 1;
  // Of flushes and compactions together, so that they leave the disk to the log's syncs.
  int64_t background_bytes_per_second = 100 << 20;
};

struct StorageResourceUse {
  size_t block_cache_bytes = 0;
  size_t write_buffer_bytes = 0;
};

class StorageResources {
 public:
  static std::shared_ptr<StorageResources> Create(const StorageResourceOptions& options);
  ~StorageResources();

  StorageResources(const StorageResources&) = delete;
  StorageResources& operator=(const StorageResources&) = delete;

  StorageResourceUse use() const;

  // RocksDB's own objects: storage/rocks_tuning.h.
  struct Shared;
  const Shared& shared() const { return *shared_; }

 private:
  explicit StorageResources(std::unique_ptr<Shared> shared);
  const std::unique_ptr<Shared> shared_;
};

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_STORAGE_RESOURCES_H_
