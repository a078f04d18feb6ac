// The ranker on small made-up stores: features see nothing of what comes later, training learns what there is
// to learn, the guard refuses what is no better, and everything comes back from its bytes.

#include "models/ranker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/model_file.h"
#include "models/model_set.h"
#include "models/ranker_training.h"
#include "models/ranking_data.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 120;
constexpr int64_t kStart = 400 * kDayMs;

std::shared_ptr<const catalog::CatalogView> MakeCatalog() {
  std::vector<catalog::Product> products(kProducts);
  for (uint32_t i = 0; i < kProducts; ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title = "thing " + std::to_string(i % 7);
    products[i].brand = "brand" + std::to_string(i % 5);
    products[i].categories = {{"top" + std::to_string(i % 3), "leaf" + std::to_string(i % 12)}};
    products[i].price.price_minor = 500 + 100 * static_cast<int64_t>(i % 20);
    products[i].created_at_ms = kStart - 30 * kDayMs;
  }
  return CatalogOfProducts(std::move(products));
}

// Shoppers look around in a leaf of their own and buy there what is of their brand.  `noise`: they buy
// anything.
InteractionLog MakeLog(uint64_t seed, bool is_noise, int visits_per_shopper = 12, uint64_t shoppers = 150) {
  InteractionLog log;
  Random random(seed);
  uint64_t order = 0;
  for (uint64_t shopper = 1; shopper <= shoppers; ++shopper) {
    const auto leaf = static_cast<uint32_t>(random.NextBelow(12));
    const auto brand = static_cast<uint32_t>(random.NextBelow(5));
    for (int visit = 0; visit < visits_per_shopper; ++visit) {
      int64_t at = kStart + static_cast<int64_t>(random.NextBelow(90 * 24 * 60)) * kMinuteMs;
      const auto pick = [&](bool of_brand) {
        if (is_noise) return static_cast<uint32_t>(random.NextBelow(kProducts));
        uint32_t product = 0;
        do product = static_cast<uint32_t>(random.NextBelow(kProducts / 12)) * 12 + leaf;
        while (of_brand && product % 5 != brand);
        return product;
      };
      for (uint64_t view = 0; view < 2 + random.NextBelow(3); ++view, at += kMinuteMs) {
        log.Add({ShopperHandle(shopper), ProductIndex(pick(false)), InteractionKind::kView, 1, at, 0});
      }
      log.Add({ShopperHandle(shopper), ProductIndex(pick(true)), InteractionKind::kCart, 1, at, 0});
      if (random.NextBelow(2) == 0) {
        log.Add({ShopperHandle(shopper), ProductIndex(pick(true)), InteractionKind::kPurchase, 1,
                 at + kMinuteMs, ++order});
      }
    }
  }
  return log;
}

RankerOptions SmallOptions() {
  RankerOptions options;
  options.surfaces.push_back(
      {"product_similar", {60, {{"also_viewed", 1, 100}, {"content_similar", 0.7, 100}}, false}, true});
  options.trees.trees = 40;
  options.trees.depth = 4;
  options.train_lists_max = 1500;
  options.train_lists_min = 100;
  options.held_out_lists_max = 800;
  options.rows_min = 100;
  return options;
}

Result<std::shared_ptr<const ModelSet>> Train(const InteractionLog& log,
                                              const std::shared_ptr<const catalog::CatalogView>& catalog,
                                              const RankerOptions& ranker, int threads = 2) {
  ModelSetOptions options;
  options.ranker = ranker;
  TrainingControl control;
  control.thread_count = threads;
  return TrainModelSet(log, catalog.get(), {Generation(1), Sequence(1), kStart + 91 * kDayMs}, options,
                       control);
}

TEST(RankerTest, LearnsWhatTheBlendDoesNotKnowAndServes) {
  const auto catalog = MakeCatalog();
  const auto set = Train(MakeLog(1, false), catalog, SmallOptions());
  ASSERT_TRUE(set.ok()) << set.status().message();
  const Ranker& ranker = *(*set)->ranker();
  ASSERT_EQ(ranker.parts().outcome, RankerOutcome::kPublished);
  EXPECT_TRUE(ranker.Serves("product_similar", true, RankObjective::kConversion));
  EXPECT_TRUE(ranker.Serves("a_placement_of_the_shop", true, RankObjective::kRevenue));
  EXPECT_FALSE(ranker.Serves("product_similar", true, RankObjective::kBlend));
  for (const RankerGuard& guard : ranker.parts().guards) {
    EXPECT_EQ(guard.serves, guard.gain_low > 0) << guard.surface;
    // What home_for_you blends knows leaf and brand of its own (next_order); that of a product page does not.
    if (!guard.is_page) continue;
    EXPECT_GT(guard.ndcg_ranker, guard.ndcg_blend + 0.1) << guard.surface;
  }
  EXPECT_NE(ranker.parts().click, ranker.parts().purchase);
}

TEST(RankerTest, ALargeLogTeachesThroughASampleOfItsShoppers) {
  const auto catalog = MakeCatalog();
  const InteractionLog log = MakeLog(1, false);
  RankerOptions options = SmallOptions();
  options.past_rows_max = log.row_count() / 3;
  const auto set = Train(log, catalog, options);
  ASSERT_TRUE(set.ok()) << set.status().message();
  EXPECT_EQ((*set)->ranker()->parts().outcome, RankerOutcome::kPublished);
  EXPECT_TRUE((*set)->ranker()->Serves("product_similar", true, RankObjective::kConversion));

  const InteractionLog sample = PastOf(log, INT64_MAX, options.past_rows_max);
  EXPECT_NEAR(static_cast<double>(sample.row_count()), static_cast<double>(options.past_rows_max),
              0.25 * static_cast<double>(options.past_rows_max));
  absl::flat_hash_map<ShopperHandle, size_t> rows_of;
  log.ForEachShopper([&](std::span<const Interaction> rows) { rows_of[rows.front().shopper] = rows.size(); });
  sample.ForEachShopper([&](std::span<const Interaction> rows) {
    EXPECT_EQ(rows.size(), rows_of.at(rows.front().shopper));  // All that they did.
  });
}

TEST(RankerTest, TheGuardKeepsWhatIsNoBetter) {
  const auto catalog = MakeCatalog();
  const auto set = Train(MakeLog(2, true), catalog, SmallOptions());
  ASSERT_TRUE(set.ok());
  const RankerParts& parts = (*set)->ranker()->parts();
  for (const RankerGuard& guard : parts.guards) {
    EXPECT_FALSE(guard.serves) << guard.surface << " gains at least " << guard.gain_low;
    EXPECT_LE(guard.gain_low, 0) << guard.surface;
  }
}

TEST(RankerTest, AStoreWithTooLittleDataStaysWithTheBlend) {
  const auto catalog = MakeCatalog();
  RankerOptions options = SmallOptions();
  options.train_lists_min = 100'000;
  const auto set = Train(MakeLog(3, false, 2, 40), catalog, options);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ((*set)->ranker()->parts().outcome, RankerOutcome::kTooLittleData);
  EXPECT_FALSE((*set)->ranker()->has_trees());
  EXPECT_FALSE((*set)->ranker()->Serves("home_for_you", false, RankObjective::kConversion));
}

TEST(RankerTest, SameBytesForEveryNumberOfThreadsAndBackFromThem) {
  const auto catalog = MakeCatalog();
  const InteractionLog log = MakeLog(4, false);
  const auto one = Train(log, catalog, SmallOptions(), 1);
  const auto three = Train(log, catalog, SmallOptions(), 3);
  ASSERT_TRUE(one.ok() && three.ok());
  const std::string bytes = (*one)->Save();
  EXPECT_EQ(bytes, (*three)->Save());
  const auto loaded = ModelSet::Load(bytes);
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  ASSERT_NE((*loaded)->ranker(), nullptr);
  EXPECT_EQ((*loaded)->Save(), bytes);
}

TEST(RankerTest, ASectionForOtherFeaturesIsNoRanker) {
  SectionWriter out;
  Ranker(RankerParts()).Save(out);
  std::string bytes = out.bytes();
  SectionReader same("ranker", bytes);
  ASSERT_TRUE(Ranker::Load(same).ok());
  bytes[8] = 'x';  // In the first feature's name.
  SectionReader other("ranker", bytes);
  const auto loaded = Ranker::Load(other);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(*loaded, nullptr);
  SectionReader cut("ranker", std::string_view(out.bytes()).substr(0, out.bytes().size() - 1));
  EXPECT_FALSE(Ranker::Load(cut).ok());
}

TEST(RankerTest, AGenerationWithoutTheSectionHasNoRanker) {
  const auto set =
      TrainModelSet(MakeLog(8, false, 2, 20), nullptr, {Generation(1), Sequence(1), kStart}, {}, {});
  ASSERT_TRUE(set.ok());
  const auto loaded = ModelSet::Load((*set)->Save());
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->ranker(), nullptr);
}

TEST(RankerTest, AYoungRankerIsCarriedOnWithFreshStatistics) {
  const auto catalog = MakeCatalog();
  const InteractionLog log = MakeLog(5, false);
  const auto first = Train(log, catalog, SmallOptions());
  ASSERT_TRUE(first.ok());
  RankerOptions options = SmallOptions();
  options.previous = (*first)->ranker();
  options.retrain_every_ms = kDayMs;
  const auto second = Train(log, catalog, options);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ((*second)->ranker()->parts().outcome, RankerOutcome::kNotDue);
  EXPECT_EQ((*second)->ranker()->parts().click, (*first)->ranker()->parts().click);
  EXPECT_TRUE((*second)->ranker()->Serves("product_similar", true, RankObjective::kConversion));
}

// What a row holds must not change when everything after its moment is cut off.
TEST(RankerTest, FeaturesKnowNothingOfWhatComesLater) {
  const auto catalog = MakeCatalog();
  const InteractionLog log = MakeLog(6, false, 8, 60);
  const RankerOptions options = SmallOptions();
  const int64_t cut_ms = kStart + 60 * kDayMs;
  const auto set =
      TrainModelSet(PastOf(log, cut_ms), catalog.get(), {Generation(1), Sequence(1), cut_ms}, {}, {});
  ASSERT_TRUE(set.ok());
  const auto statistics = ProductStatistics::Count(log, catalog.get(), {}, {}, cut_ms);
  const auto of_past = ProductStatistics::Count(PastOf(log, cut_ms), catalog.get(), {}, {}, cut_ms);
  for (uint32_t i = 0; i < kProducts; ++i) {
    EXPECT_EQ(statistics->Of(ProductIndex(i)).orders_long, of_past->Of(ProductIndex(i)).orders_long);
  }
  const PastState past{**set, *statistics};
  const RankingRequest request{.from_ms = cut_ms,
                               .until_ms = INT64_MAX,
                               .lists_max = 100'000,
                               .negatives_max = 0,
                               .needs_wanted = false};
  const RankingData whole = MakeRankingData(log, catalog.get(), past, request, options, {});
  ASSERT_GT(whole.lists.size(), 50u);
  size_t compared = 0;
  for (size_t i = 0; i < whole.lists.size(); i += 9) {
    // The log as it was then, and one view of each shopper so that there is a case to ask for.
    const int64_t at_ms = whole.lists[i].at_ms;
    InteractionLog before = PastOf(log, at_ms);
    log.ForEachShopper([&](std::span<const Interaction> rows) {
      for (const Interaction& row : rows) {
        if (row.at_ms == at_ms) before.Add(row);
      }
    });
    const RankingRequest then{.from_ms = at_ms,
                              .until_ms = at_ms + 1,
                              .lists_max = 100'000,
                              .negatives_max = 0,
                              .needs_wanted = false};
    const RankingData cut = MakeRankingData(before, catalog.get(), past, then, options, {});
    for (const RankingList& list : cut.lists) {
      std::vector<RankedRows> same;
      for (const RankingList& other : whole.lists) {
        if (other.at_ms == at_ms && other.surface == list.surface) same.push_back(other.rows);
      }
      if (same.size() != 1) continue;  // Two shoppers in one minute.
      const auto a = cut.FeaturesOf(list.rows);
      const auto b = whole.FeaturesOf(same.front());
      ASSERT_EQ(a.size(), b.size());
      EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size_bytes()), 0);
      ++compared;
    }
  }
  EXPECT_GT(compared, whole.lists.size() / 40);
}

// Rows that came later must leave no trace, not even the room that a later product takes.
TEST(RankerTest, StatisticsOfThePastAreThoseOfItsLog) {
  const auto catalog = MakeCatalog();
  const InteractionLog whole = MakeLog(7, false);
  const int64_t cut_ms = kStart + 60 * kDayMs;
  InteractionLog log;
  whole.ForEachRow([&](const Interaction& row) {
    if (row.product.value() < 100 || row.at_ms >= cut_ms) log.Add(row);
  });
  const auto then = ProductStatistics::Count(PastOf(log, cut_ms), catalog.get(), {}, {}, cut_ms);
  const auto now = ProductStatistics::Count(log, catalog.get(), {}, {}, cut_ms);
  const auto same = [](float a, float b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (uint32_t i = 0; i < kProducts; ++i) {
    const ProductStatistics::Row& a = then->Of(ProductIndex(i));
    const ProductStatistics::Row& b = now->Of(ProductIndex(i));
    EXPECT_TRUE(same(a.conversion, b.conversion)) << i << ": " << a.conversion << " " << b.conversion;
    EXPECT_TRUE(same(a.cart_rate, b.cart_rate)) << i << ": " << a.cart_rate << " " << b.cart_rate;
    EXPECT_TRUE(same(a.views_long, b.views_long)) << i;
    EXPECT_TRUE(same(a.first_day, b.first_day)) << i;
  }
}

TEST(RankerTest, ChancesAreRightOnAverageAndTheOrderFollowsTheObjective) {
  const auto catalog = MakeCatalog();
  const InteractionLog log = MakeLog(7, false);
  const auto set = Train(log, catalog, SmallOptions());
  ASSERT_TRUE(set.ok());
  const Ranker& ranker = *(*set)->ranker();
  ASSERT_TRUE(ranker.has_trees());
  // Fresh visits of the same shoppers, by another seed.
  const RankingRequest request{.from_ms = kStart + 80 * kDayMs,
                               .until_ms = INT64_MAX,
                               .lists_max = 500,
                               .negatives_max = 0,
                               .needs_wanted = false};
  const RankingData data =
      MakeRankingData(log, catalog.get(), {**set, *ranker.parts().statistics}, request, SmallOptions(), {});
  double said = 0;
  double happened = 0;
  for (size_t i = 0; i < data.row_count(); ++i) {
    const auto chances = ranker.ChancesOf(data.FeaturesOf({i, i + 1}));
    EXPECT_GE(chances.click, 0);
    EXPECT_LE(chances.click, 1);
    said += chances.click;
    happened += (data.outcomes[i] & kTurned) != 0 ? 1 : 0;
  }
  EXPECT_GT(said, happened * 0.5);
  EXPECT_LT(said, happened * 1.5);

  std::vector<std::vector<Candidate>> answers(1);
  SourceQuery query;
  query.now_ms = kStart + 91 * kDayMs;
  (*set)->Source("bestsellers")->Retrieve(query, 100, answers[0]);
  const FusionRecipe recipe{60, {{"bestsellers", 1, 100}}, false};
  const FusionResult fused = Fuse(recipe, answers, *(*set)->ties());
  const RankerContext context{.recipe = recipe,
                              .profile = nullptr,
                              .catalog = catalog.get(),
                              .statistics = *ranker.parts().statistics,
                              .page = {},
                              .cart = {},
                              .now_ms = query.now_ms,
                              .base_currency = {},
                              .settings = {}};
  for (const RankObjective objective :
       {RankObjective::kClick, RankObjective::kConversion, RankObjective::kRevenue, RankObjective::kProfit}) {
    const RankedOrder ranked = ranker.Rank(context, fused, answers, objective, *(*set)->ties());
    ASSERT_EQ(ranked.order.size(), fused.products.size());
    EXPECT_TRUE(std::is_sorted(ranked.values.rbegin(), ranked.values.rend()));
    std::vector<uint32_t> sorted = ranked.order;
    std::sort(sorted.begin(), sorted.end());
    for (uint32_t i = 0; i < sorted.size(); ++i) ASSERT_EQ(sorted[i], i);
    const auto gains = ranker.GainsOf(std::span(ranked.features).first(kRankerFeatureCount), objective);
    EXPECT_EQ(gains.size(), kFeatureGroupCount);
  }
}

TEST(RankerFeaturesTest, NamesAreUniqueAndGroupsCoverThem) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < kRankerFeatureCount; ++i) names.push_back(RankerFeatureName(i));
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  const auto at = [](RankerFeature feature) { return static_cast<size_t>(feature); };
  EXPECT_EQ(RankerFeatureName(at(RankerFeature::kPosition)), "position");
  EXPECT_EQ(RankerFeatureName(at(RankerFeature::kFusedScore)), "fused_score");
  EXPECT_EQ(GroupOfFeature(at(RankerFeature::kSourceCount)), FeatureGroup::kSources);
  EXPECT_EQ(GroupOfFeature(at(RankerFeature::kMargin)), FeatureGroup::kPrice);
  EXPECT_EQ(GroupOfFeature(at(RankerFeature::kWeekday)), FeatureGroup::kTime);
}

TEST(RankingCasesTest, SplitVisitsAndNeverAMoment) {
  const auto row = [](int64_t minute, uint32_t product, InteractionKind kind, uint64_t order = 0) {
    return Interaction{ShopperHandle(1), ProductIndex(product), kind, 1, kStart + minute * kMinuteMs, order};
  };
  const std::vector<Interaction> rows = {
      row(0, 1, InteractionKind::kView),          row(0, 2, InteractionKind::kView),
      row(500, 3, InteractionKind::kView),        row(501, 4, InteractionKind::kView),
      row(501, 5, InteractionKind::kPurchase, 9), row(501, 6, InteractionKind::kPurchase, 9)};
  const auto cases = CasesOf(rows, 0, INT64_MAX, 30 * kMinuteMs);
  ASSERT_EQ(cases.size(), 4u);
  EXPECT_EQ(cases[0].history_end, 0u);
  EXPECT_EQ(cases[0].visit_end, 2u);
  EXPECT_EQ(cases[1].history_end, 2u);
  EXPECT_EQ(cases[2].history_end, 3u);
  EXPECT_EQ(cases[2].visit_end, 6u);
  EXPECT_EQ(cases[3].page, ProductIndex(3));
  const auto targets = TargetsOf(rows, cases[3]);
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0].outcome, kTurned);
  EXPECT_EQ(targets[1].outcome, kTurned | kBought);
  EXPECT_TRUE(CasesOf(rows, kStart + 502 * kMinuteMs, INT64_MAX, 30 * kMinuteMs).empty());
}

}  // namespace
}  // namespace attune::models
