// What slates a shopper has seen lately, and what of them left the shopper cold.
//
// Folded from `slate_viewed` events, so it is a function of the log like the rest of the profile: a decision
// that rests products (decisions/adjust.h) is made again from its record.  A shop that sends no impressions
// has no such memory.
//
//   10:00 slate A shows p1 p2,  10:05 p1 is clicked,  11:00 slate B shows p2 p3
//   IgnoredProducts(profile, 2)  =>  p2: 2, p3: 1
//
// The parts of one slate that came into view at different times are one slate: by the decision they name, or
// by the time of the event when they name none.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_SHOWN_PRODUCTS_H_
#define ATTUNE_FEATURES_SHOWN_PRODUCTS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "events/event.h"
#include "features/shopper_profile.h"

namespace attune::features {

// Adds the lines of a kSlateViewed event.  Sorted latest first, ties by slate and product; at most
// kShownProductsMax, the oldest leave.
void AddShown(const events::Event& event, std::vector<ShownProduct>& shown);

// Joins what another handle of the same person has seen.
void MergeShown(const std::vector<ShownProduct>& from, std::vector<ShownProduct>& shown);

struct IgnoredProduct {
  ProductIndex product;
  uint32_t times = 0;  // Slates that showed it in vain.

  friend bool operator==(const IgnoredProduct&, const IgnoredProduct&) = default;
};

// Of the last `slates_max` slates: the products that the shopper neither turned to nor bought since they were
// shown.  By product.
std::vector<IgnoredProduct> IgnoredProducts(const ShopperProfile& profile, size_t slates_max);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SHOWN_PRODUCTS_H_
