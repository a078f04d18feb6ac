// Measures against values worked out by hand from their definitions.

#include "models/ranking_metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace attune::models {
namespace {

TEST(RankingMetrics, TiesCountForHalf) {
  EXPECT_EQ((TargetRank{0, 0}.mid_rank()), 1.0);
  EXPECT_EQ((TargetRank{2, 2}.mid_rank()), 4.0);
  EXPECT_EQ((TargetRank{2, 1}.mid_rank()), 3.5);
}

TEST(RankingMetrics, OneTargetByHand) {
  const std::vector<double> ranks = {1, 3, 10, 10.5, kUnrankedTarget};
  EXPECT_DOUBLE_EQ(RecallAt(ranks, 10), 3.0 / 5);
  EXPECT_DOUBLE_EQ(RecallAt(ranks, 1), 1.0 / 5);
  EXPECT_DOUBLE_EQ(NdcgAt(ranks, 10), (1.0 + 0.5 + 1.0 / std::log2(11.0)) / 5);
  EXPECT_DOUBLE_EQ(MrrAt(ranks, 10), (1.0 + 1.0 / 3 + 0.1) / 5);
  EXPECT_DOUBLE_EQ(MrrAt(ranks, 2), 1.0 / 5);
}

TEST(RankingMetrics, ListByHand) {
  const std::vector<uint32_t> ranked = {7, 3, 9, 1};
  const std::vector<uint32_t> held_out = {1, 2, 3};
  EXPECT_DOUBLE_EQ(ListRecallAt(ranked, held_out, 20), 2.0 / 3);
  EXPECT_DOUBLE_EQ(ListRecallAt(ranked, held_out, 2), 1.0 / 3);
  const double gained = 1 / std::log2(3.0) + 1 / std::log2(5.0);
  const double ideal = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0);
  EXPECT_DOUBLE_EQ(ListNdcgAt(ranked, held_out, 20), gained / ideal);
  // Only two places: the best order has two hits.
  EXPECT_DOUBLE_EQ(ListNdcgAt(ranked, held_out, 2), (1 / std::log2(3.0)) / (1 + 1 / std::log2(3.0)));
}

TEST(RankingMetrics, APerfectListScoresOne) {
  const std::vector<uint32_t> ranked = {5, 2, 8};
  const std::vector<uint32_t> held_out = {2, 5, 8};
  EXPECT_DOUBLE_EQ(ListRecallAt(ranked, held_out, 20), 1);
  EXPECT_DOUBLE_EQ(ListNdcgAt(ranked, held_out, 20), 1);
}

TEST(RankingMetrics, NothingToMeasureIsZero) {
  EXPECT_EQ(RecallAt({}, 10), 0);
  EXPECT_EQ(NdcgAt({}, 10), 0);
  EXPECT_EQ(ListRecallAt({}, {}, 10), 0);
  EXPECT_EQ(ListNdcgAt({}, {}, 10), 0);
  EXPECT_EQ(MeanOf({}), 0);
  EXPECT_EQ(QuantileOf({}, 0.5), 0);
}

TEST(RankingMetrics, QuantileIsNearestRank) {
  EXPECT_EQ(QuantileOf({4, 1, 3, 2}, 0.5), 2);
  EXPECT_EQ(QuantileOf({4, 1, 3, 2}, 0.51), 3);
  EXPECT_EQ(QuantileOf({4, 1, 3, 2}, 1), 4);
  EXPECT_EQ(QuantileOf({4, 1, 3, 2}, 0.01), 1);
}

}  // namespace
}  // namespace attune::models
