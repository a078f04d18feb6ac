// What folding, storing and composing profiles costs on one thread.
//
//   features_bench      (Google Benchmark)
//
// FoldEvent is the time of one event of a busy shopper among 2 000, in a shop of 10 000 products; the budget
// is 1.5 us.

#include <benchmark/benchmark.h>

#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "features/compose.h"
#include "features/fold_event.h"
#include "features/product_feature_store.h"
#include "features/profile_record.h"
#include "features/profile_store.h"
#include "features/sample_history.h"
#include "storage/memory_storage.h"

namespace attune::features {
namespace {

constexpr uint32_t kProductCount = 10'000;
constexpr size_t kShopperCount = 2'000;

struct Stream {
  SampleShop shop{1, kProductCount};
  FoldContext context = shop.Context();
  std::vector<events::Event> events;

  Stream() {
    Random random(7);
    events = SampleEvents(random, kProductCount, 100'000, 2'000, 60 * kDayMs);
    for (events::Event& event : events)
      event.shopper = ShopperHandle(MixHash64(random.NextBelow(kShopperCount), 1));
  }
};

const Stream& TheStream() {
  static const Stream stream;
  return stream;
}

void BM_FoldEvent(benchmark::State& state) {
  const Stream& stream = TheStream();
  std::vector<ShopperProfile> profiles(kShopperCount);
  size_t next = 0;
  for (auto _ : state) {
    const events::Event& event = stream.events[next % stream.events.size()];
    FoldEvent(event, Sequence(++next), stream.context, profiles[event.shopper.value() % kShopperCount]);
  }
}
BENCHMARK(BM_FoldEvent);

void BM_FoldIntoStore(benchmark::State& state) {
  const Stream& stream = TheStream();
  const VirtualClock clock(kSampleStartMs);
  storage::MemoryStorage engine(&clock);
  ProfileStore store(&engine, {.budget_bytes = 64u << 20, .settings = stream.context.settings});
  size_t next = 0;
  for (auto _ : state) {
    const events::Event& event = stream.events[next % stream.events.size()];
    const Sequence sequence(++next);
    const Status status = store.Update(event.shopper, sequence, [&](ShopperProfile& profile) {
      return FoldEvent(event, sequence, stream.context, profile);
    });
    benchmark::DoNotOptimize(status.ok());
  }
}
BENCHMARK(BM_FoldIntoStore);

void BM_ReadProfile(benchmark::State& state) {
  const Stream& stream = TheStream();
  const VirtualClock clock(kSampleStartMs);
  storage::MemoryStorage engine(&clock);
  ProfileStore store(&engine, {.budget_bytes = 64u << 20, .settings = stream.context.settings});
  uint64_t sequence = 0;
  for (const events::Event& event : stream.events) {
    ++sequence;
    const Status status = store.Update(event.shopper, Sequence(sequence), [&](ShopperProfile& profile) {
      return FoldEvent(event, Sequence(sequence), stream.context, profile);
    });
    benchmark::DoNotOptimize(status.ok());
  }
  size_t next = 0;
  for (auto _ : state) {
    auto profile = store.Read(stream.events[next++ % stream.events.size()].shopper);
    benchmark::DoNotOptimize(profile);
  }
  const ProfileStore::Statistics statistics = store.statistics();
  state.counters["bytes_per_profile"] =
      static_cast<double>(statistics.bytes) / static_cast<double>(statistics.entry_count);
}
BENCHMARK(BM_ReadProfile);

void BM_FoldProductFeatures(benchmark::State& state) {
  const Stream& stream = TheStream();
  ProductFeatureStore store{FeatureSettings{}};
  size_t next = 0;
  for (auto _ : state) store.FoldEvent(stream.events[next++ % stream.events.size()], stream.context);
}
BENCHMARK(BM_FoldProductFeatures);

void BM_ReadProductSignals(benchmark::State& state) {
  const Stream& stream = TheStream();
  ProductFeatureStore store{FeatureSettings{}};
  for (const events::Event& event : stream.events) store.FoldEvent(event, stream.context);
  uint32_t next = 0;
  for (auto _ : state) {
    auto signals = store.ReadSignals(ProductIndex(next++ % kProductCount), kSampleStartMs + 60 * kDayMs);
    benchmark::DoNotOptimize(signals);
  }
}
BENCHMARK(BM_ReadProductSignals);

// One visit of five views, as most anonymous shoppers are: what a profile costs in the cache.
void BM_ShortVisitIntoStore(benchmark::State& state) {
  const Stream& stream = TheStream();
  const VirtualClock clock(kSampleStartMs);
  storage::MemoryStorage engine(&clock);
  ProfileStore store(&engine, {.budget_bytes = 4u << 20, .settings = stream.context.settings});
  uint64_t sequence = 0;
  for (auto _ : state) {
    const uint64_t shopper = sequence / 5;
    events::Event event;
    event.type = events::EventType::kProductViewed;
    event.occurred_at_ms = kSampleStartMs + static_cast<int64_t>(sequence) * kSecondMs;
    event.received_at_ms = event.occurred_at_ms;
    event.lines.resize(1);
    event.lines[0].product = ProductIndex(static_cast<uint32_t>(MixHash64(sequence, 3) % kProductCount));
    ++sequence;
    const Status status =
        store.Update(ShopperHandle(MixHash64(shopper, 5)), Sequence(sequence), [&](ShopperProfile& profile) {
          return FoldEvent(event, Sequence(sequence), stream.context, profile);
        });
    benchmark::DoNotOptimize(status.ok());
    if (store.NeedsSave()) {
      state.PauseTiming();
      storage::WriteBatch batch;
      store.SaveChanged(batch);
      store.MarkSaved();
      state.ResumeTiming();
    }
  }
  const ProfileStore::Statistics statistics = store.statistics();
  state.counters["bytes_per_profile"] =
      static_cast<double>(statistics.bytes) / static_cast<double>(statistics.entry_count);
}
BENCHMARK(BM_ShortVisitIntoStore)->Iterations(200'000);

}  // namespace
}  // namespace attune::features
