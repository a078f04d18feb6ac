// What durable writing costs: commits of groups of records, the writer strand under many threads, reading
// back, and what an open store weighs.
//
//   build/release/bench/storage_bench
//
// The folder is TMPDIR (or /tmp): put it on the disk to be measured.  Rates depend on how fast that disk
// syncs.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "storage/rocks_storage.h"
#include "storage/writer_strand.h"

namespace attune::storage {
namespace {

namespace fs = std::filesystem;

constexpr size_t kEventBytes = 200;  // A view event with its ids.

const Clock& TheClock() {
  static const SystemClock clock;
  return clock;
}

class TemporaryStore {
 public:
  explicit TemporaryStore(std::shared_ptr<StorageResources> resources = nullptr)
      : folder_(fs::temp_directory_path() /
                ("attune_bench_" + std::to_string(SecureRandomSource().Next64()))) {
    RocksOptions options;
    options.clock = &TheClock();
    options.resources = resources ? std::move(resources) : StorageResources::Create({});
    engine_ = std::move(RocksStorage::Open(folder_.string(), options)).value();
  }
  ~TemporaryStore() {
    engine_.reset();
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  RocksStorage& engine() { return *engine_; }

 private:
  const fs::path folder_;
  std::unique_ptr<RocksStorage> engine_;
};

// Half text that repeats, half random: compresses about two to one, as events do.
std::string EventPayload(Random& random) {
  std::string payload(kEventBytes, 'e');
  for (size_t i = 0; i < kEventBytes / 2; ++i) payload[i] = static_cast<char>(random.Next());
  return payload;
}

// A group of events as the server writes it: the record, and the entry that recognises a duplicate.
WriteBatch EventBatch(Random& random, int64_t events) {
  WriteBatch batch;
  for (int64_t i = 0; i < events; ++i) {
    batch.AppendRecord(RecordKind::kEvent, TheClock().NowMs(), EventPayload(random));
    batch.Put(Column::kEventIds, OrderedKey(random.Next()), TimeValue(TheClock().NowMs()));
  }
  return batch;
}

void BM_Commit(benchmark::State& state, Durability durability) {
  TemporaryStore store;
  Random random(1);
  for (auto _ : state) {
    state.PauseTiming();
    const WriteBatch batch = EventBatch(random, state.range(0));
    state.ResumeTiming();
    if (!store.engine().Commit(batch, durability).ok()) state.SkipWithError("commit failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_CAPTURE(BM_Commit, synced, Durability::kSynced)
    ->Arg(1)
    ->Arg(100)
    ->Arg(500)
    ->Arg(1000)
    ->UseRealTime();
BENCHMARK_CAPTURE(BM_Commit, buffered, Durability::kBuffered)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime();

// Lets its thread go on when it is done.
class EventCommand final : public WriteCommand {
 public:
  explicit EventCommand(std::string payload) : payload_(std::move(payload)) {}
  struct Signal {
    Mutex mutex;
    ConditionVariable changed;
    bool is_done GUARDED_BY(mutex) = false;
  };
  std::shared_ptr<Signal> signal = std::make_shared<Signal>();

  Status Prepare(WriteBatch& batch) override {
    batch.AppendRecord(RecordKind::kEvent, TheClock().NowMs(), std::move(payload_));
    return Status();
  }
  void Apply(Sequence) override {}
  void Done(const Status&) override {
    MutexLock lock(signal->mutex);
    signal->is_done = true;
    signal->changed.NotifyOne();
  }

 private:
  std::string payload_;
};

// Each thread submits one durable event and waits for it: group commit makes one sync of what waits.
void BM_StrandSingleEvents(benchmark::State& state) {
  static std::unique_ptr<TemporaryStore> store;
  static std::unique_ptr<WriterPool> pool;
  static std::unique_ptr<WriterStrand> strand;
  if (state.thread_index() == 0) {
    store = std::make_unique<TemporaryStore>();
    pool = std::make_unique<WriterPool>(1);
    strand = std::make_unique<WriterStrand>(pool.get(), &store->engine(), nullptr, WriterLimits{});
  }
  Random random(static_cast<uint64_t>(state.thread_index()));
  for (auto _ : state) {
    auto command = std::make_unique<EventCommand>(EventPayload(random));
    const std::shared_ptr<EventCommand::Signal> signal = command->signal;
    if (!strand->Submit(std::move(command)).ok()) {
      state.SkipWithError("refused");
      break;
    }
    MutexLock lock(signal->mutex);
    while (!signal->is_done) signal->changed.Wait(lock);
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    strand.reset();
    pool.reset();
    store.reset();
  }
}
BENCHMARK(BM_StrandSingleEvents)->Threads(1)->Threads(16)->Threads(64)->UseRealTime();

void BM_ScanLog(benchmark::State& state) {
  TemporaryStore store;
  Random random(1);
  constexpr int64_t kRecords = 500'000;
  for (int64_t i = 0; i < kRecords; i += 1000) {
    if (!store.engine().Commit(EventBatch(random, 1000), Durability::kBuffered).ok()) {
      state.SkipWithError("commit failed");
    }
  }
  for (auto _ : state) {
    size_t bytes = 0;
    const Status status = store.engine().ScanLog(Sequence{1}, [&bytes](const Record& record) {
      bytes += record.payload.size();
      return true;
    });
    if (!status.ok()) state.SkipWithError("scan failed");
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}
BENCHMARK(BM_ScanLog)->Unit(benchmark::kMillisecond);

void BM_Get(benchmark::State& state) {
  TemporaryStore store;
  Random random(1);
  constexpr uint64_t kKeys = 200'000;
  for (uint64_t i = 0; i < kKeys; i += 1000) {
    WriteBatch batch;
    for (uint64_t j = 0; j < 1000; ++j) batch.Put(Column::kProfiles, OrderedKey(i + j), EventPayload(random));
    if (!store.engine().Commit(batch, Durability::kBuffered).ok()) state.SkipWithError("commit failed");
  }
  if (!store.engine().Compact(Column::kProfiles).ok()) state.SkipWithError("compaction failed");
  // Twice as many keys as there are: half of the answers is "absent", which the Bloom filter gives.
  for (auto _ : state) {
    benchmark::DoNotOptimize(store.engine().Get(Column::kProfiles, OrderedKey(random.NextBelow(2 * kKeys))));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Get);

double ResidentMegabytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// Opens stores that hold a little of everything, lets their buffers go, and reports memory and time for each.
void BM_IdleStores(benchmark::State& state) {
  for (auto _ : state) {
    const auto resources = StorageResources::Create({});
    const double before = ResidentMegabytes();
    std::vector<std::unique_ptr<TemporaryStore>> stores;
    Random random(1);
    for (int64_t i = 0; i < state.range(0); ++i) {
      stores.push_back(std::make_unique<TemporaryStore>(resources));
      WriteBatch batch = EventBatch(random, 100);
      for (int column = 0; column < kColumnCount; ++column) {
        for (uint64_t key = 0; key < 20; ++key) {
          batch.Put(static_cast<Column>(column), OrderedKey(key), EventPayload(random));
        }
      }
      if (!stores.back()->engine().Commit(batch, Durability::kBuffered).ok())
        state.SkipWithError("commit failed");
    }
    const double full = ResidentMegabytes();
    for (const auto& store : stores) {
      if (!store->engine().ReleaseMemory().ok()) state.SkipWithError("flush failed");
    }
    state.PauseTiming();
    // Flushes run behind; a checkpoint waits for the last of them.
    for (const auto& store : stores) {
      const std::string copy = store->engine().store_folder() + "/flush";
      if (!store->engine().Checkpoint(copy).ok()) state.SkipWithError("checkpoint failed");
    }
    state.counters["mb_per_store_written"] = (full - before) / static_cast<double>(state.range(0));
    state.counters["mb_per_store_released"] =
        (ResidentMegabytes() - before) / static_cast<double>(state.range(0));
    state.counters["resident_mb"] = ResidentMegabytes();
    stores.clear();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_IdleStores)->Arg(300)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace attune::storage
