// What POST /v1/search/suggest costs in a store of 100 000 products of made-up words, whose shoppers searched
// for 10 000 queries of one to three words of the titles: the whole answer but for HTTP.
//
//   build/release/bench/suggest_bench
//
// Times are of the thread's processor.  p50_us and p99_us are over 2 000 beginnings, of one to twelve
// letters, of what was searched for; one in four has a typing error.  Argument 0: of suggestions alone (no
// products, categories and brands), though the search is made; 1: the defaults.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/random.h"
#include "made_up_shop.h"
#include "server/store.h"
#include "storage/memory_storage.h"

namespace attune::server {
namespace {

constexpr uint32_t kProducts = 100'000;
constexpr uint32_t kBatch = 2'000;
constexpr size_t kTyped = 2'000;
constexpr size_t kQueries = 10'000;
constexpr int64_t kNowMs = 1'790'000'000'000;

double ThreadMicros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

class Shop {
 public:
  Shop() : clock_(kNowMs), random_(7), writers_(1) {
    std::filesystem::remove_all(folder_);
    StoreServices services;
    services.clock = &clock_;
    services.random = &random_;
    services.writers = &writers_;
    services.trains = false;
    store_ = Store::OpenOn("shop", folder_, std::make_unique<storage::MemoryStorage>(&clock_),
                           std::make_unique<storage::MemoryStorage>(&clock_), services)
                 .value();
    Random random(1);
    const bench::MadeUpWords words(random);
    Fill(random, words);
    store_->WaitUntilSearchable();
    Events(R"([{"type":"page_viewed","anonymous_id":"a1"},{"type":"page_viewed","anonymous_id":"a2"}])");
    std::vector<std::string> queries;
    for (size_t i = 0; i < kQueries; ++i) queries.push_back(words.Text(random, 1 + random.NextBelow(3)));
    for (const char* shopper : {"a1", "a2"}) {
      for (const std::string& query : queries) {
        Search(R"({"query":")" + query + R"(","limit":1,"shopper":{"anonymous_id":")" + shopper + "\"}}");
      }
      store_->Maintain();
    }
    clock_.Advance(kMinuteMs);
    store_->Maintain();
    for (size_t i = 0; i < kTyped; ++i) {
      std::string begun = queries[random.NextBelow(kQueries)];
      begun.resize(std::min<size_t>(begun.size(), 1 + random.NextBelow(12)));
      if (random.NextBelow(4) == 0) begun[random.NextBelow(begun.size())] = 'x';
      typed_.push_back(std::move(begun));
    }
  }
  ~Shop() {
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;

  const std::vector<std::string>& typed() const { return typed_; }
  size_t suggestions() const { return store_->analytics_statistics().suggestions; }
  size_t Suggest(const std::string& body) {
    size_t bytes = 0;
    store_->Suggest(body, caller_, [&](const Result<http::Answer>& answer) {
      if (answer.ok()) bytes = answer->body.size();
    });
    return bytes;
  }

 private:
  void Fill(Random& random, const bench::MadeUpWords& words) {
    for (uint32_t begin = 0; begin < kProducts; begin += kBatch) {
      JsonWriter json;
      json.BeginArray();
      for (uint32_t i = begin; i < begin + kBatch; ++i) {
        json.BeginObject()
            .Key("product_id")
            .String("p" + std::to_string(i))
            .Key("title")
            .String(words.Text(random, 7));
        json.Key("description")
            .String(words.Text(random, 23))
            .Key("brand")
            .String(words.At(random.NextBelow(300)));
        const uint64_t category = random.NextBelow(120);
        json.Key("category")
            .BeginArray()
            .String(words.At(300 + category / 12))
            .String(words.At(400 + category));
        json.EndArray().Key("price").Uint(1 + random.NextBelow(1'000)).EndObject();
      }
      std::promise<void> done;
      store_->UpsertProducts(json.EndArray().TakeText(), http::BatchFormat::kJson, http::BatchMode::kPut,
                             caller_, [&](const Result<http::Answer>& answer) {
                               CHECK(answer.ok());
                               done.set_value();
                             });
      done.get_future().wait();
    }
  }
  void Events(const std::string& body) {
    std::promise<void> done;
    store_->IngestEvents(body, caller_, [&](const Result<http::Answer>& answer) {
      CHECK(answer.ok());
      done.set_value();
    });
    done.get_future().wait();
  }
  void Search(const std::string& body) {
    store_->Search(body, caller_, [](const Result<http::Answer>& answer) { CHECK(answer.ok()); });
  }

  const std::string folder_ =
      std::filesystem::temp_directory_path() / ("attune-suggest-bench-" + std::to_string(getpid()));
  VirtualClock clock_;
  SeededRandomSource random_;
  storage::WriterPool writers_;
  http::Caller caller_;
  std::unique_ptr<Store> store_;
  std::vector<std::string> typed_;
};

Shop& TheShop() {
  static Shop shop;
  return shop;
}

void BM_Suggest(benchmark::State& state) {
  Shop& shop = TheShop();
  const std::string limits =
      state.range(0) == 0 ? R"(,"limits":{"products":0,"categories":0,"brands":0})" : std::string();
  std::vector<double> times;
  double bytes = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::string& typed = shop.typed()[next++ % shop.typed().size()];
    const std::string body = R"({"query":")" + typed + R"(","shopper":{"anonymous_id":"a1"})" + limits + "}";
    const double started = ThreadMicros();
    bytes += static_cast<double>(shop.Suggest(body));
    times.push_back(ThreadMicros() - started);
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_us"] = times[times.size() / 2];
  state.counters["p99_us"] = times[times.size() * 99 / 100];
  state.counters["max_us"] = times.back();
  state.counters["bytes"] = bytes / static_cast<double>(times.size());
  state.counters["suggestions"] = static_cast<double>(shop.suggestions());
}
BENCHMARK(BM_Suggest)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->Iterations(kTyped);

}  // namespace
}  // namespace attune::server
