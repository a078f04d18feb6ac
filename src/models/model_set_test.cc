// One store, all models: every source keeps the rules of CandidateSource, a cancelled order leaves every
// model as if it had never been, and neither threads nor the file change an answer.

#include "models/model_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/prospects.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 1'000 * kDayMs;
constexpr uint32_t kProducts = 40;

std::shared_ptr<const catalog::CatalogView> Shop() {
  std::vector<catalog::Product> products(kProducts);
  for (uint32_t i = 0; i < kProducts; ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title = (i % 2 == 0 ? "green lamp " : "blue cup ") + std::to_string(i);
    products[i].categories = {{i % 2 == 0 ? "Lighting" : "Kitchen"}};
    products[i].brand = i % 4 < 2 ? "Lumo" : "Orto";
    products[i].created_at_ms = kNow - i * kDayMs;
    products[i].image_vector = {i % 2 == 0 ? 1.0f : -1.0f, 0.02f * static_cast<float>(i % 7), 0.5f};
  }
  return CatalogOfProducts(std::move(products));
}

events::OrderChange MakeOrder(uint64_t number, uint64_t shopper, const std::set<uint32_t>& products,
                              int64_t at_ms) {
  events::OrderChange change;
  change.order_id = "o" + std::to_string(number);
  change.shopper = ShopperHandle(shopper);
  change.ordered_at_ms = at_ms;
  for (const uint32_t product : products) change.lines.push_back({ProductIndex(product), 1, 10, true, false});
  return change;
}

// A checkerboard of views and orders: shoppers of even handle stay among even products.
InteractionLog Activity() {
  InteractionLog log;
  Random random(4);
  uint64_t number = 0;
  for (uint64_t shopper = 1; shopper <= 120; ++shopper) {
    for (int visit = 0; visit < 3; ++visit) {
      const int64_t at_ms = kNow - static_cast<int64_t>(random.NextBelow(60)) * kDayMs;
      std::set<uint32_t> products;
      while (products.size() < 3) {
        products.insert(static_cast<uint32_t>(random.NextBelow(kProducts / 2) * 2 + shopper % 2));
      }
      int64_t step = 0;
      for (const uint32_t product : products) {
        log.Add(
            {ShopperHandle(shopper), ProductIndex(product), InteractionKind::kView, 1, at_ms + ++step, 0});
      }
      log.ApplyOrderChange(MakeOrder(++number, shopper, products, at_ms + kHourMs));
    }
  }
  return log;
}

std::shared_ptr<const ModelSet> TrainOrDie(const InteractionLog& log, const catalog::CatalogView* catalog,
                                           int threads = 1) {
  TrainingControl control;
  control.thread_count = threads;
  auto set = TrainModelSet(log, catalog, {Generation(3), Sequence(77), kNow}, {}, control);
  CHECK(set.ok());
  return *set;
}

const std::vector<Seed>& Seeds() {
  static const std::vector<Seed> seeds = {{ProductIndex(2), 1, kNow - kHourMs, 0},
                                          {ProductIndex(6), 0.5f, kNow - kDayMs, 0}};
  return seeds;
}

SourceQuery Query(bool may_repeat) {
  static const std::vector<Seed> purchases = {{ProductIndex(2), 2, kNow - 20 * kDayMs, kNow - 50 * kDayMs}};
  SourceQuery query;
  query.seeds = Seeds();
  query.purchases = purchases;
  query.now_ms = kNow;
  static const std::shared_ptr<const catalog::CatalogView> catalog = Shop();
  query.catalog = catalog.get();
  query.may_repeat = may_repeat;
  return query;
}

std::vector<Candidate> Ask(const CandidateSource& source, const SourceQuery& query, size_t limit) {
  std::vector<Candidate> out;
  source.Retrieve(query, limit, out);
  return out;
}

void ExpectSameAnswers(const ModelSet& a, const ModelSet& b) {
  ASSERT_EQ(a.source_names(), b.source_names());
  for (const std::string_view name : a.source_names()) {
    for (const bool may_repeat : {false, true}) {
      const auto first = Ask(*a.Source(name), Query(may_repeat), 30);
      const auto second = Ask(*b.Source(name), Query(may_repeat), 30);
      ASSERT_EQ(first.size(), second.size()) << name;
      for (size_t i = 0; i < first.size(); ++i) {
        EXPECT_EQ(first[i].product, second[i].product) << name;
        EXPECT_EQ(first[i].score, second[i].score) << name;
      }
    }
  }
}

TEST(ModelSetTest, EverySourceKeepsTheRulesOfCandidates) {
  const auto catalog = Shop();
  const auto set = TrainOrDie(Activity(), catalog.get());
  EXPECT_EQ(set->source_names().size(), 17u);
  for (const std::string_view name : set->source_names()) {
    SCOPED_TRACE(std::string(name));
    const CandidateSource& source = *set->Source(name);
    const auto out = Ask(source, Query(false), 10);
    EXPECT_LE(out.size(), 10u);
    if (name != "trending" && name != "new_for_you") {  // Every product is well known here.
      EXPECT_FALSE(out.empty());
    }
    std::set<uint32_t> seen;
    for (size_t i = 0; i < out.size(); ++i) {
      EXPECT_TRUE(seen.insert(out[i].product.value()).second);
      EXPECT_LT(out[i].product.value(), kProducts);
      if (i > 0) {
        EXPECT_GE(out[i - 1].score, out[i].score);
      }
      if (name == "buy_again" || name == "own_frequency") continue;
      for (const Seed& seed : Seeds()) EXPECT_NE(out[i].product, seed.product);
    }
    EXPECT_TRUE(Ask(source, Query(false), 0).empty());
    const auto few = Ask(source, Query(false), 3);  // A shorter answer is the beginning of a longer one.
    for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i].product, out[i].product);
  }
  EXPECT_EQ(set->Source("no_such_source"), nullptr);
}

TEST(ModelSetTest, OnACheckerboardThePersonalSourcesStayInTheirColour) {
  const auto catalog = Shop();
  const auto set = TrainOrDie(Activity(), catalog.get());
  for (const std::string_view name : {"also_viewed", "bought_after", "also_bought", "bought_together",
                                      "for_shoppers_like_you", "content_similar", "looks_alike"}) {
    SCOPED_TRACE(std::string(name));
    for (const Candidate& candidate : Ask(*set->Source(name), Query(false), 10)) {
      EXPECT_EQ(candidate.product.value() % 2, 0u);
    }
  }
}

TEST(ModelSetTest, ACancelledOrderLeavesEveryModelAsIfItHadNeverBeen) {
  const auto catalog = Shop();
  const std::string before = TrainOrDie(Activity(), catalog.get())->Save();
  InteractionLog log = Activity();
  events::OrderChange order = MakeOrder(9999, 5, {1, 2, 3}, kNow - kDayMs);
  log.ApplyOrderChange(order);
  EXPECT_NE(TrainOrDie(log, catalog.get())->Save(), before);
  for (auto& line : order.lines) {
    line.quantity_delta = -1;
    line.is_first = false;
    line.is_gone = true;
  }
  log.ApplyOrderChange(order);
  EXPECT_EQ(TrainOrDie(log, catalog.get())->Save(), before);
}

TEST(ModelSetTest, ThreadsDoNotChangeAByte) {
  const auto catalog = Shop();
  EXPECT_EQ(TrainOrDie(Activity(), catalog.get(), 1)->Save(),
            TrainOrDie(Activity(), catalog.get(), 3)->Save());
}

TEST(ModelSetTest, ALoadedSetAnswersAsTheOneThatWasSaved) {
  const auto catalog = Shop();
  const auto set = TrainOrDie(Activity(), catalog.get());
  const std::string bytes = set->Save();
  const auto loaded = ModelSet::Load(bytes);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->generation(), Generation(3));
  EXPECT_EQ((*loaded)->watermark(), Sequence(77));
  ExpectSameAnswers(*set, **loaded);
  EXPECT_EQ((*loaded)->Save(), bytes);
}

TEST(ModelSetTest, DamagedFilesAreRefusedWithoutACrash) {
  const auto catalog = Shop();
  const std::string bytes = TrainOrDie(Activity(), catalog.get())->Save();
  Random random(8);
  for (int i = 0; i < 200; ++i) {
    std::string damaged = bytes;
    damaged[random.NextBelow(damaged.size())] ^= static_cast<char>(1 + random.NextBelow(255));
    EXPECT_FALSE(ModelSet::Load(damaged).ok());
    EXPECT_FALSE(ModelSet::Load(bytes.substr(0, random.NextBelow(bytes.size()))).ok());
  }
}

TEST(ModelSetTest, AnEmptyStoreHasASetThatAnswersNothing) {
  const auto set = TrainOrDie(InteractionLog(), nullptr);
  for (const std::string_view name : set->source_names()) {
    if (name == "own_frequency") continue;  // Knows only what the query says.
    EXPECT_TRUE(Ask(*set->Source(name), Query(true), 10).empty()) << name;
  }
  const auto loaded = ModelSet::Load(set->Save());
  ASSERT_TRUE(loaded.ok());
  ExpectSameAnswers(*set, **loaded);
}

TEST(ModelSetTest, CancelledTrainingGivesNoSetAndProgressIsReported) {
  std::vector<std::string> stages;
  TrainingControl control;
  control.progress = [&](std::string_view stage, double) { stages.emplace_back(stage); };
  ASSERT_TRUE(TrainModelSet(Activity(), nullptr, {Generation(1), Sequence(1), kNow}, {}, control).ok());
  EXPECT_GE(stages.size(), 5u);
  std::atomic<bool> is_cancelled{true};
  control.is_cancelled = &is_cancelled;
  const auto set = TrainModelSet(Activity(), nullptr, {Generation(1), Sequence(1), kNow}, {}, control);
  EXPECT_EQ(set.status().code(), StatusCode::kUnavailable);
}

TEST(ModelSetTest, ATrainerThatThrowsIsAnErrorAndSaysWhichOneItWas) {
  TrainingControl control;
  control.progress = [](std::string_view stage, double) {
    if (stage == "als") (void)std::vector<int>().at(1);
  };
  TrainingReport report;
  const auto set =
      TrainModelSet(Activity(), Shop().get(), {Generation(1), Sequence(1), kNow}, {}, control, &report);
  EXPECT_EQ(set.status().code(), StatusCode::kInternal);
  EXPECT_NE(set.status().message().find("als threw"), std::string::npos) << set.status().message();
  EXPECT_EQ(report.trainers.back().name, "als");
}

TEST(ModelSetTest, AWorkersExceptionIsThrownOnTheThreadThatWaits) {
  TrainingControl control;
  control.thread_count = 3;
  const auto work = [](size_t begin, size_t, size_t) {
    if (begin == 40) (void)std::vector<int>().at(1);
  };
  EXPECT_THROW(ForEachTrainingBlock(100, 10, control, work), std::out_of_range);
}

TEST(ModelSetTest, WhatTheBudgetDoesNotHoldIsSkippedWithTheReasonAndStaysSoInTheFile) {
  const auto catalog = Shop();
  ModelSetOptions options;
  options.als.dimensions = 64;
  TrainingReport all;
  ASSERT_TRUE(
      TrainModelSet(Activity(), catalog.get(), {Generation(1), Sequence(1), kNow}, options, {}, &all).ok());
  for (const TrainerReport& trainer : all.trainers) {
    EXPECT_EQ(trainer.form, TrainingForm::kSparse) << trainer.name;
    EXPECT_GT(trainer.estimate.bytes, 0u) << trainer.name;
  }
  options.budget.bytes = all.Find("content")->estimate.bytes - 1;
  TrainingReport report;
  const auto set =
      TrainModelSet(Activity(), catalog.get(), {Generation(1), Sequence(1), kNow}, options, {}, &report);
  ASSERT_TRUE(set.ok());
  EXPECT_EQ(report.Find("content")->form, TrainingForm::kSkipped);
  EXPECT_NE(report.Find("content")->reason.find("of memory"), std::string::npos);
  EXPECT_EQ((*set)->Source("content_similar"), nullptr);
  const auto loaded = ModelSet::Load((*set)->Save());
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  ExpectSameAnswers(**set, **loaded);
}

TEST(ModelSetTest, ABudgetForNothingGivesASetThatAnswersNothing) {
  const auto catalog = Shop();
  ModelSetOptions options;
  options.budget.bytes = 1;
  TrainingReport report;
  const auto set =
      TrainModelSet(Activity(), catalog.get(), {Generation(1), Sequence(1), kNow}, options, {}, &report);
  ASSERT_TRUE(set.ok());
  for (const TrainerReport& trainer : report.trainers) {
    EXPECT_EQ(trainer.form, TrainingForm::kSkipped) << trainer.name;
  }
  // A file that was written before there were counts reads the same.
  const auto loaded = ModelSet::Load((*set)->Save());
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  for (const auto& each : {*set, *loaded}) {
    EXPECT_EQ(each->source_names(), std::vector<std::string_view>{"own_frequency"});
    EXPECT_EQ(each->tally().PopularityOf(ProductIndex(2)), 0);
    EXPECT_TRUE(each->audience().Of(ProductIndex(2)).empty());
    EXPECT_TRUE(each->trending_shelves().categories().empty());
    EXPECT_EQ(each->vectors(), nullptr);
    EXPECT_TRUE(FindProspects(*each, *catalog, ProductIndex(2), kNow, 10).empty());
  }
}

TEST(ModelSetTest, CountsComeBackFromTheFile) {
  const auto catalog = Shop();
  const auto set = TrainOrDie(Activity(), catalog.get());
  const auto loaded = ModelSet::Load(set->Save());
  ASSERT_TRUE(loaded.ok());
  EXPECT_GT(set->tally().PopularityOf(ProductIndex(2)), 0);
  EXPECT_EQ((*loaded)->tally().PopularityOf(ProductIndex(2)), set->tally().PopularityOf(ProductIndex(2)));
  const auto audience = set->audience().Of(ProductIndex(2));
  EXPECT_FALSE(audience.empty());
  EXPECT_TRUE(std::ranges::equal((*loaded)->audience().Of(ProductIndex(2)), audience));
  const auto prospects = FindProspects(*set, *catalog, ProductIndex(2), kNow, 10);
  EXPECT_FALSE(prospects.empty());
  EXPECT_EQ(FindProspects(**loaded, *catalog, ProductIndex(2), kNow, 10).front().shopper,
            prospects.front().shopper);
}

TEST(ModelSetTest, ATrainerThatTakesMuchLongerThanItSaidIsStopped) {
  VirtualClock clock(kNow);
  ModelSetOptions options;
  options.budget.seconds = 1000;
  TrainingControl control;
  control.clock = &clock;
  control.progress = [&](std::string_view stage, double) {
    if (stage == "als") clock.Advance(static_cast<int64_t>(kOverrunSecondsMin + 1) * kSecondMs);
  };
  TrainingReport report;
  const auto set =
      TrainModelSet(Activity(), Shop().get(), {Generation(1), Sequence(1), kNow}, options, control, &report);
  ASSERT_TRUE(set.ok()) << set.status().message();
  EXPECT_EQ(report.Find("als")->form, TrainingForm::kSkipped);
  EXPECT_EQ((*set)->Source("for_shoppers_like_you"), nullptr);
  EXPECT_NE((*set)->Source("buy_again"), nullptr);
}

}  // namespace
}  // namespace attune::models
