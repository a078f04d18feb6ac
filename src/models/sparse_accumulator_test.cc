// Scores, order and ranks against a dense, obvious version on random rows.

#include "models/sparse_accumulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"

namespace attune::models {
namespace {

TEST(SparseAccumulator, AgreesWithADenseArray) {
  Random random(5);
  SparseAccumulator accumulator;  // One for all rounds: nothing may leak from one into the next.
  for (int round = 0; round < 300; ++round) {
    const auto product_count = static_cast<uint32_t>(random.NextBelow(30) + 1);
    std::vector<double> scores(product_count, 0);
    std::set<uint32_t> masked;
    accumulator.Start(product_count);
    for (uint32_t seed = 0; seed < 4; ++seed) {
      std::vector<Neighbour> row;
      for (uint32_t product = 0; product < product_count; ++product) {
        if (random.NextBelow(4) == 0) row.push_back({product, static_cast<float>(random.NextBelow(4)) - 1});
      }
      const auto factor = static_cast<float>(random.NextBelow(3));
      accumulator.AddRow(row, factor, seed);
      for (const Neighbour& n : row) scores[n.product] += static_cast<double>(factor * n.weight);
      if (random.NextBelow(2) == 0) {
        const auto product = static_cast<uint32_t>(random.NextBelow(product_count + 2));
        accumulator.Mask(product);
        if (product < product_count) masked.insert(product);
      }
    }
    std::vector<uint32_t> expected;
    for (uint32_t product = 0; product < product_count; ++product) {
      EXPECT_EQ(accumulator.IsMasked(product), masked.contains(product));
      EXPECT_EQ(static_cast<double>(accumulator.ScoreOf(product)), scores[product]);
      if (!masked.contains(product) && scores[product] > 0) expected.push_back(product);
      if (masked.contains(product)) continue;
      TargetRank rank;
      for (uint32_t other = 0; other < product_count; ++other) {
        if (other == product || masked.contains(other)) continue;
        rank.better += scores[other] > scores[product];
        rank.tied += scores[other] == scores[product];
      }
      EXPECT_EQ(accumulator.RankOf(product).better, rank.better);
      EXPECT_EQ(accumulator.RankOf(product).tied, rank.tied);
    }
    std::sort(expected.begin(), expected.end(), [&](uint32_t a, uint32_t b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : ProductTies::Make(nullptr)->IsBefore(a, b);
    });
    const size_t limit = random.NextBelow(12);
    std::vector<ScoredProduct> picked;
    accumulator.Strongest(limit, picked);
    expected.resize(std::min(limit, expected.size()));
    ASSERT_EQ(picked.size(), expected.size());
    for (size_t i = 0; i < picked.size(); ++i) EXPECT_EQ(picked[i].product, expected[i]);
  }
}

TEST(SparseAccumulator, BecauseIsTheSeedWithTheLargestPart) {
  SparseAccumulator accumulator;
  accumulator.Start(3);
  const std::vector<Neighbour> row = {{2, 1}};
  accumulator.AddRow(row, 1, 0);
  accumulator.AddRow(row, 3, 1);
  accumulator.AddRow(row, 3, 2);
  std::vector<ScoredProduct> picked;
  accumulator.Strongest(5, picked);
  ASSERT_EQ(picked.size(), 1u);
  EXPECT_EQ(picked[0], (ScoredProduct{2, 7, 1}));
}

}  // namespace
}  // namespace attune::models
