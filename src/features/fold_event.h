// The fold that makes profiles: one record of the log in, one profile changed.
//
//   profile' = FoldEvent(event, profile)          what the shopper did: taste, session, cart, recent products
//   profile' = FoldOrderChange(change, profile)   what the shopper bought: orders, revenue, purchases, and
//   their taste
//
// Purchases follow order changes and nothing else, so a cancelled order or a refunded line leaves the profile
// as if that part had never been bought.  (The visit stays: the shopper was there.)
//
// Both take all times from their arguments and never look at a clock.  Events may arrive late and in any
// order: sums fade to the same value, lists are ordered by time, the cart and the sessions put a late event
// in its place.  The same events in another order give the same profile up to rounding, as long as no bound
// of limits.h was passed.
//
// The catalogue is read as it is at the fold.  A product that moved between an order and its cancellation
// leaves the difference between its old and new affinities, which fades.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_FOLD_EVENT_H_
#define ATTUNE_FEATURES_FOLD_EVENT_H_

#include <cstdint>
#include <functional>
#include <span>

#include "base/ids.h"
#include "base/money.h"
#include "catalog/product.h"
#include "events/event.h"
#include "features/category_prices.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::features {

// What a fold may look at besides the record.  Functions that are empty are not asked.
struct FoldContext {
  std::function<const catalog::Product*(ProductIndex)> find_product;  // Null: the index has no product.
  std::function<int64_t(int64_t utc_ms)> zone_offset_ms;  // Local time minus UTC (features/store_time.h).
  std::function<bool(ShopperHandle)> is_customer;         // A customer's handle, or linked to one.
  const CategoryPrices* prices = nullptr;                 // Null: no price band is kept.
  Currency base_currency;
  FeatureSettings settings;
};

// Folds one event of the profile's handle.  Changes nothing without personalisation consent (except that it
// notes a withdrawal), and nothing for acts of the store (order updates, refunds, cancellations).  False:
// nothing changed.
bool FoldEvent(const events::Event& event, Sequence sequence, const FoldContext& context,
               ShopperProfile& profile);

// Folds what an order change says about its shopper.  Always true: something changed.
bool FoldOrderChange(const events::OrderChange& change, Sequence sequence, const FoldContext& context,
                     ShopperProfile& profile);

// The profile is that of an anonymous shopper without orders who was silent for longer than the setting. Such
// a profile reads as empty, starts anew with the next event, and is dropped some time by a record of the log
// (server/shopper_expiry.h): three ways to say the same.
bool IsExpired(const ShopperProfile& profile, int64_t now_ms, const FeatureSettings& settings);

// What stays of an expired profile: nothing but what the shopper said about consent, which time does not
// undo.
ShopperProfile AfterExpiry(const ShopperProfile& profile);

// The cart as of `now_ms`: empty when nobody touched it for cart_expiry_ms.
std::span<const CartLine> ActiveCart(const ShopperProfile& profile, int64_t now_ms,
                                     const FeatureSettings& settings);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_FOLD_EVENT_H_
