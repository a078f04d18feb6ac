// The cost of one decision without I/O: 100 000 products, sources that bring 100 candidates each.
//
//   decisions_bench --benchmark_filter=Decide
//
// Also the rules of the shop, and the filter language by itself: comparisons per second.

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "catalog/offer_terms.h"
#include "catalog/product_fields.h"
#include "decisions/choose_rules.h"
#include "decisions/limits.h"
#include "decisions/rule_json.h"
#include "decisions/shop_for_tests.h"
#include "decisions/thompson.h"
#include "features/shopper_field_source.h"

namespace attune::decisions {
namespace {

constexpr size_t kProductCount = 100'000;

struct BenchShop {
  BenchShop() {
    Random random(1);
    for (size_t i = 0; i < kProductCount; ++i) {
      const ProductIndex product = shop.Add(
          "product-" + std::to_string(i), {"Top" + std::to_string(i % 7), "Leaf" + std::to_string(i % 211)},
          "Brand " + std::to_string(i % 500), static_cast<int64_t>(100 + random.NextBelow(20'000)));
      shop.At(product).stock = i % 10 == 0 ? 0 : 5;
      if (i % 20 == 0)
        shop.At(product).price.sale_price_minor = shop.At(product).price.price_minor.value() / 2;
    }
    for (const char* source : {"also_viewed", "content_similar", "viewed_next", "bestsellers", "buy_again",
                               "own_frequency", "bought_after", "for_shoppers_like_you"}) {
      std::vector<ProductIndex> list;
      for (int i = 0; i < 400; ++i)
        list.push_back(ProductIndex(static_cast<uint32_t>(random.NextBelow(kProductCount))));
      shop.Source(source, list);
    }
    for (int i = 0; i < 20; ++i) {
      const ProductIndex product(static_cast<uint32_t>(random.NextBelow(kProductCount)));
      shop.profile.recent.push_back({product, events::EventType::kProductViewed, kTestNowMs - i * 60'000, 1});
    }
    std::vector<std::vector<float>> vectors(kProductCount);
    std::vector<float> popularity(kProductCount);
    std::vector<models::SlateOutcomes> outcomes(kProductCount);
    for (size_t i = 0; i < kProductCount; ++i) {
      for (int k = 0; k < 64; ++k) vectors[i].push_back(static_cast<float>(random.NextNormal()));
      popularity[i] = static_cast<float>(random.NextBelow(1000));
      outcomes[i] = {static_cast<uint32_t>(random.NextBelow(400)), 3, 1};
    }
    shop.Vectors(std::move(vectors));
    shop.Tally(std::move(popularity), std::move(outcomes));
    for (uint32_t i = 0; i < 96; ++i) {
      shop.profile.shown.push_back({ProductIndex(i * 31), i / 12, kTestNowMs - int64_t{i} * 60'000});
    }
    using Kind = features::Affinity::Kind;
    for (int i = 0; i < 24; ++i) {
      const std::string place = std::to_string(i);
      shop.profile.affinities.push_back(
          {Kind::kCategory, "Top" + std::to_string(i % 7) + " > Leaf" + place, {1.0 + i, kTestNowMs}});
      shop.profile.affinities.push_back({Kind::kBrand, "Brand " + place, {1.0 + i, kTestNowMs}});
      shop.profile.affinities.push_back({Kind::kAttribute, "colour=" + place, {1.0 + i, kTestNowMs}});
    }
    catalog = shop.Catalog();
  }

  ShopForTests shop;
  std::shared_ptr<const catalog::CatalogView> catalog;
};

const BenchShop& Shop() {
  static const auto* const shop = new BenchShop;
  return *shop;
}

void RunDecide(benchmark::State& state, std::string_view placement_id, const std::string& filter,
               const std::function<void(Placement&)>& change = {}) {
  const BenchShop& bench = Shop();
  ResolvedRequest request;
  request.placement = placement_id;
  request.page_products = {ProductIndex(17)};
  request.filter = filter;
  request.limit = 12;
  Placement changed = *bench.shop.view.placements->Find(placement_id);
  if (change) change(changed);
  const Placement* const placement = &changed;
  size_t candidates = 0;
  for (auto _ : state) {
    const DecideInput input{request,        bench.shop.view, *placement, &bench.shop.profile,
                            *bench.catalog, kTestNowMs,      1};
    DecisionTrace trace;
    const auto decision = Decide(input, DecisionId{1, 1}, &trace);
    benchmark::DoNotOptimize(decision);
    candidates = trace.rows.size();
  }
  state.counters["candidates"] = static_cast<double>(candidates);
}

void BM_DecideSimilar(benchmark::State& state) { RunDecide(state, "product_similar", ""); }
BENCHMARK(BM_DecideSimilar)->Unit(benchmark::kMicrosecond);

void BM_DecideSimilarFiltered(benchmark::State& state) {
  RunDecide(state, "product_similar",
            "price < 100 AND category: \"Top3\" AND NOT brand IN (\"Brand 3\", \"Brand 9\")");
}
BENCHMARK(BM_DecideSimilarFiltered)->Unit(benchmark::kMicrosecond);

void BM_DecideHomeForYou(benchmark::State& state) { RunDecide(state, "home_for_you", ""); }
BENCHMARK(BM_DecideHomeForYou)->Unit(benchmark::kMicrosecond);

void BM_DecideRotating(benchmark::State& state) {
  RunDecide(state, "product_similar", "", [](Placement& placement) {
    placement.rotation = {5, 0.7};
    placement.popularity_exponent = 0.2;
  });
}
BENCHMARK(BM_DecideRotating)->Unit(benchmark::kMicrosecond);

void BM_DecideSpreadMmr(benchmark::State& state) {
  RunDecide(state, "product_similar", "",
            [](Placement& placement) { placement.diversity.method = Diversity::Method::kMmr; });
}
BENCHMARK(BM_DecideSpreadMmr)->Unit(benchmark::kMicrosecond);

void BM_DecideSpreadDpp(benchmark::State& state) {
  RunDecide(state, "product_similar", "",
            [](Placement& placement) { placement.diversity.method = Diversity::Method::kDpp; });
}
BENCHMARK(BM_DecideSpreadDpp)->Unit(benchmark::kMicrosecond);

void BM_DecideExploring(benchmark::State& state) {
  RunDecide(state, "product_similar", "", [](Placement& placement) {
    placement.exploration = {.epsilon = 0.05, .new_slots = 1, .new_impressions_max = 200};
  });
}
BENCHMARK(BM_DecideExploring)->Unit(benchmark::kMicrosecond);

// As many products on sale as a view names, for a shopper with a full profile.
void BM_DecideOnSale(benchmark::State& state) { RunDecide(state, "on_sale_for_you", ""); }
BENCHMARK(BM_DecideOnSale)->Unit(benchmark::kMicrosecond);

// Sixteen new products, and as many slots as the argument says.
void BM_Thompson(benchmark::State& state) {
  std::vector<RateBelief> arms;
  for (size_t i = 0; i < kThompsonPoolMax; ++i) {
    arms.push_back({0.6 + static_cast<double>(i % 4), 19.4 + 12 * static_cast<double>(i)});
  }
  Random random(1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ChooseByThompson(arms, static_cast<size_t>(state.range(0)), random));
  }
}
BENCHMARK(BM_Thompson)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

// Rules of a store that has many: one in ten is about this placement, one in a hundred about this query.
void BM_ChooseRules(benchmark::State& state) {
  RuleDraft draft;
  for (int64_t i = 0; i < state.range(0); ++i) {
    const std::string when = i % 10 == 0
                                 ? R"({"placements":["home_*"],"segment":"orders >= 2"})"
                                 : R"({"query":{"exact":["query )" + std::to_string(i % 100) + "\"]}}";
    draft.rules.push_back(
        ParseRule("r" + std::to_string(i),
                  R"({"when":)" + when + R"(,"then":[{"do":"boost","product_ids":["p1"]}]})")
            .value());
  }
  const auto rules = RuleSet().With(draft).value();
  const features::ShopperProfile profile;
  const features::ShopperFieldSource shopper(profile, {});
  RuleSituation situation;
  situation.query = "Query 7";
  situation.placement = "home_for_you";
  situation.shopper = &shopper;
  for (auto _ : state) benchmark::DoNotOptimize(ChooseRules(*rules, situation));
}
BENCHMARK(BM_ChooseRules)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);

void BM_EncodeRecord(benchmark::State& state) {
  ResolvedRequest request;
  request.placement = "product_similar";
  request.page_products = {ProductIndex(17)};
  request.limit = 12;
  const auto made = Shop().shop.Decide(request);
  size_t bytes = 0;
  for (auto _ : state) {
    const std::string record = EncodeDecisionRecord(made.record);
    bytes = record.size();
    benchmark::DoNotOptimize(record);
  }
  state.counters["bytes"] = static_cast<double>(bytes + DecisionKey(made.record.id).size());
}
BENCHMARK(BM_EncodeRecord);

void BM_Comparison(benchmark::State& state) {
  const BenchShop& bench = Shop();
  const auto expression =
      expressions::Expression::Parse("price < 50",
                                     catalog::ProductFilterSchema(catalog::FieldScope::kEverybody), "filter")
          .value();
  const catalog::Product& product = bench.shop.products[5];
  const catalog::OfferTerms terms = catalog::ResolveTerms(product, {});
  const catalog::ProductFieldSource fields(product, terms, kTestNowMs, catalog::FieldScope::kEverybody);
  for (auto _ : state) benchmark::DoNotOptimize(expression.Matches(fields));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Comparison);

void BM_ParseFilter(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(expressions::Expression::Parse(
        "price < 50 AND brand IN (\"Sony\",\"Bose\") AND NOT category: \"Toys\"",
        catalog::ProductFilterSchema(catalog::FieldScope::kEverybody), "filter"));
  }
}
BENCHMARK(BM_ParseFilter);

}  // namespace
}  // namespace attune::decisions
