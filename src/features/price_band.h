// Where a shopper buys within a category: cheap, usual or dear.
//
//   ratio = exp( sum of w * log(list price / median of the category) / sum of w ),  each w faded by its
//   half-life
//
// 1 is the usual price, 2 is twice of it.  A lamp of 100 in a category with median 50 pulls towards 2, a sofa
// of 600 among sofas of 600 towards 1: so the band carries over to categories the shopper never visited.
//
// The median is that of the moment of the event.  When it moved between an order and its cancellation, what
// is left is weight * log(median / median), which fades.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_PRICE_BAND_H_
#define ATTUNE_FEATURES_PRICE_BAND_H_

#include <cstdint>
#include <optional>

#include "base/money.h"
#include "catalog/product.h"
#include "features/category_prices.h"
#include "features/shopper_profile.h"

namespace attune::features {

// log(list price / category median); nothing when either is unknown.
std::optional<double> LogPriceRatio(const catalog::Product& product, const CategoryPrices& prices,
                                    Currency base_currency);

// Adds `weight` at `log_ratio`, made at `at_ms`.
void AddToPriceBand(double log_ratio, double weight, int64_t at_ms, int64_t half_life_ms, PriceBand& band);

// The ratio; nothing while less than one event's weight is known.  It does not fade: both sums fade alike.
std::optional<double> PriceRatio(const PriceBand& band, int64_t half_life_ms);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PRICE_BAND_H_
