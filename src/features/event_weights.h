// What an event says about taste: the one table of weights.
//
//   view 1, click 1, list of a category 1, share 2, wishlist +2 / -2, cart +3 / -2, purchase 8 (by the order
//   book)
//
// A purchase is worth eight views: it is what most shops see per purchase, so looking and buying weigh alike
// in sum. Impressions say nothing: the shop chose them, not the shopper.
//
// Thread safety: pure functions.

#ifndef ATTUNE_FEATURES_EVENT_WEIGHTS_H_
#define ATTUNE_FEATURES_EVENT_WEIGHTS_H_

#include "events/event.h"

namespace attune::features {

// Follows order changes, not order events: what is cancelled is taken back.
inline constexpr double kPurchaseWeight = 8;
// Weighs the category of the page, not the products listed there.
inline constexpr double kCategoryListWeight = 1;

// Of each product line of such an event; 0: the event says nothing about its products.
constexpr double LineWeight(events::EventType type) {
  using events::EventType;
  switch (type) {
    case EventType::kProductViewed:
    case EventType::kProductClicked:
    case EventType::kSlateClicked:
    case EventType::kProductReviewed:
      return 1;
    case EventType::kProductShared:
    case EventType::kProductAddedToWishlist:
      return 2;
    case EventType::kProductAdded:
    case EventType::kWishlistProductAddedToCart:
      return 3;
    case EventType::kProductRemoved:
    case EventType::kProductRemovedFromWishlist:
      return -2;
    default:
      return 0;
  }
}

// Things that make a product "recent": the shopper turned to it, so not a removal, and not an impression.
constexpr bool IsTurningToProduct(events::EventType type) { return LineWeight(type) > 0; }

// Things the store did, not the shopper: they are no visit, and no sign of life.
constexpr bool IsStoreAct(events::EventType type) {
  using events::EventType;
  return type == EventType::kOrderUpdated || type == EventType::kOrderRefunded ||
         type == EventType::kOrderCancelled;
}

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_EVENT_WEIGHTS_H_
