// Goal: a person is the sum of its handles.
// Method: events and orders of one shopper dealt to several handles at random, composed, and compared with
// the profile that one handle would have had; the parts that are not sums (session, cart, consent) by hand.

#include "features/compose.h"

#include <cmath>

#include "features/affinities.h"
#include "features/fold_event.h"
#include "features/limits.h"
#include "features/sample_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace attune::features {
namespace {

using ::testing::ElementsAre;

TEST(Compose, OfNothingIsNothingAndOfOneIsThatOne) {
  EXPECT_EQ(Compose({}), ShopperProfile{});
  ShopperProfile one;
  one.shopper = ShopperHandle(3);
  one.event_count = 4;
  one.cart_history.steps.push_back({CartStep::Kind::kAdd, 5, {}});
  EXPECT_EQ(Compose(std::vector<ShopperProfile>{one}), one);
}

TEST(Compose, IsTheProfileThatOneHandleWouldHave) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const SampleShop shop(seed);
    const FoldContext context = shop.Context();
    std::vector<ShopperProfile> handles(3);
    for (size_t i = 0; i < handles.size(); ++i) handles[i].shopper = ShopperHandle(i + 1);
    ShopperProfile whole;
    uint64_t sequence = 0;
    for (const auto& event : SampleEvents(random, shop.product_count(), 90, 15, 60 * kDayMs)) {
      ++sequence;
      FoldEvent(event, Sequence(sequence), context, whole);
      FoldEvent(event, Sequence(sequence), context, handles[random.NextBelow(handles.size())]);
    }
    for (int i = 0; i < static_cast<int>(kPurchaseTimesMax); ++i) {
      const SampleOrder order = MakeSampleOrder(random, shop.product_count(), i, 60 * kDayMs);
      ShopperProfile& handle = handles[random.NextBelow(handles.size())];
      ++sequence;
      for (const auto& change : order.Changes()) {
        FoldOrderChange(change, Sequence(sequence), context, whole);
        FoldOrderChange(change, Sequence(sequence), context, handle);
      }
    }
    const ShopperProfile person = Compose(handles, context.settings);
    EXPECT_EQ(person.shopper, ShopperHandle(1));
    EXPECT_EQ(person.last_sequence, whole.last_sequence);
    EXPECT_EQ(person.event_count, whole.event_count);
    EXPECT_EQ(person.view_count, whole.view_count);
    EXPECT_EQ(person.first_seen_ms, whole.first_seen_ms);
    EXPECT_EQ(person.last_seen_ms, whole.last_seen_ms);
    EXPECT_EQ(person.order_count, whole.order_count);
    EXPECT_EQ(person.revenue_minor, whole.revenue_minor);
    EXPECT_EQ(person.first_order_at_ms, whole.first_order_at_ms);
    EXPECT_EQ(person.last_order_at_ms, whole.last_order_at_ms);
    EXPECT_EQ(person.purchases, whole.purchases);
    EXPECT_EQ(person.orders, whole.orders);
    EXPECT_EQ(person.recent, whole.recent);
    EXPECT_EQ(person.hour_of_week, whole.hour_of_week);
    EXPECT_EQ(person.session.last_event_at_ms, whole.session.last_event_at_ms);
    const int64_t end_ms = kSampleStartMs + 70 * kDayMs;
    for (const Affinity& affinity : whole.affinities) {
      EXPECT_NEAR(AffinityWeight(person.affinities, affinity.kind, affinity.value, end_ms, 30 * kDayMs),
                  AffinityWeight(whole.affinities, affinity.kind, affinity.value, end_ms, 30 * kDayMs), 2e-3);
    }

    // The order of the handles names the person and changes nothing else.
    std::swap(handles[0], handles[2]);
    ShopperProfile swapped = Compose(handles, context.settings);
    EXPECT_EQ(swapped.shopper, ShopperHandle(3));
    swapped.shopper = person.shopper;
    EXPECT_EQ(swapped, person);
  }
}

ShopperProfile WithCart(uint64_t handle, int64_t at_ms, std::vector<CartLine> lines) {
  ShopperProfile profile;
  profile.shopper = ShopperHandle(handle);
  profile.cart_history.settled_at_ms = at_ms;
  profile.cart_history.settled = lines;
  profile.cart = std::move(lines);
  return profile;
}

TEST(Compose, ALineInTwoCartsIsThereOnce) {
  const std::vector<ShopperProfile> handles = {
      WithCart(1, 1000, {{ProductIndex(1), "", 2, 900}, {ProductIndex(2), "v", 1, 1000}}),
      WithCart(2, 2000, {{ProductIndex(1), "", 3, 2000}, {ProductIndex(2), "w", 1, 1500}})};
  const ShopperProfile person = Compose(handles);
  EXPECT_THAT(person.cart,
              ElementsAre(CartLine{ProductIndex(2), "v", 1, 1000}, CartLine{ProductIndex(2), "w", 1, 1500},
                          CartLine{ProductIndex(1), "", 3, 2000}));
  EXPECT_EQ(ActiveCart(person, 2000 + 30 * kDayMs, {}).size(), 3U);
  EXPECT_TRUE(ActiveCart(person, 2001 + 30 * kDayMs, {}).empty());
}

TEST(Compose, AnExpiredCartOfAnotherHandleStaysOut) {
  const std::vector<ShopperProfile> handles = {
      WithCart(1, 1000, {{ProductIndex(1), "", 2, 900}}),
      WithCart(2, 2000 + 31 * kDayMs, {{ProductIndex(5), "", 1, 2000}})};
  ASSERT_EQ(Compose(handles).cart.size(), 1U);
  EXPECT_EQ(Compose(handles).cart.front().product, ProductIndex(5));
}

TEST(Compose, TheLatestWordOnConsentCountsForThePerson) {
  std::vector<ShopperProfile> handles(2);
  handles[0].shopper = ShopperHandle(1);
  handles[0].has_consent_record = true;
  handles[0].consent = {true, false};
  handles[0].consent_at_ms = 50;
  handles[1].shopper = ShopperHandle(2);
  EXPECT_FALSE(Compose(handles).consent.personalization);  // Only one has spoken.
  handles[1].has_consent_record = true;
  handles[1].consent_at_ms = 60;
  EXPECT_TRUE(Compose(handles).consent.personalization);
  handles[1].consent_at_ms = 50;
  EXPECT_FALSE(Compose(handles).consent.personalization);  // In doubt the one that allows less.
}

}  // namespace
}  // namespace attune::features
