// Rotation and popularity debiasing: what moves down, by how much, and what is left alone.

#include "decisions/adjust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;

class AdjustTest : public testing::Test {
 protected:
  AdjustTest() {
    for (const char* id : {"a", "b", "c", "d"}) all.push_back(shop.Add(id));
    Placement placement = shop.Get("home_trending");
    placement.recipe = {60, {{"trending", 1, 100}}, false};
    placement.diversity = {};
    placement.limit_default = 4;
    shop.Put(placement);
    shop.Source("trending", all);
  }

  void Rotate(uint32_t slates, double keep) {
    Placement placement = shop.Get("home_trending");
    placement.rotation = {slates, keep};
    shop.Put(placement);
  }
  void Debias(double exponent) {
    Placement placement = shop.Get("home_trending");
    placement.popularity_exponent = exponent;
    shop.Put(placement);
  }
  void Show(ProductIndex product, uint64_t slate, int64_t ago_ms) {
    shop.profile.shown.push_back({product, slate, kTestNowMs - ago_ms});
  }
  std::vector<std::string> Slate() const { return IdsOf(shop.Decide("home_trending").decision); }

  ShopForTests shop;
  std::vector<ProductIndex> all;
};

TEST_F(AdjustTest, WhatWasShownInVainMovesDown) {
  Show(all[0], 1, 10);
  Show(all[1], 1, 10);
  Show(all[0], 2, 20);
  EXPECT_THAT(Slate(), ElementsAre("a", "b", "c", "d")) << "off by default";
  Rotate(5, 0.5);
  EXPECT_THAT(Slate(), ElementsAre("c", "d", "b", "a"));
  const auto made = shop.Decide("home_trending");
  EXPECT_NEAR(made.decision.products[3].score, 0.25, 1e-6) << "shown twice: half of a half";
}

TEST_F(AdjustTest, OnlyTheLastSlatesCount) {
  Show(all[1], 1, 10);
  Show(all[0], 2, 20);
  Rotate(1, 0.5);
  EXPECT_THAT(Slate(), ElementsAre("a", "c", "d", "b"));
}

TEST_F(AdjustTest, TurningToAProductOrBuyingItEndsItsRest) {
  Show(all[0], 1, 10);
  Show(all[1], 1, 10);
  Show(all[2], 1, 10);
  shop.profile.recent.push_back({all[0], events::EventType::kProductClicked, kTestNowMs - 5, 0});
  shop.profile.purchases.push_back({all[1], 1, 1, kTestNowMs - 5, kTestNowMs - 5, {kTestNowMs - 5}});
  shop.profile.recent.push_back({all[2], events::EventType::kProductClicked, kTestNowMs - 50, 0});
  Rotate(5, 0.5);
  EXPECT_THAT(Slate(), ElementsAre("a", "b", "d", "c")) << "c was clicked before it was shown";
}

TEST_F(AdjustTest, WithoutAProfileNothingRests) {
  Show(all[0], 1, 10);
  Rotate(5, 0.5);
  ResolvedRequest request;
  request.placement = "home_trending";
  EXPECT_THAT(IdsOf(shop.Decide(request, false).decision), ElementsAre("a", "b", "c", "d"));
}

TEST_F(AdjustTest, ThePopularGiveWay) {
  shop.Tally({100, 1, 1, 0}, {});
  EXPECT_THAT(Slate(), ElementsAre("a", "b", "c", "d"));
  Debias(0.01);
  EXPECT_THAT(Slate(), ElementsAre("b", "c", "a", "d"));
  Debias(1);
  const auto made = shop.Decide("home_trending");
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("d", "b", "c", "a"));
  EXPECT_NEAR(made.decision.products[0].score, 61.0 / 64, 1e-6) << "the least popular keeps its score";
  EXPECT_NEAR(made.decision.products[3].score, 1.0 / 101, 1e-6);
}

TEST_F(AdjustTest, ReplayComesToTheSame) {
  shop.Tally({100, 1, 1, 0}, {});
  Show(all[1], 1, 10);
  Rotate(3, 0.6);
  Debias(0.5);
  const auto made = shop.Decide("home_trending");
  const auto replay = ReplayDecision(made.record, {shop.view, &shop.profile, *made.catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
}

}  // namespace
}  // namespace attune::decisions
