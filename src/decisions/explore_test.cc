// Exploration: the propensity in a record is how often the policy shows that product there, counted over
// seeds.

#include "decisions/explore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "decisions/decision_log.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

class ExploreTest : public testing::Test {
 protected:
  ExploreTest() {
    for (int i = 0; i < 14; ++i) {
      all.push_back(shop.Add("p" + std::to_string(i), {"Home"}, "Brand " + std::to_string(i % 3)));
    }
    shop.Source("trending", all);
    std::vector<models::SlateOutcomes> outcomes(all.size(), {1000, 30, 5});
    outcomes[9] = {0, 0, 0};
    outcomes[11] = {40, 4, 1};
    outcomes[13] = {60, 0, 0};
    shop.Tally(std::vector<float>(all.size(), 1), outcomes);
  }

  void Explore(double epsilon, uint32_t new_slots) {
    Placement placement = shop.Get("home_trending");
    placement.diversity = {};
    placement.exploration = {.epsilon = epsilon, .new_slots = new_slots};
    shop.Put(placement);
  }

  ShopForTests::Made Decide(uint32_t limit, uint64_t seed) const {
    ResolvedRequest request;
    request.placement = "home_trending";
    request.limit = limit;
    return shop.TryDecide(request, true, seed).value();
  }

  // Plays `rounds` seeds: every product at every position must come as often as its propensity says, and the
  // propensity of a product at a position must not depend on the seed.
  void ExpectPropensitiesAreFrequencies(uint32_t limit, int rounds) const {
    std::map<std::pair<uint32_t, std::string>, int> counts;
    std::map<std::pair<uint32_t, std::string>, double> stated;
    for (int seed = 1; seed <= rounds; ++seed) {
      const auto made = Decide(limit, static_cast<uint64_t>(seed));
      std::set<std::string> seen;
      for (const DecidedProduct& product : made.decision.products) {
        const auto key = std::pair(product.position, product.product_id);
        ++counts[key];
        const auto [known, is_new] = stated.emplace(key, product.propensity);
        ASSERT_NEAR(known->second, product.propensity, 1e-12) << product.product_id;
        ASSERT_TRUE(seen.insert(product.product_id).second) << "twice in one slate, seed " << seed;
      }
      ASSERT_EQ(made.decision.products.size(), limit);
    }
    std::map<uint32_t, double> sums;
    for (const auto& [key, propensity] : stated) {
      sums[key.first] += propensity;
      const double deviation = std::sqrt(propensity * (1 - propensity) / rounds);
      EXPECT_NEAR(counts[key] / static_cast<double>(rounds), propensity, 4.5 * deviation + 1e-9)
          << key.second << " at " << key.first << ", seeds 1 to " << rounds;
    }
    for (const auto& [position, sum] : sums) EXPECT_NEAR(sum, 1, 1e-9) << "position " << position;
  }

  ShopForTests shop;
  std::vector<ProductIndex> all;
};

TEST_F(ExploreTest, OffMeansCertain) {
  const auto made = Decide(5, 1);
  for (const DecidedProduct& product : made.decision.products) EXPECT_EQ(product.propensity, 1);
  EXPECT_TRUE(made.trace.propensities.empty());
  EXPECT_THAT(IdsOf(made.decision), testing::ElementsAre("p0", "p1", "p2", "p3", "p4"));
}

TEST_F(ExploreTest, EpsilonShowsEveryCandidateAsOftenAsStated) {
  Explore(0.3, 0);
  ExpectPropensitiesAreFrequencies(4, 30'000);
}

TEST_F(ExploreTest, WithFewerCandidatesThanPositionsToo) {
  Explore(0.6, 0);
  ExpectPropensitiesAreFrequencies(12, 30'000);
}

TEST_F(ExploreTest, NewProductsComeAsOftenAsStated) {
  Explore(0, 2);
  ExpectPropensitiesAreFrequencies(6, 30'000);
  const auto made = Decide(6, 3);
  const std::set<std::string> fresh = {"p9", "p11", "p13"};
  EXPECT_TRUE(fresh.contains(made.decision.products[4].product_id));
  EXPECT_TRUE(fresh.contains(made.decision.products[5].product_id));
}

TEST_F(ExploreTest, BothAtOnceToo) {
  Explore(0.2, 1);
  ExpectPropensitiesAreFrequencies(5, 40'000);
}

TEST_F(ExploreTest, ASlateOfAllProductsKeepsThemAll) {
  Explore(0.5, 1);
  const auto made = Decide(14, 5);
  EXPECT_EQ(made.decision.products.size(), 14u);
  std::set<std::string> ids;
  for (const DecidedProduct& product : made.decision.products) ids.insert(product.product_id);
  EXPECT_EQ(ids.size(), 14u);
}

TEST_F(ExploreTest, WithoutNewProductsTheRankingKeepsItsPlaces) {
  shop.Tally({}, std::vector<models::SlateOutcomes>(all.size(), {1000, 30, 5}));
  Explore(0, 2);
  EXPECT_THAT(IdsOf(Decide(3, 1).decision), testing::ElementsAre("p0", "p1", "p2"));
}

TEST_F(ExploreTest, TheSameSeedTriesTheSameAndTheRecordReplays) {
  Explore(0.5, 1);
  const auto made = Decide(6, 99);
  EXPECT_EQ(IdsOf(Decide(6, 99).decision), IdsOf(made.decision));
  const auto replay = ReplayDecision(made.record, {shop.view, &shop.profile, *made.catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
  const auto decoded = DecodeDecisionRecord(made.record.id, EncodeDecisionRecord(made.record));
  ASSERT_TRUE(decoded.ok());
  for (size_t i = 0; i < made.decision.products.size(); ++i) {
    EXPECT_FLOAT_EQ(decoded->products[i].propensity,
                    static_cast<float>(made.decision.products[i].propensity));
  }
}

TEST_F(ExploreTest, FiltersHoldForWhatIsTried) {
  Explore(1, 0);
  for (const ProductIndex product : all) {
    if (product.value() >= 8) shop.At(product).is_hidden = true;
  }
  for (uint64_t seed = 1; seed < 200; ++seed) {
    for (const DecidedProduct& product : Decide(4, seed).decision.products) {
      EXPECT_LT(product.product.value(), 8u);
    }
  }
}

TEST_F(ExploreTest, EveryDecisionOfAnExploringPlacementIsRecorded) {
  Placement placement = shop.Get("home_trending");
  placement.record_share = 0;
  EXPECT_FALSE(IsRecorded(placement, DecisionId{1, 2}));
  placement.exploration.epsilon = 0.1;
  EXPECT_TRUE(IsRecorded(placement, DecisionId{1, 2}));
}

}  // namespace
}  // namespace attune::decisions
