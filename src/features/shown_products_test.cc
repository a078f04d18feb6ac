// What a profile remembers of slates: whatever the order of arrival, bounded, joined over handles.

#include "features/shown_products.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "features/fold_event.h"
#include "features/limits.h"
#include "features/profile_record.h"

namespace attune::features {
namespace {

events::Event Slate(int64_t at_ms, DecisionId decision, const std::vector<uint32_t>& products) {
  events::Event event;
  event.type = events::EventType::kSlateViewed;
  event.occurred_at_ms = event.received_at_ms = at_ms;
  event.shopper = ShopperHandle(1);
  event.decision = decision;
  for (const uint32_t product : products) {
    events::EventLine line;
    line.product = ProductIndex(product);
    line.decision = decision;
    event.lines.push_back(line);
  }
  return event;
}

TEST(ShownProducts, CountsSlatesThatShowedInVain) {
  ShopperProfile profile;
  AddShown(Slate(1000, {1, 1}, {1, 2}), profile.shown);
  AddShown(Slate(3000, {1, 2}, {2, 3}), profile.shown);
  AddShown(Slate(3500, {1, 2}, {4}), profile.shown);  // Came into view later: the same slate.
  profile.recent.push_back({ProductIndex(1), events::EventType::kProductClicked, 2000, 0});
  EXPECT_EQ(IgnoredProducts(profile, 2),
            (std::vector<IgnoredProduct>{{ProductIndex(2), 2}, {ProductIndex(3), 1}, {ProductIndex(4), 1}}));
  EXPECT_EQ(IgnoredProducts(profile, 1),
            (std::vector<IgnoredProduct>{{ProductIndex(2), 1}, {ProductIndex(3), 1}, {ProductIndex(4), 1}}));
  EXPECT_TRUE(IgnoredProducts(profile, 0).empty());
}

TEST(ShownProducts, WithoutADecisionEachEventIsASlate) {
  ShopperProfile profile;
  AddShown(Slate(1000, {}, {1}), profile.shown);
  AddShown(Slate(2000, {}, {1}), profile.shown);
  EXPECT_EQ(IgnoredProducts(profile, 5), (std::vector<IgnoredProduct>{{ProductIndex(1), 2}}));
}

TEST(ShownProducts, AnyOrderOfArrivalGivesTheSame) {
  Random random(7);
  for (int round = 0; round < 50; ++round) {
    std::vector<events::Event> all;
    for (uint64_t i = 0; i < 20; ++i) {
      std::vector<uint32_t> products;
      for (int k = 0; k < 8; ++k) products.push_back(static_cast<uint32_t>(random.NextBelow(30)));
      all.push_back(Slate(static_cast<int64_t>(1000 + random.NextBelow(50)), {1, 1 + i % 9}, products));
    }
    std::vector<ShownProduct> forward;
    for (const events::Event& event : all) AddShown(event, forward);
    std::vector<ShownProduct> backward;
    for (size_t i = all.size(); i-- > 0;) AddShown(all[i], backward);
    EXPECT_EQ(forward, backward) << round;
    EXPECT_LE(forward.size(), kShownProductsMax);
  }
}

TEST(ShownProducts, TwoHandlesTogetherHaveSeenWhatOneWouldHave) {
  Random random(8);
  for (int round = 0; round < 50; ++round) {
    std::vector<ShownProduct> one;
    std::vector<ShownProduct> two;
    std::vector<ShownProduct> both;
    const uint64_t slates = round % 2 == 0 ? 1'000'000 : 9;  // Rarely the same slate, or often.
    for (int i = 0; i < 14; ++i) {
      std::vector<uint32_t> products;
      for (int k = 0; k < 8; ++k) products.push_back(static_cast<uint32_t>(random.NextBelow(300)));
      const auto event = Slate(static_cast<int64_t>(1000 + random.NextBelow(50)),
                               {1, 1 + random.NextBelow(slates)}, products);
      AddShown(event, i % 2 == 0 ? one : two);
      AddShown(event, both);
    }
    MergeShown(two, one);
    EXPECT_EQ(one, both) << round;
  }
}

TEST(ShownProducts, TheOldestLeaveAndTheRecordComesBack) {
  FoldContext context;
  ShopperProfile profile;
  profile.shopper = ShopperHandle(1);
  for (uint32_t i = 0; i < 40; ++i) {
    FoldEvent(Slate(1'767'225'600'000 + i, {1, i + 1}, {i * 3, i * 3 + 1, i * 3 + 2}), Sequence(i + 1),
              context, profile);
  }
  ASSERT_EQ(profile.shown.size(), kShownProductsMax);
  EXPECT_EQ(profile.shown.front().product, ProductIndex(39 * 3));
  const std::string bytes = EncodeProfile(profile);
  const auto decoded = DecodeProfile(ShopperHandle(1), bytes, {});
  ASSERT_TRUE(decoded.ok()) << decoded.status().message();
  EXPECT_EQ(*decoded, profile);
  EXPECT_LT(bytes.size(), 900u);
}

TEST(ShownProducts, WithoutConsentNothingIsRemembered) {
  FoldContext context;
  ShopperProfile profile;
  events::Event event = Slate(1000, {1, 1}, {1});
  event.consent.personalization = false;
  FoldEvent(event, Sequence(1), context, profile);
  EXPECT_TRUE(profile.shown.empty());
}

}  // namespace
}  // namespace attune::features
