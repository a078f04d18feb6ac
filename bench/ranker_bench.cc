// What the learned order of one request costs: 200 candidates, their 64 features and 150 trees of depth 5, on
// a made-up store whose products do not fit into the processor's caches: 100 000 of them, spread over the
// memory as requests meet them.
//
//   build/release/bench/ranker_bench --benchmark_repetitions=9
//
// The label is a hash of all features: builds that are to agree print the same.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "features/affinities.h"
#include "features/limits.h"
#include "features/price_band.h"
#include "models/catalog_of_products.h"
#include "models/fusion.h"
#include "models/ranker.h"
#include "models/ranker_features.h"

namespace attune::models {
namespace {

using catalog::Attribute;
using features::Affinity;

constexpr uint32_t kProducts = 100'000;
constexpr uint32_t kLeaves = 800;
constexpr uint32_t kBrands = 500;
constexpr size_t kRequests = 256;
constexpr int64_t kNow = 1'000 * kDayMs;
constexpr std::array<const char*, 8> kPaths = {"care",  "colour",  "filling",  "made_in",
                                               "style", "surface", "used_for", "works_with"};

std::string Word(const char* what, uint64_t number) {
  return std::string(what) + " " + std::to_string(number);
}

catalog::CategoryPath PathOf(uint32_t leaf) {
  return {Word("Department", leaf / 40), Word("Shelves of the department", leaf / 8), Word("Leaf", leaf)};
}

catalog::Product MakeProduct(uint32_t number, Random& random) {
  catalog::Product product;
  product.product_id = Word("product", number);
  product.title = Word("A thing that somebody may want", number);
  product.description = std::string(300, 'x');
  product.categories = {PathOf(number % kLeaves)};
  product.brand = Word("Maker of things", random.NextBelow(kBrands));
  product.price.price_minor = static_cast<int64_t>(100 + random.NextBelow(20'000));
  if (random.NextBelow(10) == 0) product.price.sale_price_minor = *product.price.price_minor / 2;
  product.cost_minor = *product.price.price_minor / 3;
  product.created_at_ms = kNow - static_cast<int64_t>(random.NextBelow(900)) * kDayMs;
  std::vector<Attribute> leaves;
  for (const char* path : kPaths) {
    leaves.push_back({path, Attribute::Type::kText, Word("as said", random.NextBelow(30)), 0});
  }
  leaves.push_back({"height", Attribute::Type::kNumber, "", 42});
  product.attributes = catalog::AttributeList(std::move(leaves));
  return product;
}

const catalog::CatalogView& Catalog() {
  static const auto* const catalog = [] {
    Random random(1);
    std::vector<catalog::Product> products;
    for (uint32_t i = 0; i < kProducts; ++i) products.push_back(MakeProduct(i, random));
    return new std::shared_ptr<const catalog::CatalogView>(CatalogOfProducts(std::move(products)));
  }();
  return **catalog;
}

std::shared_ptr<const ProductStatistics> Statistics() {
  InteractionLog log;
  Random random(2);
  for (uint64_t i = 0; i < 600'000; ++i) {
    const double unit = random.NextUnit();
    const ProductIndex product(static_cast<uint32_t>(unit * unit * kProducts));
    const auto kind = i % 20 < 17   ? InteractionKind::kView
                      : i % 20 < 18 ? InteractionKind::kCart
                                    : InteractionKind::kPurchase;
    log.Add({ShopperHandle(1 + i % 50'000), product, kind, 1,
             kNow - static_cast<int64_t>(random.NextBelow(60)) * kDayMs, i});
  }
  return ProductStatistics::Count(log, &Catalog(), {}, {}, kNow - kHourMs);
}

// A tree of depth 5 that asks any features.
TrainedTree MakeTree(Random& random) {
  constexpr int32_t kInner = 31;
  TrainedTree tree;
  for (int32_t i = 0; i < 2 * kInner + 1; ++i) {
    const auto value = static_cast<float>(random.NextNormal());
    if (i >= kInner) {
      tree.nodes.push_back({.value = value});
      continue;
    }
    tree.nodes.push_back({2 * i + 1, 2 * i + 2, static_cast<uint32_t>(random.NextBelow(kRankerFeatureCount)),
                          value, random.NextBelow(2) == 0});
  }
  return tree;
}

const Ranker& TheRanker() {
  static const auto* const ranker = [] {
    auto head = std::make_shared<RankerHead>();
    Random random(3);
    for (uint32_t i = 0; i < BoostedTreesOptions().trees; ++i)
      CHECK(head->forest.AddTree(MakeTree(random)).ok());
    head->click = IsotonicCurve::Fit({{-1, 0, 9}, {-1, 1, 1}, {1, 0, 1}, {1, 1, 1}});
    RankerParts parts;
    parts.first_trees = RankerOptions().first_trees;
    parts.finalists = static_cast<uint32_t>(RankerOptions().finalists);
    parts.click = head;
    parts.purchase = head;
    parts.statistics = Statistics();
    return new Ranker(std::move(parts));
  }();
  return *ranker;
}

FusionRecipe Recipe() {
  FusionRecipe recipe;
  for (size_t i = 0; i < 13; ++i) recipe.parts.push_back({std::string(kRankerSources[i]), 1, 100});
  return recipe;
}

// A shopper with a full profile, and what thirteen sources answer: of 600 products, a part of them of what
// the shopper likes.
struct Request {
  features::ShopperProfile profile;
  std::vector<std::vector<Candidate>> answers;
  FusionResult fused;

  explicit Request(uint64_t number) {
    Random random(100 + number);
    std::vector<uint32_t> leaves(10);
    for (uint32_t& leaf : leaves) leaf = static_cast<uint32_t>(random.NextBelow(kLeaves));
    std::vector<ProductIndex> pool;
    for (size_t i = 0; i < 600; ++i) {
      uint32_t product = static_cast<uint32_t>(random.NextBelow(kProducts));
      if (i % 2 == 0) product = product / kLeaves * kLeaves + leaves[i / 2 % leaves.size()];
      pool.emplace_back(std::min(product, kProducts - 1));
    }
    answers.resize(Recipe().parts.size());
    for (std::vector<Candidate>& answer : answers) {
      for (int i = 0; i < 100; ++i) {
        answer.push_back({pool[random.NextBelow(pool.size())], 1 / static_cast<float>(1 + i), {}, false});
      }
    }
    fused = Fuse(Recipe(), answers, *ProductTies::Make(nullptr));
    Like(leaves, random);
    Remember(pool, random);
  }

  void Like(const std::vector<uint32_t>& leaves, Random& random) {
    std::vector<Affinity>& affinities = profile.affinities;
    const int64_t half_life_ms = features::FeatureSettings().affinity_half_life_ms;
    for (const uint32_t leaf : leaves) {
      features::AddCategoryAffinity(PathOf(leaf), 1 + random.NextUnit(), kNow, half_life_ms, affinities);
    }
    for (size_t i = 0; i < features::kBrandAffinitiesKept; ++i) {
      features::AddAffinity(Affinity::Kind::kBrand, Word("Maker of things", random.NextBelow(kBrands)), 1,
                            kNow, half_life_ms, affinities);
    }
    for (size_t i = 0; i < features::kAttributeAffinitiesKept; ++i) {
      const std::string value =
          kPaths[random.NextBelow(kPaths.size())] + ("=" + Word("as said", random.NextBelow(30)));
      features::AddAffinity(Affinity::Kind::kAttribute, value, 1 + random.NextUnit(), kNow, half_life_ms,
                            affinities);
    }
    features::PruneAffinities(half_life_ms, affinities);
  }

  void Remember(const std::vector<ProductIndex>& pool, Random& random) {
    for (uint32_t i = 0; i < features::kRecentProductsMax; ++i) {
      const ProductIndex product =
          i % 3 == 0 ? pool[i] : ProductIndex(static_cast<uint32_t>(random.NextBelow(kProducts)));
      profile.recent.push_back({product, events::EventType::kProductViewed, kNow - i * kHourMs, 1 + i % 3});
    }
    for (uint32_t i = 0; i < 60; ++i) {
      const ProductIndex product =
          i % 3 == 0 ? pool[100 + i] : ProductIndex(static_cast<uint32_t>(random.NextBelow(kProducts)));
      profile.purchases.push_back(
          {product, 1 + i % 3, 1, kNow - (200 + i) * kDayMs, kNow - (1 + i) * kDayMs, {}});
    }
    profile.order_count = 20;
    profile.last_order_at_ms = kNow - kDayMs;
    features::AddToPriceBand(0.3, 5, kNow, features::FeatureSettings().price_band_half_life_ms,
                             profile.price_band);
  }
};

const std::vector<Request>& Requests() {
  static const auto* const requests = [] {
    auto* made = new std::vector<Request>();
    for (uint64_t i = 0; i < kRequests; ++i) made->emplace_back(i);
    return made;
  }();
  return *requests;
}

RankerContext ContextOf(const Request& request, const FusionRecipe& recipe) {
  return {.recipe = recipe,
          .profile = &request.profile,
          .catalog = &Catalog(),
          .statistics = *TheRanker().parts().statistics,
          .page = {},
          .cart = {},
          .now_ms = kNow,
          .base_currency = {},
          .settings = {}};
}

void BM_RankerFeatures(benchmark::State& state) {
  const FusionRecipe recipe = Recipe();
  std::vector<float> rows(kRankedProductsMax * kRankerFeatureCount);
  const auto fill = [&](const Request& request) {
    RankerFeatures(ContextOf(request, recipe)).Fill(request.fused, request.answers, 0, rows);
  };
  uint64_t hash = 0;
  for (const Request& request : Requests()) {
    fill(request);
    hash = StableHash64({reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(float)}, hash);
  }
  size_t i = 0;
  for (auto _ : state) {
    fill(Requests()[i++ % kRequests]);
    benchmark::DoNotOptimize(rows.data());
  }
  state.SetLabel(std::to_string(hash));
}
BENCHMARK(BM_RankerFeatures)->Unit(benchmark::kMicrosecond);

// The trees alone, over features that are there: the first trees of all candidates, all trees of the
// finalists.
void BM_Trees(benchmark::State& state) {
  const FusionRecipe recipe = Recipe();
  const RankerParts& parts = TheRanker().parts();
  std::vector<std::vector<float>> rows(kRequests);
  for (size_t i = 0; i < kRequests; ++i) {
    rows[i].resize(kRankedProductsMax * kRankerFeatureCount);
    RankerFeatures(ContextOf(Requests()[i], recipe))
        .Fill(Requests()[i].fused, Requests()[i].answers, 0, rows[i]);
  }
  std::vector<float> scores;
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(OrderInStages(
        parts.click->forest, parts.first_trees, parts.finalists, rows[i++ % kRequests],
        [](uint32_t left, uint32_t right) { return left < right; }, scores));
  }
}
BENCHMARK(BM_Trees)->Unit(benchmark::kMicrosecond);

// All that the ranker adds to a request.
void BM_Rank(benchmark::State& state) {
  const FusionRecipe recipe = Recipe();
  const auto ties = ProductTies::Make(&Catalog());
  size_t i = 0;
  for (auto _ : state) {
    const Request& request = Requests()[i++ % kRequests];
    benchmark::DoNotOptimize(TheRanker().Rank(ContextOf(request, recipe), request.fused, request.answers,
                                              RankObjective::kClick, *ties));
  }
}
BENCHMARK(BM_Rank)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace attune::models
