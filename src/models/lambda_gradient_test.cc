// Gradients against a slow reading of the formula, and what they lead to.

#include "models/lambda_gradient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "models/isotonic.h"
#include "models/position_bias.h"

namespace attune::models {
namespace {

// Mean NDCG cost of a list, for a check by differences: sum over pairs of w dN log(1 + exp(s_j - s_i)) with
// the swaps dN of the present order.
TEST(LambdaGradientTest, IsTheSlopeOfThePairwiseLossWithThePresentSwaps) {
  const std::vector<float> gains = {0, 3, 1, 0, 1};
  const std::vector<float> weights = {1, 1, 2, 1, 1};
  const std::vector<float> scores = {0.5f, -0.2f, 0.1f, 0.9f, 0.1f};
  const std::vector<size_t> rank = {1, 4, 2, 0, 3};  // Equal scores: the order of the rows.
  const RankedRows list{0, 5};
  std::vector<float> gradients(5);
  std::vector<float> hessians(5);
  LambdaGradients({&list, 1}, gains, weights, scores, gradients, hessians);
  const auto discount = [](size_t at) { return 1 / std::log2(2 + static_cast<double>(at)); };
  const double ideal = 3 * discount(0) + discount(1) + discount(2);
  std::vector<double> slope(5, 0);
  double total = 0;
  for (size_t i = 0; i < 5; ++i) {
    for (size_t j = 0; j < 5; ++j) {
      if (gains[i] <= gains[j]) continue;
      const double swap = static_cast<double>((gains[i] - gains[j]) * weights[i]) *
                          std::abs(discount(rank[i]) - discount(rank[j])) / ideal;
      const double rho = 1 / (1 + std::exp(static_cast<double>(scores[i] - scores[j])));
      slope[i] -= rho * swap;
      slope[j] += rho * swap;
      total += 2 * rho * swap;
    }
  }
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(static_cast<double>(gradients[i]), slope[i] * std::log2(1 + total) / total, 1e-5) << i;
    EXPECT_GT(hessians[i], 0) << i;
  }
  EXPECT_LT(gradients[1], 0);  // What is worth most is pulled up.
}

TEST(LambdaGradientTest, AListWithNothingOrEverythingWantedTeachesNothing) {
  std::vector<float> gradients(4, 1);
  std::vector<float> hessians(4, 1);
  const std::vector<float> gains = {0, 0, 1, 1};
  const std::vector<float> weights(4, 1);
  const std::vector<float> scores = {1, 2, 3, 4};
  const std::vector<RankedRows> lists = {{0, 2}, {2, 4}};
  LambdaGradients(lists, gains, weights, scores, gradients, hessians);
  EXPECT_EQ(gradients, std::vector<float>(4, 0));
  EXPECT_EQ(hessians, std::vector<float>(4, 0));
}

TEST(LambdaGradientTest, NdcgCountsWhatIsMissing) {
  const std::vector<float> gains = {0, 1};
  const std::vector<float> scores = {2, 1};
  EXPECT_NEAR(NdcgOfScores(gains, scores, 20, IdealGain(gains, 20)), 1 / std::log2(3), 1e-9);
  const std::vector<float> wanted = {1, 1};
  EXPECT_NEAR(NdcgOfScores(gains, scores, 20, IdealGain(wanted, 20)),
              1 / std::log2(3) / (1 + 1 / std::log2(3)), 1e-9);
  EXPECT_EQ(NdcgOfScores(gains, scores, 1, IdealGain(gains, 1)), 0);
}

TEST(IsotonicCurveTest, PoolsWhatFalls) {
  const IsotonicCurve curve = IsotonicCurve::Fit({{1, 0, 1}, {2, 1, 1}, {3, 0, 1}, {4, 1, 1}});
  EXPECT_EQ(curve.At(0), 0);
  EXPECT_EQ(curve.At(2.5f), 0.5);
  EXPECT_EQ(curve.At(9), 1);
  EXPECT_NEAR(curve.At(1.75f), 0.25, 1e-6);  // Halfway between the middles of two steps.
}

TEST(IsotonicCurveTest, FindsChancesAndNeverFalls) {
  Random random(5);
  std::vector<ScoredOutcome> rows;
  for (int i = 0; i < 40'000; ++i) {
    const double score = random.NextNormal();
    const double chance = 1 / (1 + std::exp(2 - score));
    rows.push_back({static_cast<float>(score), random.NextUnit() < chance ? 1.0f : 0.0f, 1});
  }
  const IsotonicCurve curve = IsotonicCurve::Fit(rows);
  double last = 0;
  for (double score = -2; score <= 2; score += 0.1) {
    const double chance = curve.At(static_cast<float>(score));
    EXPECT_GE(chance, last);
    EXPECT_NEAR(chance, 1 / (1 + std::exp(2 - score)), 0.03) << score;
    last = chance;
  }
  EXPECT_EQ(IsotonicCurve::Fit({}).At(1), 0);
}

TEST(PositionBiasTest, FindsHowFarShoppersLook) {
  Random random(11);
  std::vector<ShownProduct> shown;
  for (int slate = 0; slate < 30'000; ++slate) {
    for (uint32_t position = 0; position < 10; ++position) {
      const uint64_t key = random.NextBelow(200);
      const double appeal = 0.02 + 0.3 * static_cast<double>(key % 10) / 10;
      const double looked = 1 / (1.0 + position);
      shown.push_back({key, position, random.NextUnit() < appeal * looked});
    }
  }
  const auto bias = PositionBias::Estimate(shown);
  ASSERT_TRUE(bias.has_value());
  EXPECT_EQ(bias->LookedAt(0), 1);
  for (uint32_t position = 1; position < 10; ++position) {
    EXPECT_NEAR(bias->LookedAt(position) * (1.0 + position), 1, 0.12) << position;
    EXPECT_LE(bias->WeightOf(position), PositionBias::kWeightMax);
  }
  EXPECT_NEAR(bias->WeightOf(4), 5, 0.7);
}

TEST(PositionBiasTest, SaysNothingWhenProductsNeverMoved) {
  std::vector<ShownProduct> shown;
  for (int slate = 0; slate < 5000; ++slate) {
    for (uint32_t position = 0; position < 10; ++position) {
      shown.push_back({position, position, (slate + static_cast<int>(position)) % 7 == 0});
    }
  }
  EXPECT_FALSE(PositionBias::Estimate(shown).has_value());
  EXPECT_FALSE(PositionBias::Estimate({}).has_value());
}

}  // namespace
}  // namespace attune::models
