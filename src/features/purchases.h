// What a shopper has bought, from the differences that the order book reports.
//
// Every count is changed by the difference, at the time of the order: a completion and its cancellation leave
// what was there before, a completion and a refund of some lines leave what the kept lines alone would have
// left, in whatever order the changes of different orders arrive.  (The changes of one order arrive in the
// order the order book made them.)  Exact while the bounds of limits.h are not passed: entries that left a
// full list do not come back.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_PURCHASES_H_
#define ATTUNE_FEATURES_PURCHASES_H_

#include <cstdint>

#include "events/event.h"
#include "features/shopper_profile.h"

namespace attune::features {

// Orders, revenue, first and last order, last orders and purchases of `profile`.
void AddOrderChange(const events::OrderChange& change, ShopperProfile& profile);

// Puts back the order (latest first, ties by id) and the bound of the lists; for whoever merges them.
void SortPurchases(ShopperProfile& profile);
void SortOrders(ShopperProfile& profile);

// a + b; the nearest end of the range when that does not fit.  Sums of absurd amounts stay defined.
int64_t SaturatingSum(int64_t a, int64_t b);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PURCHASES_H_
