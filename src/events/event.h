// Something a shopper did, as the log keeps it: resolved, checked and free of external identities.
//
// The vocabulary is Segment's e-commerce specification in snake_case, plus impressions and clicks on slates.
// Product ids are resolved to indices, external shopper ids to a handle, and times are corrected for the
// sender's clock.
//
// Thread safety: value type.

#ifndef ATTUNE_EVENTS_EVENT_H_
#define ATTUNE_EVENTS_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/money.h"

namespace attune::events {

// Numbers are on disk: never change one, never reuse one.
enum class EventType : uint8_t {
  kProductsSearched = 1,
  kProductListViewed = 2,
  kProductListFiltered = 3,
  kPromotionViewed = 4,
  kPromotionClicked = 5,
  kProductClicked = 6,
  kProductViewed = 7,
  kProductAdded = 8,
  kProductRemoved = 9,
  kCartViewed = 10,
  kCheckoutStarted = 11,
  kCheckoutStepViewed = 12,
  kCheckoutStepCompleted = 13,
  kPaymentInfoEntered = 14,
  kOrderCompleted = 15,
  kOrderUpdated = 16,
  kOrderRefunded = 17,
  kOrderCancelled = 18,
  kCouponEntered = 19,
  kCouponApplied = 20,
  kCouponDenied = 21,
  kCouponRemoved = 22,
  kProductAddedToWishlist = 23,
  kProductRemovedFromWishlist = 24,
  kWishlistProductAddedToCart = 25,
  kProductShared = 26,
  kCartShared = 27,
  kProductReviewed = 28,
  kPageViewed = 29,
  kSlateViewed =
      30,  // An impression: lines are what was shown, with positions; decision_id says by which decision.
  kSlateClicked = 31,
  kIdentify = 32,  // Traits of a shopper, or anonymous_id and customer_id together: a link.
  kConsentChanged = 33,
  kPreferencesDeclared = 34,  // What a shopper said of itself: a quiz, a favourite brand.
};

// "product_viewed".
std::string_view EventTypeName(EventType type);
// Also understands "Product Viewed" and the older "Viewed Product"; nothing for an unknown name.
std::optional<EventType> ParseEventType(std::string_view name);
// Is this the number of a type that this build knows?
bool IsEventType(uint64_t number);
// order_completed, order_updated, order_refunded, order_cancelled.
bool IsOrderType(EventType type);

struct Consent {
  bool analytics = true;
  bool personalization = true;

  friend bool operator==(const Consent&, const Consent&) = default;
};

struct EventLine {
  ProductIndex product;
  std::string variant_id;  // As received when it named a variant; empty otherwise.
  int64_t quantity = 1;
  std::optional<int64_t> price_minor;     // Of one unit, in the event's currency.
  std::optional<int64_t> discount_minor;  // Of the line.
  DecisionId decision;                    // None when the line names none.
  std::optional<uint32_t> position;       // From 0.

  friend bool operator==(const EventLine&, const EventLine&) = default;
};

// Numbers are on disk, and those of features::Affinity::Kind.
enum class PreferenceKind : uint8_t { kCategory = 1, kBrand = 2, kAttribute = 3 };

// A leaning in the shopper's own words: (category, "Home > Lighting"), (attribute, "colour=black").
struct DeclaredPreference {
  PreferenceKind kind = PreferenceKind::kCategory;
  std::string value;
  uint32_t permille = 1000;  // Strength in thousandths; 0 takes back what was declared before.

  friend bool operator==(const DeclaredPreference&, const DeclaredPreference&) = default;
};

struct Event {
  std::string id;  // The sender's, for duplicates; empty when it gave none.
  EventType type = EventType::kProductViewed;
  int64_t occurred_at_ms = 0;  // Corrected for the sender's clock; never later than received_at_ms.
  int64_t received_at_ms = 0;
  ShopperHandle shopper;  // 0: no analytics consent, or nobody named.
  Consent consent;
  bool is_backfill = false;  // History: it trains, but fires nothing and counts in no experiment.
  bool is_verified = true;   // False: an order from a public key that no secret key has confirmed.
  std::vector<EventLine> lines;
  DecisionId decision;  // Named by the event as a whole; its lines have it too unless they name another.
  Currency currency;
  std::string order_id;
  std::optional<int64_t> value_minor;  // Order: revenue as sent (total without tax and shipping when given).
  std::optional<int64_t> tax_minor;
  std::optional<int64_t> shipping_minor;
  std::optional<int64_t> discount_minor;
  std::string coupon;
  std::string query;
  std::vector<std::string> category;            // Of a list view: a path from broad to narrow.
  std::vector<DeclaredPreference> preferences;  // kPreferencesDeclared only.
  std::string page_url;
  std::string referrer;
  std::string market;
  std::string locale;
  std::string traits_json;  // kIdentify only; stored encrypted with the identity, never in the event.

  friend bool operator==(const Event&, const Event&) = default;
};

// What a purchase changed, by the difference: a first completion adds everything, a cancellation takes it
// away, a refunded line takes away that line.  Whoever counts purchases folds these and nothing else
// (events/order_book.h).
struct OrderChange {
  struct Line {
    ProductIndex product;
    int64_t quantity_delta = 0;       // Units bought (positive) or given back (negative).
    int64_t revenue_minor_delta = 0;  // In the store's base currency.
    bool is_first = false;            // The order did not hold this product before.
    bool is_gone = false;             // The order holds none of this product any more.
  };
  std::string order_id;
  ShopperHandle shopper;
  int64_t ordered_at_ms = 0;  // When the order was completed, not when it was changed.
  int order_count_delta = 0;  // +1: a new order; -1: an order that became empty or cancelled.
  int64_t revenue_minor_delta = 0;
  std::vector<Line> lines;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_H_
