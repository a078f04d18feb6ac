// What is estimated, tried and chosen: within the budget, the same for every thread count, never on what is
// held out for the test.

#include "models/top_n_choice.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "base/random.h"
#include "models/top_n_measure.h"

namespace attune::models {
namespace {

// Shoppers of four tastes, some products popular with all.
Sequences Tastes(uint64_t seed, int shoppers, uint32_t products) {
  Random random(seed);
  Sequences lists;
  for (int shopper = 0; shopper < shoppers; ++shopper) {
    std::vector<uint32_t> list;
    for (uint64_t i = 5 + random.NextBelow(8); i > 0; --i) {
      const auto draw = static_cast<uint32_t>(random.NextBelow(random.NextBelow(products / 4) + 1));
      list.push_back(draw * 4 + (random.NextBelow(5) == 0 ? static_cast<uint32_t>(random.NextBelow(4))
                                                          : static_cast<uint32_t>(shopper % 4)));
    }
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
    lists.Add(list);
  }
  return lists;
}

const TopNTrial* Find(const TopNChoice& choice, std::string_view name) {
  for (const TopNTrial& trial : choice.trials) {
    if (trial.name == name) return &trial;
  }
  return nullptr;
}

TEST(TopNChoice, TriesEveryMethodThatFitsAndTakesTheBest) {
  const auto choice = ChooseTopN(Tastes(1, 600, 120), 120, {});
  ASSERT_TRUE(choice.ok());
  ASSERT_EQ(choice->trials.size(), 5u);
  for (const TopNTrial& trial : choice->trials) {
    EXPECT_TRUE(trial.was_tried) << trial.name;
    EXPECT_GT(trial.ndcg_at_20, 0.05) << trial.name;
    EXPECT_LE(trial.ndcg_at_20, choice->best().ndcg_at_20);
  }
  EXPECT_EQ(choice->chosen, choice->chosen_by_default);
}

TEST(TopNChoice, WhatIsOverTheBudgetIsSkippedBeforeItStarts) {
  const Sequences lists = Tastes(2, 600, 120);
  const TopNWork work = MeasureTopNWork(lists, 120);
  TopNOptions ease;
  ease.method = TopNMethod::kEase;
  TopNChoiceOptions options;
  options.budget.memory_bytes = EstimateTopNCost(work, ease).memory_bytes - 1;
  const auto lean = ChooseTopN(lists, 120, options);
  ASSERT_TRUE(lean.ok());
  EXPECT_FALSE(Find(*lean, "ease")->was_tried);
  EXPECT_TRUE(Find(*lean, "item_knn")->was_tried);
  EXPECT_NE(FormatTopNChoice(*lean).find("skipped"), std::string::npos);

  options.budget = {.processor_seconds = 1e-9};
  EXPECT_EQ(ChooseTopN(lists, 120, options).status().field(), "budget");
}

TEST(TopNChoice, TheBudgetHoldsForAllTrialsAndTheFinalTraining) {
  TopNChoiceOptions options;
  options.tuning = {.trials_max = 12};
  const Sequences lists = Tastes(3, 600, 120);
  const auto free = ChooseTopN(lists, 120, options);
  ASSERT_TRUE(free.ok());
  options.budget.processor_seconds = 0;
  for (const TopNTrial& trial : free->trials)
    options.budget.processor_seconds += trial.cost.processor_seconds;
  options.budget.processor_seconds *= 0.7;
  const auto tight = ChooseTopN(lists, 120, options);
  ASSERT_TRUE(tight.ok());
  double spent = tight->best().cost.processor_seconds;
  for (const TopNTrial& trial : tight->trials) spent += trial.was_tried ? trial.cost.processor_seconds : 0;
  EXPECT_LE(spent, options.budget.processor_seconds);
}

TEST(TopNChoice, TuningNeverEndsBelowTheDefaultsOnTheCutAndThreadsChangeNothing) {
  const Sequences lists = Tastes(4, 500, 80);
  TopNChoiceOptions options;
  options.tuning = {.trials_max = 12};
  const auto one = ChooseTopN(lists, 80, options);
  options.threads = 4;
  const auto four = ChooseTopN(lists, 80, options);
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_GT(one->trials.size(), 5u);
  EXPECT_GE(one->best().ndcg_at_20, one->best_default().ndcg_at_20);
  ASSERT_TRUE(one->tuning.has_value());
  EXPECT_EQ(one->tuning->trials, 12u);
  EXPECT_EQ(one->tuning->validation_of_defaults, one->best_default().ndcg_at_20);
  EXPECT_EQ(one->tuning->validation_of_tuned, one->best().ndcg_at_20);
  ASSERT_EQ(one->trials.size(), four->trials.size());
  for (size_t i = 0; i < one->trials.size(); ++i) {
    EXPECT_EQ(one->trials[i].name, four->trials[i].name);
    EXPECT_EQ(one->trials[i].ndcg_at_20, four->trials[i].ndcg_at_20);
  }
  EXPECT_EQ(one->chosen, four->chosen);
}

TEST(TopNChoice, TheFirstMethodStaysUnlessAnotherIsSurelyBetter) {
  const Sequences lists = Tastes(6, 600, 120);
  TopNOptions poor;
  poor.method = TopNMethod::kItemKnn;
  poor.knn = {.row_exponent = 0, .column_exponent = 2};  // The rarest first.
  TopNChoiceOptions options;
  options.methods.insert(options.methods.begin(), {"poor", poor});
  options.standard_errors_min = 2;
  const auto sure = ChooseTopN(lists, 120, options);
  ASSERT_TRUE(sure.ok());
  EXPECT_NE(sure->chosen, 0u);
  options.standard_errors_min = 1e6;
  const auto never = ChooseTopN(lists, 120, options);
  ASSERT_TRUE(never.ok());
  EXPECT_EQ(never->best().name, "poor");
  EXPECT_EQ(never->trials.size(), 6u);
}

TEST(TopNChoice, ACancelledChoiceIsNone) {
  const std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(ChooseTopN(Tastes(7, 60, 120), 120, {}, control).status().code(), StatusCode::kUnavailable);
}

TEST(TopNChoice, TheWorkIsThatOfTheLists) {
  Sequences lists;
  lists.Add(std::vector<uint32_t>{0, 1, 2});
  lists.Add(std::vector<uint32_t>{2, 3});
  const TopNWork work = MeasureTopNWork(lists, 5);
  EXPECT_EQ(work.interactions, 5u);
  EXPECT_EQ(work.pairs, 13u);
  EXPECT_DOUBLE_EQ(work.cells_per_row, (3 + 3 + 4 + 2 + 0) / 5.0);
  EXPECT_EQ(MeasureTopNWork(Sequences(), 0).cells_per_row, 0);
}

TEST(TopNChoice, LargerCataloguesCostMoreAndEaseGrowsWithTheCube) {
  TopNWork work{.products = 10'000, .interactions = 1'000'000, .pairs = 30'000'000, .cells_per_row = 400};
  TopNOptions ease;
  ease.method = TopNMethod::kEase;
  const double small = EstimateTopNCost(work, ease).processor_seconds;
  work.products = 20'000;
  EXPECT_GT(EstimateTopNCost(work, ease).processor_seconds, 6 * small);
  EXPECT_GT(EstimateTopNCost(work, TopNOptions()).processor_seconds, 0);
}

TEST(TopNChoice, NothingAndWrongSharesAreAnswered) {
  TopNChoiceOptions none;
  none.held_out_share = 0;
  EXPECT_EQ(ChooseTopN(Sequences(), 0, none).status().field(), "held_out_share");
  const auto empty = ChooseTopN(Sequences(), 0, {});
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->best().ndcg_at_20, 0);
}

TEST(TopNMeasure, HoldsOutTheShareAndAsksAtMostAsMany) {
  const Sequences lists = Tastes(5, 400, 80);
  const TopNSplit split = HoldOut(lists, 0.25, [](size_t shopper, uint32_t product) {
    return static_cast<uint32_t>(MixHash64(shopper, product) >> 32);
  });
  EXPECT_EQ(split.training.interaction_count() + split.held_out.interaction_count(),
            lists.interaction_count());
  EXPECT_NEAR(static_cast<double>(split.held_out.interaction_count()),
              0.25 * static_cast<double>(lists.interaction_count()), 100);
  const auto source = TrainTopN(split.training, 80, {});
  ASSERT_TRUE(source.ok());
  const TopNMeasures all = MeasureTopN(**source, split, {});
  TopNMeasureOptions few;
  few.shoppers_max = 50;
  const TopNMeasures some = MeasureTopN(**source, split, few);
  EXPECT_EQ(some.shoppers.size(), 50u);
  for (size_t i = 0; i < some.shoppers.size(); ++i) {
    const auto at = std::find(all.shoppers.begin(), all.shoppers.end(), some.shoppers[i]);
    ASSERT_NE(at, all.shoppers.end());
    EXPECT_EQ(some.recalls[i], all.recalls[static_cast<size_t>(at - all.shoppers.begin())]);
  }
}

}  // namespace
}  // namespace attune::models
