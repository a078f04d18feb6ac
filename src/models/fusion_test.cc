// Fused order is the sum of reciprocal ranks, and every product can tell where its score came from.

#include "models/fusion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/random.h"

namespace attune::models {
namespace {

std::vector<Candidate> Answer(const std::vector<uint32_t>& products) {
  std::vector<Candidate> candidates;
  for (const uint32_t product : products)
    candidates.push_back({ProductIndex(product), 1, ProductIndex(90), true});
  return candidates;
}

TEST(FusionTest, TheExampleOfTheHeaderHolds) {
  const FusionRecipe recipe{.k = 10, .parts = {{"a", 1, 10}, {"b", 0.5, 10}}};
  const auto ties = ProductTies::Make(nullptr);
  const FusionResult result = Fuse(recipe, std::vector{Answer({1, 2}), Answer({2, 3})}, *ties);
  ASSERT_EQ(result.products.size(), 3u);
  EXPECT_EQ(result.products[0].product, ProductIndex(2));
  EXPECT_NEAR(result.products[0].score, 1 / 12.0 + 0.5 / 11.0, 1e-7);
  EXPECT_EQ(result.products[0].strongest_part, 0u);
  EXPECT_EQ(result.products[1].product, ProductIndex(1));
  EXPECT_EQ(result.products[2].product, ProductIndex(3));
  EXPECT_EQ(result.products[2].strongest_part, 1u);
  EXPECT_EQ(result.products[2].because, ProductIndex(90));
}

TEST(FusionTest, ScoresAreTheSumsOfTheirContributions) {
  Random random(9);
  const FusionRecipe recipe{.k = 60, .parts = {{"a", 1, 50}, {"b", 0.3, 50}, {"c", 2, 50}}};
  std::vector<std::vector<Candidate>> answers(3);
  std::map<uint32_t, double> expected;
  for (size_t part = 0; part < 3; ++part) {
    std::map<uint32_t, bool> seen;
    for (size_t rank = 0; rank < 50; ++rank) {
      const auto product = static_cast<uint32_t>(random.NextBelow(80));
      answers[part].push_back({ProductIndex(product), 0, {}, false});
      if (!seen.emplace(product, true).second) continue;  // A product named twice counts at its first place.
      expected[product] += recipe.parts[part].weight / (60.0 + static_cast<double>(rank) + 1);
    }
  }
  const FusionResult result = Fuse(recipe, answers, *ProductTies::Make(nullptr));
  ASSERT_EQ(result.products.size(), expected.size());
  for (size_t i = 0; i < result.products.size(); ++i) {
    const FusedCandidate& fused = result.products[i];
    EXPECT_NEAR(fused.score, expected[fused.product.value()], 1e-6);
    double sum = 0;
    float largest = 0;
    for (const float contribution : result.ContributionsOf(i)) {
      sum += static_cast<double>(contribution);
      largest = std::max(largest, contribution);
    }
    EXPECT_NEAR(sum, fused.score, 1e-9);
    EXPECT_EQ(result.ContributionsOf(i)[fused.strongest_part], largest);
    if (i > 0) {
      EXPECT_GE(result.products[i - 1].score, fused.score);
    }
  }
}

TEST(FusionTest, EqualScoresGoByStableHashAndNotByPlace) {
  const FusionRecipe recipe{.k = 60, .parts = {{"a", 1, 10}, {"b", 1, 10}}};
  const auto ties = ProductTies::Make(nullptr);
  const FusionResult one = Fuse(recipe, std::vector{Answer({4}), Answer({7})}, *ties);
  const FusionResult other = Fuse(recipe, std::vector{Answer({7}), Answer({4})}, *ties);
  EXPECT_EQ(one.products[0].product, other.products[0].product);
  EXPECT_EQ(one.products[0].product.value() == 4, ties->IsBefore(4, 7));
}

TEST(FusionTest, APartOfWeightZeroSaysNothing) {
  const FusionRecipe recipe{.k = 60, .parts = {{"a", 0, 10}, {"b", 1, 10}}};
  const FusionResult result =
      Fuse(recipe, std::vector{Answer({1, 2}), Answer({2})}, *ProductTies::Make(nullptr));
  ASSERT_EQ(result.products.size(), 1u);
  EXPECT_EQ(result.products[0].product, ProductIndex(2));
}

TEST(FusionTest, NothingFusesToNothing) {
  EXPECT_TRUE(Fuse({}, {}, *ProductTies::Make(nullptr)).products.empty());
}

TEST(FusionTest, AWrongRecipeIsRefusedByField) {
  EXPECT_TRUE(CheckRecipe({.k = 0, .parts = {{"a", 0, 1}}}).ok());
  EXPECT_EQ(CheckRecipe({.k = -1, .parts = {}}).field(), "k");
  EXPECT_EQ(CheckRecipe({.k = std::nan(""), .parts = {}}).field(), "k");
  EXPECT_EQ(CheckRecipe({.k = 1, .parts = {{"a", -1, 1}}}).field(), "parts[0].weight");
  EXPECT_EQ(CheckRecipe({.k = 1, .parts = {{"a", 1, 1}, {"b", std::numeric_limits<double>::infinity(), 1}}})
                .field(),
            "parts[1].weight");
  EXPECT_EQ(CheckRecipe({.k = 1, .parts = {{"a", 1, 1}, {"a", 1, 1}}}).field(), "parts[1].source");
  EXPECT_EQ(CheckRecipe({.k = 1, .parts = {{"a", 1, 1'000'000}}}).field(), "parts[0].limit");
  EXPECT_EQ(CheckRecipe({.k = 1, .parts = std::vector<FusionPart>(17)}).field(), "parts");
}

}  // namespace
}  // namespace attune::models
