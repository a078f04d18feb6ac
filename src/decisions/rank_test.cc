// The ranker in the pipeline: where it may order a slate, what it does to scores, and that a decision is made
// again to the byte.

#include "decisions/rank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "decisions/decide.h"
#include "decisions/explain.h"
#include "decisions/replay.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using models::RankerFeature;
using models::RankObjective;
using testing::ElementsAre;

// One tree: what costs more than 50.00 is wanted more.
std::shared_ptr<const models::RankerHead> LikesWhatIsDear() {
  constexpr int32_t kNone = models::TrainedTree::kNoChild;
  models::TrainedTree tree;
  tree.nodes = {{1, 2, static_cast<uint32_t>(RankerFeature::kLogPrice), std::log(5000.0F), true},
                {kNone, kNone, 0, -1, false},
                {kNone, kNone, 0, 1, false}};
  auto head = std::make_shared<models::RankerHead>();
  EXPECT_TRUE(head->forest.AddTree(tree).ok());
  head->click = models::IsotonicCurve::Fit({{-1, 0, 3}, {-1, 1, 1}, {1, 0, 1}, {1, 1, 1}});
  head->purchase = models::IsotonicCurve::Fit({{-1, 0, 9}, {-1, 1, 1}, {1, 0, 4}, {1, 1, 1}});
  return head;
}

models::RankerParts Parts(bool serves) {
  models::RankerParts parts;
  parts.outcome = models::RankerOutcome::kPublished;
  parts.first_trees = 1;
  parts.finalists = 64;
  parts.guards.push_back(
      {.surface = "home_for_you", .is_page = false, .is_purchase = false, .serves = serves});
  parts.click = LikesWhatIsDear();
  parts.purchase = parts.click;
  parts.statistics = models::ProductStatistics::Count(models::InteractionLog(), nullptr, {}, {}, kTestNowMs);
  return parts;
}

class RankTest : public testing::Test {
 protected:
  RankTest() {
    bulb = shop.Add("bulb", {"Home"}, "Lumo", 490);
    lamp = shop.Add("lamp", {"Home"}, "Lumo", 2490);
    shelf = shop.Add("shelf", {"Home"}, "Oakly", 8900);
    desk = shop.Add("desk", {"Home"}, "Oakly", 19900);
    shop.Source("bestsellers", {bulb, shelf, lamp, desk});
    Put(RankObjective::kConversion);
  }

  void Put(RankObjective objective) {
    Placement placement = shop.Get("home_for_you");
    placement.recipe = {60, {{"bestsellers", 1, 100}}, false};
    placement.objective = objective;
    shop.Put(placement);
  }

  ShopForTests shop;
  ProductIndex bulb, lamp, shelf, desk;
};

TEST_F(RankTest, TheBlendServesWithoutARankerAndWhereTheGuardSaysNo) {
  EXPECT_THAT(IdsOf(shop.Decide("home_for_you").decision), ElementsAre("bulb", "shelf", "lamp", "desk"));
  shop.Learn(Parts(false));
  const auto made = shop.Decide("home_for_you");
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("bulb", "shelf", "lamp", "desk"));
  EXPECT_FALSE(made.trace.ranking.is_used);
}

TEST_F(RankTest, TheRankerOrdersAndItsScoreIsWhatTheObjectiveExpects) {
  shop.Learn(Parts(true));
  const auto made = shop.Decide("home_for_you");
  ASSERT_EQ(made.decision.products.size(), 4u);
  EXPECT_TRUE(made.decision.products[0].product_id == "shelf" ||
              made.decision.products[0].product_id == "desk");
  EXPECT_NEAR(made.decision.products[0].score, 0.2, 1e-6);
  EXPECT_NEAR(made.decision.products[1].score, 0.2, 1e-6);
  EXPECT_NEAR(made.decision.products[2].score, 0.1, 1e-6);
  EXPECT_EQ(made.decision.products[0].source, "bestsellers");
  Put(RankObjective::kClick);
  EXPECT_NEAR(shop.Decide("home_for_you").decision.products[0].score, 0.5, 1e-6);
  Put(RankObjective::kBlend);
  EXPECT_THAT(IdsOf(shop.Decide("home_for_you").decision), ElementsAre("bulb", "shelf", "lamp", "desk"));
}

TEST_F(RankTest, RevenueIsChanceTimesPriceAndProfitTakesTheCostAway) {
  shop.Learn(Parts(true));
  Put(RankObjective::kRevenue);
  auto made = shop.Decide("home_for_you");
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("desk", "shelf", "lamp", "bulb"));
  EXPECT_NEAR(made.decision.products[0].score, 0.2 * 19900, 1);
  shop.At(desk).cost_minor = 19800;
  shop.At(shelf).cost_minor = 900;
  shop.At(lamp).cost_minor = 490;
  shop.At(bulb).cost_minor = 489;
  Put(RankObjective::kProfit);
  made = shop.Decide("home_for_you");
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("shelf", "lamp", "desk", "bulb"));
}

// Rotation and popularity act on the ranker's scores, and make no loss look smaller than it is.
TEST_F(RankTest, WhatIsAdjustedAfterwardsStartsFromTheRankersScores) {
  shop.Learn(Parts(true));
  shop.At(desk).cost_minor = 19800;  // 0.2 * 100 = 20
  shop.At(shelf).cost_minor = 8800;  // 0.2 * 100 = 20
  shop.At(lamp).cost_minor = 2590;   // 0.1 * -100 = -10
  shop.At(bulb).cost_minor = 690;    // 0.1 * -200 = -20
  Put(RankObjective::kProfit);
  Placement placement = shop.Get("home_for_you");
  placement.rotation = {5, 0.1};
  shop.Put(placement);
  const std::vector<std::string> before = IdsOf(shop.Decide("home_for_you").decision);
  EXPECT_EQ(before[2], "lamp");
  const ProductIndex first = before[0] == "desk" ? desk : shelf;
  shop.profile.shown.push_back({first, 1, kTestNowMs - 10});
  shop.profile.shown.push_back({lamp, 1, kTestNowMs - 10});
  shop.profile.shown.push_back({lamp, 2, kTestNowMs - 20});
  const auto made = shop.Decide("home_for_you");
  EXPECT_THAT(IdsOf(made.decision), ElementsAre(before[1], before[0], "lamp", "bulb"));
  EXPECT_NEAR(made.decision.products[1].score, 2, 1e-4);
  EXPECT_NEAR(made.decision.products[2].score, -19.9, 1e-3) << "-10, and nearly as much again";
  EXPECT_NEAR(made.decision.products[3].score, -20, 1e-3);
}

TEST_F(RankTest, ChancesOfExplorationHoldOnTheRankersOrder) {
  shop.Learn(Parts(true));
  Put(RankObjective::kRevenue);
  Placement placement = shop.Get("home_for_you");
  placement.exploration.epsilon = 0.5;
  shop.Put(placement);
  ResolvedRequest request;
  request.placement = "home_for_you";
  request.limit = 2;
  const auto made = shop.Decide(request, true);
  ASSERT_EQ(made.decision.products.size(), 2u);
  ASSERT_EQ(made.trace.propensities.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    const bool is_explored = made.trace.rows[made.trace.chosen[i]].explored_by == ExploredBy::kUniform;
    EXPECT_NEAR(made.decision.products[i].propensity, is_explored ? 0.25 : 0.5, 1e-9);
    EXPECT_TRUE(is_explored || made.decision.products[i].product_id == (i == 0 ? "desk" : "shelf"));
  }
}

TEST_F(RankTest, WhatTrainingCannotAskIsNoSurface) {
  EXPECT_TRUE(IsRankerSurface(shop.Get("home_for_you")));
  EXPECT_TRUE(IsRankerSurface(shop.Get("product_similar")));
  for (const char* id : {"category_top", "cart_cross_sell", "because_you_bought", "buy_again"}) {
    EXPECT_FALSE(IsRankerSurface(shop.Get(id))) << id;
  }
}

TEST_F(RankTest, SaysWhatMovedAProduct) {
  shop.Learn(Parts(true));
  const auto made = shop.Decide("home_for_you");
  const ResolvedRequest request = made.record.request;
  const DecideInput input{
      request,    shop.view, *FindPlacement(shop.view, "home_for_you").value(), &shop.profile, *made.catalog,
      kTestNowMs, 7};
  const auto top = RankingReasonOf(input, made.trace, made.trace.chosen.front());
  ASSERT_TRUE(top.has_value());
  EXPECT_EQ(top->words, "Up by its price");
  EXPECT_NEAR(top->chances.purchase, 0.2, 1e-6);
  EXPECT_EQ(top->gains.front().group, models::FeatureGroup::kPrice);
}

TEST_F(RankTest, ADecisionIsMadeAgainToTheByte) {
  shop.Learn(Parts(true));
  const auto made = shop.Decide("home_for_you");
  const auto record = DecodeDecisionRecord(made.record.id, EncodeDecisionRecord(made.record));
  ASSERT_TRUE(record.ok());
  const auto replay = ReplayDecision(*record, {shop.view, &shop.profile, *made.catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
}

TEST_F(RankTest, APlacementOfAProductPageNeedsAGuardOfItsOwnKind) {
  shop.Learn(Parts(true));
  Placement similar = shop.Get("product_similar");
  similar.recipe = {60, {{"bestsellers", 1, 100}}, false};
  shop.Put(similar);
  EXPECT_TRUE(IsAboutPage(similar));
  EXPECT_FALSE(shop.Decide("product_similar").trace.ranking.is_used);
}

}  // namespace
}  // namespace attune::decisions
