// How fast events are read and taken in on one thread: parsing, then preparing against RocksDB with groups of
// 500.
//
//   events_bench                   (Google Benchmark; --benchmark_filter=Intake for the writer's side)
//
// items_per_second is events per second of wall time.  The log's commit is part of the Intake figures,
// buffered, so that they show the processor's work and not the disk's.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "events/event_intake.h"
#include "events/event_json.h"
#include "events/event_record.h"
#include "events/vault_first_storage.h"
#include "storage/rocks_storage.h"
#include "storage/storage_resources.h"

namespace attune::events {
namespace {

constexpr size_t kGroup = 500;
constexpr int64_t kNow = 1'767'225'600'000;

class MapNamer final : public ProductNamer {
 public:
  ProductIndex IndexFor(std::string_view external_id) override {
    const auto [entry, is_new] =
        indices_.emplace(std::string(external_id), static_cast<uint32_t>(indices_.size()));
    return ProductIndex(entry->second);
  }

 private:
  std::unordered_map<std::string, uint32_t> indices_;
};

std::string UuidOf(uint64_t number) {
  Random random(number);
  char text[40];
  const uint64_t a = random.Next(), b = random.Next();
  std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xffff), static_cast<unsigned>(a & 0xffff),
                static_cast<unsigned>(b >> 48), static_cast<unsigned long long>(b & 0xffffffffffff));
  return text;
}

std::string ViewJson(uint64_t event, uint64_t shopper, uint64_t product) {
  return R"({"id":")" + UuidOf(event) +
         R"(","type":"product_viewed","occurred_at":1767225599000,"anonymous_id":"shopper-)" +
         std::to_string(shopper) + R"(","product_id":"product-)" + std::to_string(product) +
         R"(","consent":{"analytics":true,"personalization":true}})";
}

IncomingEvent View(uint64_t event_number, uint64_t shopper, uint64_t product) {
  IncomingEvent event;
  event.id = UuidOf(event_number);
  event.received_at_ms = kNow;
  event.occurred_at_ms = kNow - 1'000;
  event.anonymous_id = "shopper-" + std::to_string(shopper);
  event.lines.resize(1);
  event.lines[0].product_id = "product-" + std::to_string(product);
  return event;
}

void BM_ParseBody(benchmark::State& state) {
  std::string body = "[";
  for (uint64_t i = 0; i < kGroup; ++i) body += (i ? "," : "") + ViewJson(i, i * 7 % 1000, i * 13 % 5000);
  body += "]";
  EventBodyOptions options;
  options.received_at_ms = kNow;
  options.default_currency = *Currency::Parse("EUR");
  for (auto _ : state) {
    auto parsed = ParseEventBody(body, options);
    benchmark::DoNotOptimize(parsed);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kGroup));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(body.size()));
}
BENCHMARK(BM_ParseBody);

void BM_RecordCodec(benchmark::State& state) {
  Event event;
  event.id = UuidOf(1);
  event.received_at_ms = kNow;
  event.occurred_at_ms = kNow - 1'000;
  event.shopper = ShopperHandle(0x1234567890abcdef);
  event.lines.resize(1);
  Event decoded;
  for (auto _ : state) {
    const std::string payload = EncodeEvent(event);
    benchmark::DoNotOptimize(DecodeEvent(payload, decoded));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RecordCodec);

// A store on disk in a folder of its own that goes with it.
class DiskStore {
 public:
  DiskStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "attune-events-bench-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    storage::RocksOptions options;
    options.clock = &clock_;
    options.resources = storage::StorageResources::Create({});
    auto engine = storage::RocksStorage::Open(folder_ + "/store", options);
    CHECK(engine.ok());
    engine_ = std::move(engine).value();
    auto vault = storage::RocksStorage::Open(folder_ + "/vault", options);
    CHECK(vault.ok());
    vault_ = std::move(vault).value();
    auto opened = IdentityRegistry::Open(engine_.get(), vault_.get(), &random_, {});
    CHECK(opened.ok());
    registry = std::move(opened).value();
    store_ = std::make_unique<VaultFirstStorage>(engine_.get(), registry.get());
    auto intake = EventIntake::Open(engine_.get(), registry.get(), &namer_, ConsentDefaults());
    CHECK(intake.ok());
    intake_ = std::move(intake).value();
  }
  ~DiskStore() {
    intake_.reset();
    store_.reset();
    registry.reset();
    engine_.reset();
    vault_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Write(std::vector<IncomingEvent>& events) {
    storage::WriteBatch batch;
    PreparedEvents prepared;
    const double begin = ThreadSeconds();
    const auto ahead = intake_->LookAhead(events);
    CHECK(ahead.ok());
    intake_->Prepare(events, *ahead, kNow, batch, prepared);
    const double ready = ThreadSeconds();
    CHECK(registry->CommitVault().ok());
    const double vaulted = ThreadSeconds();
    CHECK(store_->Commit(batch, storage::Durability::kBuffered).ok());
    const double committed = ThreadSeconds();
    CHECK(intake_->Apply(prepared).ok());
    intake_->OnGroupApplied();
    const double applied = ThreadSeconds();
    if (registry->changed_count() > 50'000) Snapshot();
    prepare_seconds += ready - begin;
    vault_seconds += vaulted - ready;
    commit_seconds += committed - vaulted;
    apply_seconds += applied - committed;
    snapshot_seconds += ThreadSeconds() - applied;
  }

  void ResetSeconds() {
    prepare_seconds = vault_seconds = commit_seconds = apply_seconds = snapshot_seconds = 0;
  }

  void Snapshot() {
    storage::WriteBatch batch;
    registry->SaveChanged(batch);
    CHECK(store_->Commit(batch, storage::Durability::kBuffered).ok());
    registry->OnSaved();
  }

  std::unique_ptr<IdentityRegistry> registry;
  // Of this thread's processor time.
  double prepare_seconds = 0;
  double vault_seconds = 0;
  double commit_seconds = 0;
  double apply_seconds = 0;
  double snapshot_seconds = 0;

 private:
  static double ThreadSeconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  VirtualClock clock_{kNow};
  SecureRandomSource random_;
  MapNamer namer_;
  std::string folder_;
  std::unique_ptr<storage::RocksStorage> engine_;
  std::unique_ptr<storage::RocksStorage> vault_;
  std::unique_ptr<VaultFirstStorage> store_;
  std::unique_ptr<EventIntake> intake_;
};

// Groups of 500 events; `shoppers` existing ones, or every event a new one when 0.
void BM_Intake(benchmark::State& state) {
  DiskStore store;
  const auto shoppers = static_cast<uint64_t>(state.range(0));
  std::vector<IncomingEvent> events;
  for (uint64_t shopper = 0; shopper < shoppers; ++shopper) {
    events.push_back(View(1'000'000'000 + shopper, shopper, shopper % 5'000));
    if (events.size() == kGroup) {
      store.Write(events);
      events.clear();
    }
  }
  uint64_t number = 0;
  Random random(1);
  store.ResetSeconds();
  for (auto _ : state) {
    state.PauseTiming();
    events.clear();
    for (size_t i = 0; i < kGroup; ++i, ++number) {
      events.push_back(
          View(number, shoppers == 0 ? number : random.NextBelow(shoppers), random.NextBelow(5'000)));
    }
    state.ResumeTiming();
    store.Write(events);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kGroup));
  const double micros = 1e6 / static_cast<double>(number);
  state.counters["cpu_us_prepare"] = store.prepare_seconds * micros;
  state.counters["cpu_us_vault"] = store.vault_seconds * micros;
  state.counters["cpu_us_commit"] = store.commit_seconds * micros;
  state.counters["cpu_us_apply"] = store.apply_seconds * micros;
  state.counters["cpu_us_snapshot"] = store.snapshot_seconds * micros;
}
BENCHMARK(BM_Intake)->Arg(10'000)->Arg(500'000)->Arg(0)->Iterations(600)->UseRealTime();

void BM_FindShopper(benchmark::State& state) {
  DiskStore store;
  constexpr uint64_t kShoppers = 500'000;
  std::vector<IncomingEvent> events;
  for (uint64_t shopper = 0; shopper < kShoppers; ++shopper) {
    events.push_back(View(shopper, shopper, 1));
    if (events.size() == kGroup) {
      store.Write(events);
      events.clear();
    }
  }
  store.Snapshot();
  const bool is_known = state.range(0) > 0;
  const auto hot = static_cast<uint64_t>(state.range(0));
  Random random(2);
  for (auto _ : state) {
    const std::string id =
        (is_known ? "shopper-" : "stranger-") + std::to_string(random.NextBelow(is_known ? hot : kShoppers));
    const auto found = store.registry->Find(IdentityKind::kAnonymous, id);
    CHECK(found.ok() && found->has_value() == is_known);
    if (is_known) benchmark::DoNotOptimize(store.registry->StateOf(**found));
  }
}
// Strangers; known ones in the caches; known ones mostly on disk.
BENCHMARK(BM_FindShopper)->Arg(0)->Arg(10'000)->Arg(500'000);

}  // namespace
}  // namespace attune::events
