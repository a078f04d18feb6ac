// The source against its formula, and the promises of every candidate source.

#include "models/transition_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/random.h"

namespace attune::models {
namespace {

std::shared_ptr<const SparseRows> RandomRows(uint64_t seed, uint32_t product_count) {
  Random random(seed);
  std::vector<std::vector<Neighbour>> rows(product_count);
  for (uint32_t product = 0; product < product_count; ++product) {
    for (uint32_t other = 0; other < product_count; ++other) {
      if (other != product && random.NextBelow(3) == 0) {
        rows[product].push_back({other, static_cast<float>(random.NextUnit() - 0.1)});
      }
    }
  }
  return std::make_shared<const SparseRows>(std::move(rows));
}

std::vector<Seed> Seeds(std::initializer_list<uint32_t> products) {
  std::vector<Seed> seeds;
  for (const uint32_t product : products) seeds.push_back({ProductIndex(product), 1, 0});
  return seeds;
}

std::vector<Candidate> Ask(const CandidateSource& source, std::span<const Seed> seeds, size_t limit) {
  SourceQuery query;
  query.seeds = seeds;
  std::vector<Candidate> candidates;
  source.Retrieve(query, limit, candidates);
  return candidates;
}

double WeightOf(const SparseRows& rows, uint32_t from, uint32_t to) {
  for (const Neighbour& n : rows.Of(from)) {
    if (n.product == to) return static_cast<double>(n.weight);
  }
  return 0;
}

TEST(TransitionSource, ScoresAreTheFormula) {
  const auto first = RandomRows(1, 20);
  const auto second = RandomRows(2, 25);  // A newer part knows more products.
  const TransitionSource source("viewed_next", {{first, 2, 1.5}, {second, 0, 0.5}});
  EXPECT_EQ(source.product_count(), 25u);
  std::vector<Seed> seeds = Seeds({3, 22, 7});
  seeds[1].weight = 0.5F;
  const auto candidates = Ask(source, seeds, 100);
  std::set<uint32_t> found;
  for (const Candidate& candidate : candidates) {
    const uint32_t to = candidate.product.value();
    double score = 0;
    for (size_t age = 0; age < seeds.size(); ++age) {
      const uint32_t from = seeds[age].product.value();
      const auto weight = static_cast<double>(seeds[age].weight);
      score += 1.5 * std::exp(-static_cast<double>(age) / 2) * weight * WeightOf(*first, from, to);
      score += 0.5 * weight * WeightOf(*second, from, to);
    }
    EXPECT_NEAR(static_cast<double>(candidate.score), score, 1e-5);
    EXPECT_TRUE(candidate.has_because);
    found.insert(to);
  }
  EXPECT_EQ(found.size(), candidates.size()) << "no product twice";
  EXPECT_FALSE(found.contains(3) || found.contains(22) || found.contains(7)) << "seeds are not candidates";
  EXPECT_TRUE(std::is_sorted(candidates.begin(), candidates.end(),
                             [](const Candidate& a, const Candidate& b) { return a.score > b.score; }));
}

TEST(TransitionSource, ShorterAnswersAreTheStartOfLongerOnes) {
  const TransitionSource source("viewed_next", {{RandomRows(4, 40), 2, 1}});
  const auto seeds = Seeds({1, 2, 3});
  const auto all = Ask(source, seeds, 100);
  ASSERT_GT(all.size(), 10u);
  for (size_t limit = 0; limit < all.size(); ++limit) {
    const auto some = Ask(source, seeds, limit);
    ASSERT_EQ(some.size(), limit);
    for (size_t i = 0; i < limit; ++i) EXPECT_EQ(some[i].product, all[i].product);
  }
}

TEST(TransitionSource, AppendsAndLeavesWhatIsThere) {
  const TransitionSource source("viewed_next", {{RandomRows(4, 40), 2, 1}});
  const auto seeds = Seeds({1});
  SourceQuery query;
  query.seeds = seeds;
  std::vector<Candidate> candidates = {{ProductIndex(39), 9, ProductIndex(0), false}};
  source.Retrieve(query, 3, candidates);
  EXPECT_EQ(candidates.size(), 4u);
  EXPECT_EQ(candidates[0].product, ProductIndex(39));
}

TEST(TransitionSource, UnknownAndColdSeedsGiveNothing) {
  const TransitionSource source(
      "viewed_next", {{std::make_shared<const SparseRows>(std::vector<std::vector<Neighbour>>(3)), 2, 1}});
  EXPECT_TRUE(Ask(source, {}, 10).empty());
  EXPECT_TRUE(Ask(source, Seeds({1}), 10).empty());
  EXPECT_TRUE(Ask(source, Seeds({4'000'000'000u}), 10).empty());
}

TEST(TransitionSource, AbsurdSeedWeightsAreSurvived) {
  const TransitionSource source("viewed_next", {{RandomRows(4, 40), 2, 1}});
  std::vector<Seed> seeds = Seeds({1, 2});
  seeds[0].weight = std::nanf("");
  EXPECT_FALSE(Ask(source, seeds, 10).empty()) << "the other seed still speaks";
  seeds[0].weight = HUGE_VALF;
  for (const Candidate& candidate : Ask(source, seeds, 10)) EXPECT_TRUE(std::isfinite(candidate.score));
}

}  // namespace
}  // namespace attune::models
