// The usual method where there is too little to choose by, else what was chosen: made again only when the
// lists have grown, within the budget, and the same for every number of threads.

#include "models/also_bought.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "base/random.h"

namespace attune::models {
namespace {

constexpr uint32_t kProducts = 80;

// Shoppers of four tastes who buy at least two products each.
InteractionLog Purchases(uint64_t shoppers) {
  InteractionLog log;
  Random random(11);
  for (uint64_t shopper = 1; shopper <= shoppers; ++shopper) {
    std::set<uint32_t> products;
    while (products.size() < 6) {
      const uint64_t taste = random.NextBelow(5) == 0 ? random.NextBelow(4) : shopper % 4;
      products.insert(
          static_cast<uint32_t>(random.NextBelow(random.NextBelow(kProducts / 4) + 1) * 4 + taste));
    }
    for (const uint32_t product : products) {
      log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1, 1'000, shopper});
    }
  }
  return log;
}

// As a training asks for it.
Result<AlsoBought> TrainOn(const InteractionLog& log, const AlsoBoughtOptions& options = {},
                           const TrainingBudget& budget = {}, int threads = 1) {
  const TrainingCounts counts = CountForTraining(log, nullptr);
  const TrainerReport report = ChooseForm(AlsoBoughtCosts(counts, options, budget), budget, 0);
  TrainingControl control;
  control.thread_count = threads;
  return TrainAlsoBought(log, kProducts, counts, report.form, options, budget, control);
}

SparseRows RowsOf(const InteractionLog& log, const TopNOptions& method) {
  auto rows = TrainTopNRows(PurchaseLists(log), kProducts, method);
  CHECK(rows.ok());
  return *std::move(rows);
}

TEST(AlsoBoughtTest, AFewListsGetTheUsualMethodUnasked) {
  const InteractionLog log = Purchases(kMethodChoiceListsMin - 1);
  const TrainerCosts costs = AlsoBoughtCosts(CountForTraining(log, nullptr), {}, {});
  EXPECT_FALSE(costs.dense);
  const auto trained = TrainOn(log);
  ASSERT_TRUE(trained.ok());
  EXPECT_FALSE(trained->choice);
  EXPECT_EQ(trained->rows, RowsOf(log, AlsoBoughtOptions::UsualMethod()));
}

TEST(AlsoBoughtTest, WithEnoughListsTheRowsAreThoseOfTheMethodThatWon) {
  const InteractionLog log = Purchases(kMethodChoiceListsMin);
  const auto trained = TrainOn(log);
  ASSERT_TRUE(trained.ok());
  ASSERT_TRUE(trained->choice);
  EXPECT_EQ(trained->choice->lists, kMethodChoiceListsMin);
  ASSERT_EQ(trained->choice->trials.size(), 6u);
  EXPECT_EQ(trained->choice->trials.front().method, "cosine");
  double usual = trained->choice->trials.front().ndcg_at_20;
  for (const MethodTrial& trial : trained->choice->trials) {
    EXPECT_TRUE(trial.was_tried) << trial.method;
    if (trial.method == trained->choice->method) {
      EXPECT_GE(trial.ndcg_at_20, usual);
    }
  }
  EXPECT_EQ(trained->rows, RowsOf(log, trained->method));
}

TEST(AlsoBoughtTest, ThreadsChangeNothing) {
  const InteractionLog log = Purchases(700);
  const auto one = TrainOn(log);
  const auto four = TrainOn(log, {}, {}, 4);
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_EQ(one->choice, four->choice);
  EXPECT_EQ(one->rows, four->rows);
}

TEST(AlsoBoughtTest, AChoiceIsKeptUntilTheListsHaveGrownByHalf) {
  const InteractionLog log = Purchases(900);
  AlsoBoughtOptions options;
  options.before = MethodChoice{601, "graph_filter", {{"graph_filter", true, 0.5}}};
  const auto kept = TrainOn(log, options);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->choice, options.before);
  EXPECT_EQ(kept->method.knn.basket_exponent, 1);
  EXPECT_EQ(kept->rows, RowsOf(log, kept->method));

  options.before->lists = 600;
  const auto anew = TrainOn(log, options);
  ASSERT_TRUE(anew.ok());
  EXPECT_EQ(anew->choice->lists, 900u);
  EXPECT_EQ(anew->choice->trials.size(), 6u);
}

TEST(AlsoBoughtTest, AMethodThatThisBuildDoesNotKnowIsNotKept) {
  AlsoBoughtOptions options;
  options.before = MethodChoice{900, "oracle", {}};
  const auto trained = TrainOn(Purchases(900), options);
  ASSERT_TRUE(trained.ok());
  EXPECT_NE(trained->choice->method, "oracle");
}

TEST(AlsoBoughtTest, WithoutTheBudgetForAChoiceTheUsualMethodServes) {
  const InteractionLog log = Purchases(900);
  const TrainerCosts costs = AlsoBoughtCosts(CountForTraining(log, nullptr), {}, {});
  ASSERT_TRUE(costs.dense);
  EXPECT_GT(costs.dense->seconds, costs.sparse.seconds);
  const auto trained = TrainOn(log, {}, {.seconds = costs.sparse.seconds, .bytes = 0});
  ASSERT_TRUE(trained.ok());
  EXPECT_FALSE(trained->choice);
  EXPECT_EQ(trained->rows, RowsOf(log, AlsoBoughtOptions::UsualMethod()));
}

TEST(AlsoBoughtTest, AShareThatHoldsNoTrialIsNoError) {
  const InteractionLog log = Purchases(900);
  const auto trained = TrainAlsoBought(log, kProducts, CountForTraining(log, nullptr), TrainingForm::kDense,
                                       {}, {.seconds = 1e-9, .bytes = 0}, {});
  ASSERT_TRUE(trained.ok());
  EXPECT_FALSE(trained->choice);
}

TEST(AlsoBoughtTest, ACancelledChoiceGivesNoRows) {
  const InteractionLog log = Purchases(900);
  const TrainingCounts counts = CountForTraining(log, nullptr);
  const std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  for (const TrainingForm form : {TrainingForm::kDense, TrainingForm::kSparse}) {
    EXPECT_EQ(TrainAlsoBought(log, kProducts, counts, form, {}, {}, control).status().code(),
              StatusCode::kUnavailable);
  }
}

TEST(AlsoBoughtTest, AListHasTheLatestProductsOnceAndNeverOne) {
  InteractionLog log;
  const auto buy = [&](uint64_t shopper, uint32_t product, int64_t at_ms) {
    log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1, at_ms, 1});
  };
  buy(1, 4, 10);
  buy(1, 4, 20);
  buy(2, 7, 10);
  buy(2, 3, 20);
  buy(2, 7, 30);
  const Sequences lists = PurchaseLists(log);
  ASSERT_EQ(lists.size(), 1u);
  EXPECT_TRUE(std::ranges::equal(lists.Of(0), std::vector<uint32_t>{3, 7}));
}

}  // namespace
}  // namespace attune::models
