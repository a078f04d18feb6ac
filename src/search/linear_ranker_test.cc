#include "search/linear_ranker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/random.h"
#include "search/title_head.h"

namespace attune::search {
namespace {

// What is wanted is named by its title; the base score knows nothing.
std::vector<RankingExample> Examples(size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<RankingExample> examples(count);
  for (RankingExample& example : examples) {
    for (int i = 0; i < 20; ++i) {
      SearchFeatures::Row row;
      row.fill(std::numeric_limits<float>::quiet_NaN());
      row[kHead] = random.NextBelow(4) == 0 ? 1 : 0;
      row[kTitleLength] = static_cast<float>(random.NextBelow(20));
      example.rows.push_back(row);
      example.base.push_back(static_cast<float>(random.NextUnit()));
      example.gains.push_back(row[kHead]);
    }
  }
  return examples;
}

// Share of queries whose first product is wanted.
double FirstWanted(const SearchRanker& ranker, const std::vector<RankingExample>& examples) {
  double wanted = 0;
  for (const RankingExample& example : examples) {
    const std::vector<float> scores = ranker.Score(example.rows, example.base);
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();
    wanted += example.gains[static_cast<size_t>(best)] > 0 ? 1 : 0;
  }
  return wanted / static_cast<double>(examples.size());
}

TEST(LinearRanker, LearnsWhatIsWantedFromAFewQueries) {
  const auto ranker = TrainLinearRanker(Examples(30, 1), {});
  ASSERT_TRUE(ranker.ok());
  EXPECT_GT(FirstWanted(*ranker, Examples(50, 2)), 0.9);
  SearchRanker untaught;
  untaught.base_weight = 1;
  EXPECT_LT(FirstWanted(untaught, Examples(50, 2)), 0.5);
}

TEST(LinearRanker, WhatTheOrderKnowsAlreadyIsLeftToIt) {
  std::vector<RankingExample> examples = Examples(30, 3);
  Random random(4);
  for (RankingExample& example : examples) {
    for (size_t i = 0; i < example.gains.size(); ++i) {
      example.gains[i] = random.NextBelow(4) == 0 ? 1 : 0;
      example.base[i] = example.gains[i];
    }
  }
  const auto ranker = TrainLinearRanker(examples, {});
  ASSERT_TRUE(ranker.ok());
  EXPECT_EQ(FirstWanted(*ranker, examples), 1);
}

TEST(LinearRanker, NeedsSomethingToLearnFrom) {
  EXPECT_FALSE(TrainLinearRanker({}, {}).ok());
  std::vector<RankingExample> examples = Examples(10, 5);
  for (RankingExample& example : examples) std::fill(example.gains.begin(), example.gains.end(), 1.0F);
  EXPECT_FALSE(TrainLinearRanker(examples, {}).ok());
}

// Of words of a title, with whether the query says them.
bool IsHead(const std::vector<std::pair<const char*, bool>>& title) {
  TitleHead head;
  uint32_t position = 0;
  for (const auto& [word, is_asked_for] : title) head.Add(word, position++, is_asked_for);
  head.End();
  return head.is_head();
}

TEST(TitleHead, NamesAThingOrWhatGoesWithIt) {
  EXPECT_TRUE(IsHead({{"hp", false}, {"notebook", true}}));
  EXPECT_TRUE(IsHead({{"hp", false}, {"notebook", true}, {"39.6", false}, {"cm", false}}));
  EXPECT_TRUE(IsHead({{"gaming", true}, {"mouse", true}, {"for", false}, {"games", false}}));
  EXPECT_FALSE(IsHead({{"targus", false}, {"notebook", true}, {"case", false}}));
  EXPECT_FALSE(IsHead({{"hp", true}, {"deskjet", false}}));
  EXPECT_TRUE(IsHead({{"notebook", true}, {"slip", false}, {"notebook", true}}));
  EXPECT_FALSE(IsHead({{"iphone", false}, {"7", true}}));
  EXPECT_FALSE(IsHead({{"desk", false}, {"lamp", false}}));
}

}  // namespace
}  // namespace attune::search
