// What segments and offers may ask about a shopper: named numbers and affinities of a profile, as of a
// moment.
//
//   NumberField(profile, "days_since_last_order", now) => 12.5
//   AffinityField(profile, "category", "Home > Lighting", now) => 0.4   its share of the shopper's interest,
//   0..1
//
// The filter language (expressions/) asks by name; these functions know nothing of it.  A field that has no
// value for this shopper (days since an order, for who never ordered) is nothing, and a comparison with
// nothing is false.
//
// | field                  | meaning                                          | unit                   |
// |------------------------|--------------------------------------------------|------------------------|
// | orders                 | orders that stand                                | count                  |
// | revenue                | of those orders                                  | major units, base currency |
// | average_order_value    | revenue / orders                                 | major units            |
// | days_since_last_order, days_since_first_order                             || days, with fraction   |
// | days_since_first_seen, days_since_last_seen                               || days, with fraction   |
// | views, events, sessions                                                   || count                 |
// | products_bought        | distinct products (at most kPurchasesMax)        | count                  |
// | cart_lines, cart_units | of the cart that has not expired                 | count                  |
// | price_ratio            | 1: usual prices of the category, 2: twice        | ratio                  |
// | is_customer            | known by a customer id                           | 0 or 1                 |
//
// Thread safety: pure functions.

#ifndef ATTUNE_FEATURES_PROFILE_FIELDS_H_
#define ATTUNE_FEATURES_PROFILE_FIELDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/money.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::features {

struct FieldContext {
  int64_t now_ms = 0;
  Currency base_currency;
  FeatureSettings settings;
};

// The names of the table above, sorted.
std::span<const std::string_view> NumberFieldNames();

// Nothing for an unknown name and for a field without a value.
std::optional<double> NumberField(const ShopperProfile& profile, std::string_view name,
                                  const FieldContext& context);

// "category", "brand" or "attribute"; nothing for another name.
std::optional<Affinity::Kind> ParseAffinityKind(std::string_view name);

// The share of `value` among the shopper's positive affinities of the kind (categories: of the same level),
// as of now; 0 when there is none.
double AffinityField(const ShopperProfile& profile, Affinity::Kind kind, std::string_view value,
                     const FieldContext& context);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PROFILE_FIELDS_H_
