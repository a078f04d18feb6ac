// What stands behind the placement `home_for_you`: which signals of a profile speak for the shopper, and how
// the answers of the candidate sources are blended.  One recipe for requests and for `attune evaluate store`.
//
//   profile --SignalsOf--> seeds, purchases --SourceQuery--> sources --Fuse(ForYouRecipe())--> candidates
//
// A seed's weight is that of what was done (viewed .5, put in the cart .8, bought 1), halved for every
// half-life of age.  Purchases carry their counts and times for the sources about repeats.
//
// Weights and half-lives were chosen on orders before the ones that the evaluation asks for
// (docs/models/fusion.md).
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_FOR_YOU_H_
#define ATTUNE_MODELS_FOR_YOU_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "features/shopper_profile.h"
#include "models/candidate_source.h"
#include "models/fusion.h"

namespace attune::models {

struct SignalOptions {
  int64_t browse_half_life_ms = 7 * kDayMs;     // Of views, clicks and cart lines.
  int64_t purchase_half_life_ms = 60 * kDayMs;  // Of purchases as seeds.
  size_t seeds_max = 50;
  size_t purchases_max = 1000;
};

struct ShopperSignals {
  std::vector<Seed> seeds;           // Latest first, each product once.
  std::vector<Seed> purchases;       // Latest first, each product once; weight = orders that hold it.
  std::vector<int64_t> order_times;  // Latest first.

  SourceQuery Query(int64_t now_ms, const catalog::CatalogView* catalog) const {
    SourceQuery query;
    query.seeds = seeds;
    query.purchases = purchases;
    query.order_times = order_times;
    query.now_ms = now_ms;
    query.catalog = catalog;
    return query;
  }
};

// Deterministic: products of equal time are in the order of the profile.
ShopperSignals SignalsOf(const features::ShopperProfile& profile, int64_t now_ms,
                         const SignalOptions& options = {});

// SourceQuery::order_times of a profile.
std::vector<int64_t> OrderTimesOf(const features::ShopperProfile& profile);

const FusionRecipe& ForYouRecipe();

}  // namespace attune::models

#endif  // ATTUNE_MODELS_FOR_YOU_H_
