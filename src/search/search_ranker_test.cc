#include "search/search_ranker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.h"
#include "search/click_simulation.h"

namespace attune::search {
namespace {

// What is wanted has a short title; the base score knows nothing.
std::vector<RankingExample> Examples(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<RankingExample> examples(count);
  for (RankingExample& example : examples) {
    for (int i = 0; i < 20; ++i) {
      SearchFeatures::Row row;
      row.fill(std::numeric_limits<float>::quiet_NaN());
      row[kTitleLength] = static_cast<float>(random.NextBelow(20));
      row[kScore] = static_cast<float>(random.NextUnit());
      example.rows.push_back(row);
      example.base.push_back(row[kScore]);
      example.gains.push_back(row[kTitleLength] < 5 ? 1 : 0);
    }
  }
  return examples;
}

size_t WantedAmongFive(const SearchRanker& ranker, const std::vector<RankingExample>& examples) {
  size_t wanted = 0;
  for (const RankingExample& example : examples) {
    const std::vector<float> scores = ranker.Score(example.rows, example.base);
    std::vector<size_t> order(scores.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](size_t a, size_t b) { return std::pair(-scores[a], a) < std::pair(-scores[b], b); });
    for (size_t i = 0; i < 5; ++i) wanted += example.gains[order[i]] > 0 ? 1 : 0;
  }
  return wanted;
}

TEST(SearchRanker, LearnsWhatIsWanted) {
  const auto ranker = TrainSearchRanker(Examples(60, 1), {.trees_max = 60, .base_weights = {0, 1}}, {});
  ASSERT_TRUE(ranker.ok());
  const auto tested = Examples(40, 2);
  SearchRanker untaught;
  untaught.base_weight = 1;
  EXPECT_GT(WantedAmongFive(*ranker, tested), WantedAmongFive(untaught, tested) * 2);
}

TEST(SearchRanker, WhatHelpsNothingIsNotLearned) {
  std::vector<RankingExample> examples = Examples(60, 3);
  for (RankingExample& example : examples) {  // The base score is right already.
    for (size_t i = 0; i < example.base.size(); ++i) example.base[i] = example.gains[i];
  }
  const auto ranker = TrainSearchRanker(examples, {.trees_max = 20, .base_weights = {3}}, {});
  ASSERT_TRUE(ranker.ok());
  EXPECT_EQ(ranker->forest.tree_count(), 0u);
}

TEST(SearchRanker, NeedsSomethingToLearnFrom) {
  EXPECT_FALSE(TrainSearchRanker({}, {}, {}).ok());
  std::vector<RankingExample> examples = Examples(10, 4);
  for (RankingExample& example : examples) std::fill(example.gains.begin(), example.gains.end(), 1.0F);
  EXPECT_FALSE(TrainSearchRanker(examples, {}, {}).ok());
}

TEST(ClickSimulation, ClicksThatAreCorrectedSayTheGradesWhereverTheyStood) {
  ClickSimulation clicks(1);
  const std::vector<std::optional<int>> grades = {0, 0, 3, 0, std::nullopt, 3, 0, 0};
  for (int list = 0; list < 400; ++list) clicks.Show(grades);
  std::vector<double> mean(grades.size(), 0);
  for (const std::vector<float>& gains : clicks.Gains()) {
    ASSERT_EQ(gains.size(), grades.size());
    for (size_t i = 0; i < gains.size(); ++i) mean[i] += gains[i] / 400;
  }
  EXPECT_NEAR(mean[2] / mean[5], 1, 0.2);
  EXPECT_GT(mean[5], 3 * mean[0]);
  EXPECT_GT(mean[5], 3 * mean[4]);
}

}  // namespace
}  // namespace attune::search
