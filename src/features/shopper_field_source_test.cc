// What a segment may ask of a shopper, and what it is told.

#include "features/shopper_field_source.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "expressions/expression.h"

namespace attune::features {
namespace {

constexpr int64_t kNowMs = 1'770'000'000'000;

bool Matches(const std::string& segment, const ShopperProfile& profile) {
  const auto parsed = expressions::Expression::Parse(segment, ShopperFilterSchema(), "segment");
  EXPECT_TRUE(parsed.ok()) << parsed.status().message();
  FieldContext context;
  context.now_ms = kNowMs;
  context.base_currency = *Currency::Parse("EUR");
  return parsed->Matches(ShopperFieldSource(profile, context));
}

TEST(ShopperFieldSource, TellsEveryFieldOfTheProfile) {
  ShopperProfile profile;
  profile.order_count = 2;
  profile.revenue_minor = 12'300;
  profile.last_order_at_ms = kNowMs - 90 * kDayMs;
  profile.is_customer = true;
  EXPECT_TRUE(
      Matches("orders >= 2 AND days_since_last_order > 60 AND is_customer AND revenue = 123", profile));
  EXPECT_FALSE(Matches("NOT is_customer OR orders > 2", profile));
  for (const std::string_view name : NumberFieldNames()) {
    const bool is_truth = name == "is_customer";
    Matches(std::string(name) + (is_truth ? "" : " > 0"), profile);
  }
}

TEST(ShopperFieldSource, AFieldWithoutAValueMatchesNothing) {
  const ShopperProfile nobody;
  EXPECT_FALSE(Matches("days_since_last_order > 60", nobody));
  EXPECT_FALSE(Matches("days_since_last_order <= 60", nobody));
  EXPECT_FALSE(Matches("EXISTS days_since_last_order", nobody));
  EXPECT_TRUE(Matches("orders = 0 AND affinity(category, \"Shoes\") = 0", nobody));
}

TEST(ShopperFieldSource, AffinityIsAShareOfTheKind) {
  ShopperProfile profile;
  profile.affinities = {Affinity(Affinity::Kind::kBrand, "Lumo", {3, kNowMs}),
                        Affinity(Affinity::Kind::kBrand, "Nord", {1, kNowMs})};
  EXPECT_TRUE(Matches("affinity(brand, \"Lumo\") BETWEEN 0.74 AND 0.76", profile));
  EXPECT_TRUE(Matches("affinity(category, \"Lumo\") = 0", profile));
}

TEST(ShopperFieldSource, NamesWhatIsWrong) {
  const auto field = expressions::Expression::Parse("order > 2", ShopperFilterSchema(), "segment");
  EXPECT_EQ(field.status().field(), "segment");
  EXPECT_NE(field.status().message().find("did you mean orders?"), std::string::npos);
  EXPECT_FALSE(expressions::Expression::Parse("affinity(size, \"M\") > 0", ShopperFilterSchema(), "s").ok());
}

}  // namespace
}  // namespace attune::features
