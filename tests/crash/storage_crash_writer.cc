// storage_crash_writer FOLDER: goes on writing numbered batches (storage_crash_batch.h) where the folder left
// off, and prints each number on a line of standard output once its Commit returned.  Runs until it is
// killed.
//
// Every 7th batch is buffered and not synced: a killed process must not lose those either.  Now and then the
// log is cut and the buffers are flushed, so that a kill meets those too.

#include <unistd.h>

#include <cstdio>
#include <string>

#include "base/clock.h"
#include "storage/rocks_storage.h"
#include "storage_crash_batch.h"

namespace attune::storage {
namespace {

int Fail(const Status& status) {
  std::fprintf(stderr, "%s\n", status.message().c_str());
  return 1;
}

int Run(const std::string& folder) {
  const SystemClock clock;
  RocksOptions options;
  options.clock = &clock;
  // Little memory, so that flushes happen all the time.
  StorageResourceOptions resources;
  resources.write_buffer_bytes = 1u << 20;
  options.resources = StorageResources::Create(resources);
  Result<std::unique_ptr<RocksStorage>> opened = RocksStorage::Open(folder, options);
  if (!opened.ok()) return Fail(opened.status());
  RocksStorage& engine = **opened;
  const Result<std::optional<std::string>> last = engine.Get(Column::kMeta, "last");
  if (!last.ok()) return Fail(last.status());
  for (uint64_t n = last->has_value() ? std::stoull(**last) + 1 : 1;; ++n) {
    const Durability durability = n % 7 == 0 ? Durability::kBuffered : Durability::kSynced;
    const Result<Sequence> first = engine.Commit(CrashBatch(n), durability);
    if (!first.ok()) return Fail(first.status());
    const std::string line = std::to_string(n) + "\n";
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return 1;
    if (n % 50 == 0 && engine.last_sequence().value() > 300) {
      const Status cut = engine.TruncateLogBefore(Sequence{engine.last_sequence().value() - 200});
      if (!cut.ok()) return Fail(cut);
    }
    if (n % 30 == 0) {
      const Status released = engine.ReleaseMemory();
      if (!released.ok()) return Fail(released);
    }
  }
}

}  // namespace
}  // namespace attune::storage

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: storage_crash_writer FOLDER\n");
    return 2;
  }
  return attune::storage::Run(argv[1]);
}
