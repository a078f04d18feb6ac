// How long training takes, model by model, and what one answer costs, on a made-up store: 100 000 products in
// 400 leaf categories, one million interactions of 100 000 shoppers with tastes (four in five stay in a
// shopper's three categories), 85 % views, 5 % carts, 10 % purchases.
//
//   build/release/bench/models_bench
//   build/release/bench/models_bench --benchmark_filter=Train

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "models/boosted_trees.h"
#include "models/catalog_of_products.h"
#include "models/exact_neighbours.h"
#include "models/for_you.h"
#include "models/fusion.h"
#include "models/graph_neighbours.h"
#include "models/limits.h"
#include "models/live_window.h"
#include "models/looks_alike.h"
#include "models/model_set.h"
#include "models/ranker.h"
#include "models/ranking_metrics.h"
#include "models/session_next.h"
#include "models/symmetric_tiles.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 100'000;
constexpr uint32_t kLeaves = 400;
constexpr uint64_t kShoppers = 100'000;
constexpr int kInteractions = 1'000'000;
constexpr int64_t kNow = 1'000 * kDayMs;

// Few products are seen often, most seldom: the cube of a uniform number.
uint32_t Skewed(Random& random, uint32_t count) {
  const double unit = random.NextUnit();
  return std::min(count - 1, static_cast<uint32_t>(unit * unit * unit * count));
}

const InteractionLog& Log() {
  static const InteractionLog* const log = [] {
    auto* made = new InteractionLog();
    Random random(1);
    uint64_t order = 0;
    int rows = 0;
    while (rows < kInteractions) {
      const uint64_t shopper = 1 + random.NextBelow(kShoppers);
      Random taste(shopper);
      const uint32_t leaves[3] = {static_cast<uint32_t>(taste.NextBelow(kLeaves)),
                                  static_cast<uint32_t>(taste.NextBelow(kLeaves)),
                                  static_cast<uint32_t>(taste.NextBelow(kLeaves))};
      const int64_t at_ms = kNow - static_cast<int64_t>(random.NextBelow(180)) * kDayMs;
      const uint64_t order_hash = ++order;
      for (int step = 0; step < 10; ++step, ++rows) {
        const uint32_t leaf = random.NextBelow(5) == 0 ? static_cast<uint32_t>(random.NextBelow(kLeaves))
                                                       : leaves[random.NextBelow(3)];
        const ProductIndex product(Skewed(random, kProducts / kLeaves) * kLeaves + leaf);
        const uint64_t draw = random.NextBelow(20);
        const InteractionKind kind = draw < 17   ? InteractionKind::kView
                                     : draw < 18 ? InteractionKind::kCart
                                                 : InteractionKind::kPurchase;
        made->Add({ShopperHandle(shopper), product, kind, 1, at_ms + step * kMinuteMs,
                   kind == InteractionKind::kPurchase ? order_hash : 0});
      }
    }
    return made;
  }();
  return *log;
}

const catalog::CatalogView& Catalog() {
  static const auto* const catalog = [] {
    std::vector<catalog::Product> products(kProducts);
    Random random(2);
    for (uint32_t i = 0; i < kProducts; ++i) {
      products[i].product_id = "p" + std::to_string(i);
      const uint32_t leaf = i % kLeaves;
      products[i].categories = {{"top" + std::to_string(leaf / 20), "leaf" + std::to_string(leaf)}};
      products[i].brand = "brand" + std::to_string(random.NextBelow(500));
      for (int word = 0; word < 6; ++word) {
        products[i].title += "w" + std::to_string(leaf * 30 + Skewed(random, 3000)) + " ";
      }
      products[i].price.price_minor = static_cast<int64_t>(100 + random.NextBelow(10'000));
    }
    return new std::shared_ptr<const catalog::CatalogView>(CatalogOfProducts(std::move(products)));
  }();
  return **catalog;
}

TrainingControl TwoThreads() {
  TrainingControl control;
  control.thread_count = 2;
  return control;
}

const ModelSet& Models() {
  static const auto* const models = new std::shared_ptr<const ModelSet>(
      *TrainModelSet(Log(), &Catalog(), {Generation(1), Sequence(1), kNow}, {}, TwoThreads()));
  return **models;
}

void BM_TrainAll(benchmark::State& state) {
  Log();
  Catalog();
  for (auto _ : state) {
    const auto set = TrainModelSet(Log(), &Catalog(), {Generation(1), Sequence(1), kNow}, {}, TwoThreads());
    state.counters["model_mb"] = 0;
    for (const ModelSize& size : (*set)->sizes()) {
      state.counters["model_mb"] += static_cast<double>(size.bytes) / 1e6;
    }
  }
}
BENCHMARK(BM_TrainAll)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void BM_TrainBoughtTogether(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(TrainBoughtTogether(Log(), &Catalog(), {}, TwoThreads()).ok());
}
BENCHMARK(BM_TrainBoughtTogether)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void BM_TrainPopularity(benchmark::State& state) {
  const auto ties = ProductTies::Make(&Catalog());
  for (auto _ : state) {
    benchmark::DoNotOptimize(TrainPopularity(Log(), &Catalog(), *ties, {}, kNow).bestsellers->list_count());
  }
}
BENCHMARK(BM_TrainPopularity)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void BM_TrainContent(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(
        ContentModel::Train(Catalog(), nullptr, ProductTies::Make(&Catalog()), {}, TwoThreads()).ok());
}
BENCHMARK(BM_TrainContent)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void BM_TrainAls(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(AlsModel::Train(Log(), ProductTies::Make(nullptr), {}, TwoThreads()).ok());
  }
}
BENCHMARK(BM_TrainAls)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

void BM_TrainBuyAgain(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        BuyAgainModel::Train(Log(), &Catalog(), ProductTies::Make(nullptr), {}, TwoThreads()).ok());
  }
}
BENCHMARK(BM_TrainBuyAgain)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

// Ten million interactions of 400 000 shoppers, 25 each, with the 100 000 products: nothing but views.
const InteractionLog& LargeLog() {
  static const InteractionLog* const log = [] {
    auto* made = new InteractionLog();
    Random random(3);
    for (uint64_t shopper = 1; shopper <= 400'000; ++shopper) {
      const auto taste = static_cast<uint32_t>(random.NextBelow(kLeaves));
      for (int step = 0; step < 25; ++step) {
        const uint32_t leaf = random.NextBelow(3) == 0 ? static_cast<uint32_t>(random.NextBelow(kLeaves))
                                                       : (taste + static_cast<uint32_t>(step) % 4) % kLeaves;
        const ProductIndex product(Skewed(random, kProducts / kLeaves) * kLeaves + leaf);
        made->Add({ShopperHandle(shopper), product, InteractionKind::kView, 1, kNow - step * kMinuteMs, 0});
      }
    }
    return made;
  }();
  return *log;
}

// One sweep over both sides, by the width of its blocks; reading the log and the first sweep are left out.
void BM_AlsIteration(benchmark::State& state) {
  AlsOptions options;
  options.iterations = 3;
  options.block_dimensions = static_cast<uint32_t>(state.range(0));
  const SystemClock clock;
  for (auto _ : state) {
    std::vector<int64_t> reports;
    TrainingControl control = TwoThreads();
    control.progress = [&](std::string_view, double) { reports.push_back(clock.SteadyMicros()); };
    const auto model = AlsModel::Train(LargeLog(), ProductTies::Make(nullptr), options, control);
    benchmark::DoNotOptimize(model.ok());
    state.SetIterationTime(static_cast<double>(reports.back() - reports.front()) / 1e6 /
                           static_cast<double>(reports.size() - 1));
  }
}
BENCHMARK(BM_AlsIteration)
    ->Arg(16)
    ->Arg(32)
    ->Arg(64)
    ->Unit(benchmark::kSecond)
    ->Iterations(1)
    ->UseManualTime();

// The dense solve of EASE alone: products, then seconds.
void BM_EaseInverse(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    SymmetricTiles matrix(size);
    Random random(4);
    for (uint32_t row = 0; row < size; ++row) {
      matrix.Set(row, row, 150);
      for (int i = 0; i < 40; ++i) matrix.Set(row, Skewed(random, size), 1);
      matrix.Set(row, row, 150);
    }
    state.ResumeTiming();
    benchmark::DoNotOptimize(matrix.Invert(TwoThreads()).ok());
  }
}
BENCHMARK(BM_EaseInverse)->Arg(3'000)->Arg(12'000)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

// Vectors like those of a factorisation, of tastes and lengths that differ.
std::shared_ptr<const VectorTable> Vectors(size_t rows) {
  auto table = std::make_shared<VectorTable>();
  table->dimensions = 64;
  Random random(5);
  for (size_t row = 0; row < rows; ++row) {
    Random taste(random.NextBelow(200));
    const double length = 0.05 + std::pow(random.NextUnit(), 3);
    for (int i = 0; i < 64; ++i) {
      table->values.push_back(static_cast<float>(length * (taste.NextNormal() + random.NextNormal())));
    }
    table->tie_hashes.push_back(static_cast<uint32_t>(random.Next()));
  }
  return table;
}

template <class Index>
void BM_Nearest(benchmark::State& state) {
  const auto table = Vectors(static_cast<size_t>(state.range(0)));
  const SystemClock clock;
  const int64_t started = clock.SteadyMicros();
  const Index index(table, Similarity::kInnerProduct);
  state.counters["build_s"] = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  const ExactNeighbours exact(table, Similarity::kInnerProduct);
  std::vector<NearRow> found;
  std::vector<NearRow> expected;
  double hits = 0;
  constexpr size_t kQueries = 100;
  for (size_t row = 0; row < kQueries; ++row) {
    index.Find(table->Row(row), 10, found);
    exact.Find(table->Row(row), 10, expected);
    for (const NearRow& near : found) hits += std::count(expected.begin(), expected.end(), near) > 0;
  }
  state.counters["recall_at_10"] = hits / (10.0 * kQueries);
  size_t i = 0;
  for (auto _ : state) {
    index.Find(table->Row(i++ % table->row_count()), 100, found);
    benchmark::DoNotOptimize(found.data());
  }
}
BENCHMARK(BM_Nearest<ExactNeighbours>)->Arg(100'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Nearest<GraphNeighbours>)->Arg(100'000)->Unit(benchmark::kMicrosecond);

// A shopper with 20 recent products of three categories, ten of them bought.
struct Question {
  std::vector<Seed> seeds;
  std::vector<Seed> purchases;

  explicit Question(uint64_t number) {
    Random random(number);
    for (int i = 0; i < 20; ++i) {
      const ProductIndex product(Skewed(random, kProducts / kLeaves) * kLeaves +
                                 static_cast<uint32_t>(number % 3 + random.NextBelow(3)));
      seeds.push_back({product, 0.9f, kNow - i * kHourMs, 0});
      if (i % 2 == 0) purchases.push_back({product, 1, kNow - i * kDayMs, kNow - (i + 30) * kDayMs});
    }
  }
  SourceQuery Query() const {
    SourceQuery query;
    query.seeds = seeds;
    query.purchases = purchases;
    query.now_ms = kNow;
    query.may_repeat = true;
    return query;
  }
};

void BM_Answer(benchmark::State& state, const std::string& name) {
  const CandidateSource* source = Models().Source(name);
  std::vector<Question> questions;
  for (uint64_t i = 0; i < 64; ++i) questions.emplace_back(i);
  std::vector<Candidate> out;
  size_t i = 0;
  for (auto _ : state) {
    out.clear();
    source->Retrieve(questions[i++ % questions.size()].Query(), 100, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK_CAPTURE(BM_Answer, for_shoppers_like_you, "for_shoppers_like_you")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Answer, bought_together, "bought_together")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Answer, content_similar, "content_similar")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Answer, buy_again, "buy_again")->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(BM_Answer, bestsellers, "bestsellers")->Unit(benchmark::kMicrosecond);

// As many products with a picture as take part, with vectors of the dimensions of the argument.
void BM_LooksAlike(benchmark::State& state) {
  std::vector<catalog::Product> products(kLooksAlikeProductsMax);
  Random random(7);
  for (size_t i = 0; i < products.size(); ++i) {
    products[i].product_id = "p" + std::to_string(i);
    for (int64_t k = 0; k < state.range(0); ++k) {
      products[i].image_vector.push_back(static_cast<float>(random.NextNormal()));
    }
  }
  const auto catalog = CatalogOfProducts(std::move(products));
  const auto model = LooksAlikeModel::Train(*catalog, ProductTies::Make(catalog.get()));
  std::vector<Candidate> out;
  uint32_t asked = 0;
  for (auto _ : state) {
    const Seed seed{ProductIndex(asked++ % kLooksAlikeProductsMax), 1, kNow, 0};
    SourceQuery query;
    query.seeds = std::span(&seed, 1);
    query.catalog = catalog.get();
    out.clear();
    model->Retrieve(query, 160, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(BM_LooksAlike)->Arg(64)->Arg(512)->Arg(1024)->Unit(benchmark::kMicrosecond);

void BM_FoldIn(benchmark::State& state) {
  const auto model = AlsModel::Train(Log(), ProductTies::Make(nullptr), {.iterations = 1}, TwoThreads());
  const Question question(5);
  for (auto _ : state) benchmark::DoNotOptimize((*model)->FoldIn(question.seeds).data());
}
BENCHMARK(BM_FoldIn)->Unit(benchmark::kMicrosecond);

// Trees as a store's ranker has them: 150 of depth 5, grown on rows of 60 features, a third of them missing.
constexpr uint32_t kRowFeatures = 60;
constexpr size_t kRankedRows = 200;

std::vector<float> RankerRows(uint64_t seed, size_t count) {
  Random random(seed);
  std::vector<float> rows(count * kRowFeatures);
  for (float& value : rows) {
    value = random.NextBelow(3) == 0 ? std::numeric_limits<float>::quiet_NaN()
                                     : static_cast<float>(random.NextNormal());
  }
  return rows;
}

const TreeForest& Forest() {
  static const TreeForest* const forest = [] {
    const std::vector<float> rows = RankerRows(1, 20'000);
    const auto trees = BoostedTrees::Train(
        rows, kRowFeatures, {},
        [&](std::span<const float> scores, std::span<float> gradients, std::span<float> hessians) {
          for (size_t i = 0; i < scores.size(); ++i) {
            double wanted = 0;
            for (uint32_t feature = 0; feature < kRowFeatures; ++feature) {
              const auto value = static_cast<double>(rows[i * kRowFeatures + feature]);
              if (value > 0.3 * (feature % 3)) wanted += 1.0 / (1 + feature % 7);
            }
            gradients[i] = scores[i] - static_cast<float>(wanted);
            hessians[i] = 1;
          }
        },
        {});
    return new TreeForest((*trees)->forest());
  }();
  return *forest;
}

// What a request pays: the first 30 trees for 200 candidates, the rest for the 64 finalists, and the sorting.
void BM_RankInStages(benchmark::State& state) {
  const TreeForest& forest = Forest();
  std::vector<std::vector<float>> requests;
  for (uint64_t i = 0; i < 16; ++i) requests.push_back(RankerRows(2 + i, kRankedRows));
  std::vector<float> scores;
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(OrderInStages(
        forest, RankerOptions().first_trees, RankerOptions().finalists, requests[i++ % requests.size()],
        [](uint32_t a, uint32_t b) { return a < b; }, scores));
  }
}
BENCHMARK(BM_RankInStages)->Unit(benchmark::kMicrosecond);

void BM_RankInFull(benchmark::State& state) {
  const TreeForest& forest = Forest();
  const std::vector<float> rows = RankerRows(2, kRankedRows);
  std::vector<float> scores(kRankedRows);
  for (auto _ : state) {
    forest.Score(rows, scores);
    benchmark::DoNotOptimize(scores.data());
  }
}
BENCHMARK(BM_RankInFull)->Unit(benchmark::kMicrosecond);

void BM_AnswerForYou(benchmark::State& state) {
  const ModelSet& models = Models();
  const FusionRecipe& recipe = ForYouRecipe();
  std::vector<Question> questions;
  for (uint64_t i = 0; i < 64; ++i) questions.emplace_back(i);
  size_t i = 0;
  for (auto _ : state) {
    const SourceQuery query = questions[i++ % questions.size()].Query();
    std::vector<std::vector<Candidate>> answers(recipe.parts.size());
    for (size_t part = 0; part < answers.size(); ++part) {
      const CandidateSource* source = models.Source(recipe.parts[part].source);
      if (source != nullptr) source->Retrieve(query, recipe.parts[part].limit, answers[part]);
    }
    benchmark::DoNotOptimize(Fuse(recipe, answers, *models.ties()).products.size());
  }
}
BENCHMARK(BM_AnswerForYou)->Unit(benchmark::kMicrosecond);

// One million products, ten million clicks in two million visits that stay near where they began.
constexpr uint32_t kSessionProducts = 1'000'000;
constexpr int kSessions = 2'000'000;

void MakeVisit(Random& random, std::vector<uint32_t>& products) {
  products.clear();
  const uint32_t neighbourhood = Skewed(random, kSessionProducts - 64);
  for (uint64_t length = 2 + random.NextBelow(7); length > 0; --length) {
    products.push_back(neighbourhood + static_cast<uint32_t>(random.NextBelow(64)));
  }
}

const SessionNextModel& SessionModel() {
  static const auto* const model = [] {
    Sequences sessions;
    Random random(3);
    std::vector<uint32_t> products;
    for (int i = 0; i < kSessions; ++i) {
      MakeVisit(random, products);
      sessions.Add(products);
    }
    SessionNextOptions options;
    options.choose_weights = false;
    return new std::shared_ptr<const SessionNextModel>(*SessionNextModel::Train(
        kSessionNext, sessions, kSessionProducts, ProductTies::Make(nullptr), options, TwoThreads()));
  }();
  return **model;
}

void BM_TrainSessionNext(benchmark::State& state) {
  for (auto _ : state) {
    state.counters["model_mb"] = static_cast<double>(SessionModel().memory_bytes()) / 1e6;
  }
}
BENCHMARK(BM_TrainSessionNext)->Unit(benchmark::kSecond)->Iterations(1)->UseRealTime();

// A full window: visits as those of the training, the newest of each product beside its trained ones.
const LiveWindow& FullWindow() {
  static const auto* const window = [] {
    auto* const made = new LiveWindow();
    Random random(5);
    std::vector<uint32_t> products;
    std::vector<LiveRow> rows;
    for (uint64_t visit = 1; rows.size() < kLiveRowsMax; ++visit) {
      MakeVisit(random, products);
      for (const uint32_t product : products) {
        const uint64_t at_ms = 1'790'000'000'000 + 10 * rows.size();
        rows.push_back({Sequence(rows.size() + 1), ShopperHandle(MixHash64(visit, 0)), at_ms,
                        ProductIndex(product), LiveRow::Kind::kView});
      }
    }
    made->Append(rows, Sequence(rows.size()));
    return made;
  }();
  return *window;
}

void BM_BuildLiveSessions(benchmark::State& state) {
  const SessionNextModel& model = SessionModel();
  const LiveWindow& window = FullWindow();
  const auto ties = ProductTies::Make(nullptr);
  for (auto _ : state) {
    const auto live = model.MakeLive(window.Visits(Sequence(), *ties), window.until());
    state.counters["visits"] = static_cast<double>(live->session_count());
    state.counters["live_mb"] = static_cast<double>(live->memory_bytes()) / 1e6;
  }
}
BENCHMARK(BM_BuildLiveSessions)->Unit(benchmark::kMillisecond);

void BM_NoteLiveSessions(benchmark::State& state) {
  events::Event event;
  event.shopper = ShopperHandle(1);
  event.lines.emplace_back();
  std::vector<LiveRow> rows;
  uint64_t sequence = 0;
  for (auto _ : state) {
    AppendLiveRows(Sequence(++sequence), event, rows);
    if (rows.size() == 4096) rows.clear();
  }
}
BENCHMARK(BM_NoteLiveSessions);

// Argument: 1 with a full window of live sessions, 0 without.
void BM_AnswerSessionNext(benchmark::State& state) {
  const SessionNextModel& model = SessionModel();
  const auto live =
      state.range(0) == 0
          ? nullptr
          : model.MakeLive(FullWindow().Visits(Sequence(), *ProductTies::Make(nullptr)), Sequence(1));
  const SystemClock clock;
  Random random(4);
  std::vector<uint32_t> products;
  std::vector<Candidate> out;
  std::vector<double> micros;
  for (auto _ : state) {
    MakeVisit(random, products);
    std::vector<Seed> seeds;
    for (const uint32_t product : products) seeds.push_back({ProductIndex(product), 1, 0, 0});
    SourceQuery query;
    query.seeds = seeds;
    query.live = live.get();
    out.clear();
    const int64_t started = clock.SteadyMicros();
    model.Retrieve(query, 100, out);
    micros.push_back(static_cast<double>(clock.SteadyMicros() - started));
  }
  state.counters["p50_us"] = QuantileOf(micros, 0.5);
  state.counters["p99_us"] = QuantileOf(micros, 0.99);
}
BENCHMARK(BM_AnswerSessionNext)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond)->Iterations(20'000);

}  // namespace
}  // namespace attune::models
