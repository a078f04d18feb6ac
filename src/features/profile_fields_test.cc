// Goal: every named field says what its table says, and nothing where there is nothing to say.
// Method: one shopper by hand.

#include "features/profile_fields.h"

#include <algorithm>

#include "features/cart_history.h"
#include "gtest/gtest.h"

namespace attune::features {
namespace {

constexpr int64_t kNowMs = 1767225600000;

FieldContext Context() { return {kNowMs, *Currency::Parse("EUR"), FeatureSettings{}}; }

ShopperProfile Buyer() {
  ShopperProfile profile;
  profile.event_count = 12;
  profile.view_count = 7;
  profile.first_seen_ms = kNowMs - 10 * kDayMs;
  profile.last_seen_ms = kNowMs - kDayMs / 2;
  profile.order_count = 2;
  profile.revenue_minor = 5000;
  profile.first_order_at_ms = kNowMs - 8 * kDayMs;
  profile.last_order_at_ms = kNowMs - 2 * kDayMs;
  profile.session.session_number = 3;
  profile.purchases.resize(4);
  profile.is_customer = true;
  profile.cart_history.settled_at_ms = kNowMs - kDayMs;
  profile.cart_history.settled = {{ProductIndex(1), "", 2, kNowMs - kDayMs},
                                  {ProductIndex(2), "", 3, kNowMs - kDayMs}};
  profile.cart = profile.cart_history.settled;
  profile.affinities = {{Affinity::Kind::kCategory, "Garden", {1, kNowMs}},
                        {Affinity::Kind::kCategory, "Home", {3, kNowMs}},
                        {Affinity::Kind::kCategory, "Home > Lighting", {2, kNowMs}},
                        {Affinity::Kind::kBrand, "Lumo", {-1, kNowMs}}};
  return profile;
}

TEST(NumberField, SaysWhatItsTableSays) {
  const ShopperProfile profile = Buyer();
  const auto field = [&](std::string_view name) { return NumberField(profile, name, Context()); };
  EXPECT_EQ(field("orders"), 2);
  EXPECT_EQ(field("revenue"), 50);
  EXPECT_EQ(field("average_order_value"), 25);
  EXPECT_EQ(field("days_since_last_order"), 2);
  EXPECT_EQ(field("days_since_first_order"), 8);
  EXPECT_EQ(field("days_since_first_seen"), 10);
  EXPECT_EQ(field("days_since_last_seen"), 0.5);
  EXPECT_EQ(field("views"), 7);
  EXPECT_EQ(field("events"), 12);
  EXPECT_EQ(field("sessions"), 3);
  EXPECT_EQ(field("products_bought"), 4);
  EXPECT_EQ(field("cart_lines"), 2);
  EXPECT_EQ(field("cart_units"), 5);
  EXPECT_EQ(field("is_customer"), 1);
  EXPECT_EQ(field("price_ratio"), std::nullopt);
  EXPECT_EQ(field("no_such_field"), std::nullopt);
  EXPECT_EQ(field(""), std::nullopt);
}

TEST(NumberField, HasNoValueWhereNothingHappened) {
  const ShopperProfile nobody;
  for (const char* name : {"days_since_last_order", "days_since_first_order", "days_since_first_seen",
                           "days_since_last_seen", "average_order_value", "price_ratio"}) {
    EXPECT_EQ(NumberField(nobody, name, Context()), std::nullopt) << name;
  }
  EXPECT_EQ(NumberField(nobody, "orders", Context()), 0);
}

TEST(NumberField, EveryListedNameIsAFieldAndTheListIsSorted) {
  const ShopperProfile profile = Buyer();
  const auto names = NumberFieldNames();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  for (const std::string_view name : names) {
    if (name != "price_ratio") {
      EXPECT_TRUE(NumberField(profile, name, Context()).has_value()) << name;
    }
  }
}

TEST(AffinityField, IsTheShareOnItsLevel) {
  const ShopperProfile profile = Buyer();
  EXPECT_DOUBLE_EQ(AffinityField(profile, Affinity::Kind::kCategory, "Home", Context()), 0.75);
  EXPECT_DOUBLE_EQ(AffinityField(profile, Affinity::Kind::kCategory, "Home > Lighting", Context()), 1);
  EXPECT_EQ(AffinityField(profile, Affinity::Kind::kBrand, "Lumo", Context()),
            0);  // More removed than added.
  EXPECT_EQ(AffinityField(profile, Affinity::Kind::kBrand, "Unknown", Context()), 0);
  EXPECT_EQ(ParseAffinityKind("brand"), Affinity::Kind::kBrand);
  EXPECT_EQ(ParseAffinityKind("colour"), std::nullopt);
}

}  // namespace
}  // namespace attune::features
