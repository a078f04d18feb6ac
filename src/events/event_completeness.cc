#include "events/event_completeness.h"

namespace attune::events {

std::optional<MissingField> FindMissing(const IncomingEvent& event) {
  const bool names_shopper = !event.anonymous_id.empty() || !event.customer_id.empty();
  switch (event.type) {
    case EventType::kProductClicked:
    case EventType::kProductViewed:
    case EventType::kProductAdded:
    case EventType::kProductRemoved:
    case EventType::kProductAddedToWishlist:
    case EventType::kProductRemovedFromWishlist:
    case EventType::kWishlistProductAddedToCart:
    case EventType::kProductReviewed:
    case EventType::kSlateClicked:
      if (event.lines.empty()) return MissingField{"product_id", "this event needs a product"};
      return std::nullopt;
    case EventType::kOrderCompleted:
      if (event.order_id.empty()) return MissingField{"order_id", "an order event needs its order_id"};
      if (event.lines.empty() && !event.value_minor) {
        return MissingField{"products", "a completed order needs its products or its revenue"};
      }
      return std::nullopt;
    case EventType::kOrderUpdated:
    case EventType::kOrderRefunded:
    case EventType::kOrderCancelled:
      if (event.order_id.empty()) return MissingField{"order_id", "an order event needs its order_id"};
      return std::nullopt;
    case EventType::kProductsSearched:
      if (event.query.empty()) return MissingField{"query", "a search event needs its query"};
      return std::nullopt;
    case EventType::kSlateViewed:
      if (event.lines.empty()) return MissingField{"products", "an impression needs what was shown"};
      return std::nullopt;
    case EventType::kIdentify:
      if (!names_shopper) return MissingField{"customer_id", "identify needs customer_id or anonymous_id"};
      return std::nullopt;
    case EventType::kPreferencesDeclared:
      if (!names_shopper) return MissingField{"anonymous_id", "whose preferences? an id is needed"};
      if (event.preferences.empty()) return MissingField{"preferences", "this event needs preferences"};
      return std::nullopt;
    case EventType::kConsentChanged:
      if (!names_shopper) return MissingField{"anonymous_id", "whose consent? an id is needed"};
      if (!event.consent.is_stated()) return MissingField{"consent", "this event needs consent"};
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace attune::events
