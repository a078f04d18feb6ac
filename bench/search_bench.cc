// What indexing and searching cost on one thread, on a made-up store of 100 000 products: 100 000 distinct
// words with Zipf's frequencies, titles of 7 words, texts of 23, 300 brands, 120 categories, 3 facets.
//
//   build/release/bench/search_bench
//   build/release/bench/search_bench --benchmark_filter=Query
//
// Times are of the thread's processor.  p50_us and p99_us are over 2 000 different queries of two or three
// words of one product's title, one word in two with a typing error, with counts of three facets;
// bytes_per_product is what the index itself counts.

#include <benchmark/benchmark.h>
#include <ctime>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "made_up_shop.h"
#include "search/document.h"
#include "search/facets.h"
#include "search/index_file.h"
#include "search/match.h"
#include "search/query_words.h"
#include "search/search_index.h"

namespace attune::search {
namespace {

constexpr uint32_t kProducts = 100'000;
constexpr uint32_t kBatch = 1'000;
constexpr size_t kQueries = 2'000;

const std::vector<std::string>& Facets() {
  static const std::vector<std::string> fields = {"brand", "category", "price"};
  return fields;
}

double ThreadMicros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

struct Shop {
  std::vector<catalog::Product> products;
  std::vector<std::string> queries;
  text::Analyzer analyzer{text::Language::kEnglish};

  Shop() {
    constexpr uint64_t kTypoEvery = 2;
    Random random(1);
    const bench::MadeUpWords words(random);
    products = bench::MakeUpProducts(words, kProducts, random);
    for (size_t i = 0; i < kQueries; ++i) queries.push_back(bench::MakeUpQuery(products, random, kTypoEvery));
  }
};

const Shop& TheShop() {
  static const Shop shop;
  return shop;
}

Document DocumentOf(uint32_t product) {
  const Shop& shop = TheShop();
  return MakeDocument(ProductIndex(product), shop.products[product], "en", shop.analyzer, Facets());
}

std::shared_ptr<const SearchIndex> BuildIndex() {
  auto index = SearchIndex::Empty(Facets());
  for (uint32_t begin = 0; begin < kProducts; begin += kBatch) {
    std::vector<DocumentChange> changes;
    for (uint32_t i = begin; i < begin + kBatch; ++i) changes.push_back({ProductIndex(i), DocumentOf(i)});
    index = index->With(changes);
    while (const auto plan = SearchIndex::PickMerge(index))
      index = index->WithMerged(*plan, SearchIndex::Merge(*plan));
  }
  return index;
}

const std::shared_ptr<const SearchIndex>& TheIndex() {
  static const auto index = BuildIndex();
  return index;
}

void BM_Analyze(benchmark::State& state) {
  uint32_t next = 0;
  TheShop();
  for (auto _ : state) benchmark::DoNotOptimize(DocumentOf(next++ % kProducts));
}
BENCHMARK(BM_Analyze);

// Analysis, segments of 1 000 products, and all merges.
void BM_BuildIndex(benchmark::State& state) {
  TheShop();
  for (auto _ : state) {
    const auto index = BuildIndex();
    const auto memory = index->memory();
    state.counters["bytes_per_product"] = static_cast<double>(memory.total()) / kProducts;
    state.counters["words_bytes_per_product"] = static_cast<double>(memory.words) / kProducts;
    state.counters["parts"] = static_cast<double>(index->parts().size());
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) * kProducts);
}
BENCHMARK(BM_BuildIndex)->Unit(benchmark::kMillisecond)->Iterations(1);

// A batch of changed products, searchable when it ends; without their analysis.
void BM_Change(benchmark::State& state) {
  auto index = TheIndex();
  Random random(3);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<DocumentChange> changes;
    for (int64_t i = 0; i < state.range(0); ++i) {
      const auto product = static_cast<uint32_t>(random.NextBelow(kProducts));
      Document document = DocumentOf(static_cast<uint32_t>(random.NextBelow(kProducts)));
      document.product = ProductIndex(product);
      changes.push_back({ProductIndex(product), std::move(document)});
    }
    state.ResumeTiming();
    index = index->With(changes);
    state.PauseTiming();
    while (const auto plan = SearchIndex::PickMerge(index)) {
      if (plan->index->document_count() == 0) break;
      index = index->WithMerged(*plan, SearchIndex::Merge(*plan));
    }
    state.ResumeTiming();
  }
}
BENCHMARK(BM_Change)->Arg(1)->Arg(1'000)->Unit(benchmark::kMicrosecond)->Iterations(200);

void BM_MergeAll(benchmark::State& state) {
  const auto plan = SearchIndex::MergeAll(TheIndex());
  for (auto _ : state) benchmark::DoNotOptimize(SearchIndex::Merge(plan));
}
BENCHMARK(BM_MergeAll)->Unit(benchmark::kMillisecond);

void BM_SaveAndLoad(benchmark::State& state) {
  const auto& index = TheIndex();
  for (auto _ : state) {
    std::string bytes = SaveIndex(*index, {.made_by = "bench", .sequence = Sequence(1)});
    state.counters["file_bytes_per_product"] = static_cast<double>(bytes.size()) / kProducts;
    if (!LoadIndex(std::move(bytes), "bench").ok()) state.SkipWithError("not loaded");
  }
}
BENCHMARK(BM_SaveAndLoad)->Unit(benchmark::kMillisecond);

// One mistyped word over all words of the index.
void BM_Typo(benchmark::State& state) {
  const auto& words = TheIndex()->words();
  const auto& queries = TheShop().queries;
  size_t next = 0;
  for (auto _ : state) {
    const std::string& query = queries[next++ % queries.size()];
    benchmark::DoNotOptimize(
        words.FindNear(query.substr(0, query.find(' ')), static_cast<int>(state.range(0))));
  }
  state.counters["words"] = static_cast<double>(words.size());
}
BENCHMARK(BM_Typo)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);

// range(0): 0 without facets, 1 with three.  range(1): 1 while the last word is typed.
void BM_Query(benchmark::State& state) {
  const SearchIndex& index = *TheIndex();
  const Shop& shop = TheShop();
  const QueryOptions reading = {state.range(1) != 0 ? PrefixUse::kAlways : PrefixUse::kUnknownWord, true};
  const MatchOptions matching;
  std::vector<double> times;
  double total = 0;
  size_t next = 0;
  for (auto _ : state) {
    const std::string& text = shop.queries[next++ % shop.queries.size()];
    const double started = ThreadMicros();
    const QueryWords query = ReadQuery(text, shop.analyzer, index, reading);
    const MatchResult found = Match(query, index, matching);
    for (const std::string& field : Facets()) {
      if (state.range(0) != 0) benchmark::DoNotOptimize(CountFacet({.field = field}, index, matching, found));
    }
    times.push_back(ThreadMicros() - started);
    total += static_cast<double>(found.total);
  }
  std::sort(times.begin(), times.end());
  state.counters["p50_us"] = times[times.size() / 2];
  state.counters["p99_us"] = times[times.size() * 99 / 100];
  state.counters["matched"] = total / static_cast<double>(times.size());
}
BENCHMARK(BM_Query)
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Unit(benchmark::kMicrosecond)
    ->Iterations(10'000);

// A frequent word: all products that hold it, and three facets.
void BM_FrequentWord(benchmark::State& state) {
  const SearchIndex& index = *TheIndex();
  uint32_t most = 0;
  for (uint32_t word = 0; word < index.words().size(); ++word) {
    if (index.RecordOf(word).documents_with_word > index.RecordOf(most).documents_with_word) most = word;
  }
  const std::string text(index.words().TextOf(most));
  for (auto _ : state) {
    const QueryWords query = ReadQuery(text, TheShop().analyzer, index, {});
    const MatchResult found = Match(query, index, {});
    state.counters["matched"] = static_cast<double>(found.total);
    for (const std::string& field : Facets()) {
      benchmark::DoNotOptimize(CountFacet({.field = field}, index, {}, found));
    }
  }
}
BENCHMARK(BM_FrequentWord)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace attune::search
