// The signals of a profile: what was done last speaks loudest, each product once, purchases with their counts
// and times.

#include "models/for_you.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/model_set.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 1'000 * kDayMs;

const Seed* Find(const std::vector<Seed>& seeds, uint32_t product) {
  const auto found = std::find_if(seeds.begin(), seeds.end(),
                                  [&](const Seed& seed) { return seed.product.value() == product; });
  return found == seeds.end() ? nullptr : &*found;
}

TEST(ForYouTest, AnEmptyProfileHasNoSignals) {
  const ShopperSignals signals = SignalsOf({}, kNow);
  EXPECT_TRUE(signals.seeds.empty());
  EXPECT_TRUE(signals.purchases.empty());
}

TEST(ForYouTest, WeightsGoByWhatWasDoneAndHalveWithAge) {
  features::ShopperProfile profile;
  profile.recent = {{ProductIndex(1), events::EventType::kProductViewed, kNow, 1},
                    {ProductIndex(2), events::EventType::kProductViewed, kNow - 7 * kDayMs, 1},
                    {ProductIndex(3), events::EventType::kProductAdded, kNow - kDayMs, 1}};
  const ShopperSignals signals = SignalsOf(profile, kNow);
  ASSERT_EQ(signals.seeds.size(), 3u);
  EXPECT_EQ(signals.seeds[0].product, ProductIndex(1));  // Latest first.
  EXPECT_EQ(signals.seeds[2].product, ProductIndex(2));
  EXPECT_FLOAT_EQ(Find(signals.seeds, 1)->weight, 0.5f);
  EXPECT_FLOAT_EQ(Find(signals.seeds, 2)->weight, 0.25f);
  EXPECT_GT(Find(signals.seeds, 3)->weight, 0.7f);
}

TEST(ForYouTest, AProductNamedTwiceIsOneSeedWithTheStrongerWeight) {
  features::ShopperProfile profile;
  profile.recent = {{ProductIndex(1), events::EventType::kProductViewed, kNow, 1}};
  profile.cart = {{ProductIndex(1), "", 1, kNow - kHourMs}};
  profile.orders.push_back({1, kNow - 600 * kDayMs, 100, {ProductIndex(1)}});
  const ShopperSignals signals = SignalsOf(profile, kNow);
  ASSERT_EQ(signals.seeds.size(), 1u);
  EXPECT_GT(signals.seeds[0].weight, 0.75f);
  EXPECT_EQ(signals.seeds[0].at_ms, kNow);
}

TEST(ForYouTest, WhatWasTakenOutOfTheCartSaysNothing) {
  features::ShopperProfile profile;
  profile.recent = {{ProductIndex(1), events::EventType::kProductRemoved, kNow, 1}};
  EXPECT_TRUE(SignalsOf(profile, kNow).seeds.empty());
}

TEST(ForYouTest, PurchasesKeepCountsAndTimes) {
  features::ShopperProfile profile;
  profile.purchases = {{ProductIndex(9), 3, 30, kNow - 90 * kDayMs, kNow - kDayMs, {}}};
  const ShopperSignals signals = SignalsOf(profile, kNow);
  ASSERT_EQ(signals.purchases.size(), 1u);
  EXPECT_EQ(signals.purchases[0].weight, 3);
  EXPECT_EQ(signals.purchases[0].first_at_ms, kNow - 90 * kDayMs);
  EXPECT_EQ(signals.purchases[0].at_ms, kNow - kDayMs);
}

TEST(ForYouTest, ListsAreCutToTheLatest) {
  features::ShopperProfile profile;
  for (uint32_t i = 0; i < 50; ++i) {
    profile.recent.push_back({ProductIndex(i), events::EventType::kProductViewed, kNow - i * kHourMs, 1});
    profile.purchases.push_back({ProductIndex(i), 1, 1, kNow - i * kHourMs, kNow - i * kHourMs, {}});
  }
  SignalOptions options;
  options.seeds_max = 5;
  options.purchases_max = 7;
  const ShopperSignals signals = SignalsOf(profile, kNow, options);
  ASSERT_EQ(signals.seeds.size(), 5u);
  EXPECT_EQ(signals.seeds[4].product, ProductIndex(4));
  EXPECT_EQ(signals.purchases.size(), 7u);
}

TEST(ForYouTest, TheRecipeIsSoundAndNamesSourcesThatASetHas) {
  EXPECT_TRUE(CheckRecipe(ForYouRecipe()).ok());
  const auto set = TrainModelSet(InteractionLog(), nullptr, {Generation(1), Sequence(1), kNow}, {}, {});
  ASSERT_TRUE(set.ok());
  for (const FusionPart& part : ForYouRecipe().parts) {
    if (part.source == ContentModel::kName) continue;  // Needs a catalogue.
    EXPECT_NE((*set)->Source(part.source), nullptr) << part.source;
  }
}

}  // namespace
}  // namespace attune::models
