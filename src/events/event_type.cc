#include <absl/container/flat_hash_map.h>

#include <array>
#include <string>

#include "events/event.h"

namespace attune::events {
namespace {

struct TypeName {
  EventType type;
  std::string_view name;
};

constexpr std::array kTypeNames = {
    TypeName{EventType::kProductsSearched, "products_searched"},
    TypeName{EventType::kProductListViewed, "product_list_viewed"},
    TypeName{EventType::kProductListFiltered, "product_list_filtered"},
    TypeName{EventType::kPromotionViewed, "promotion_viewed"},
    TypeName{EventType::kPromotionClicked, "promotion_clicked"},
    TypeName{EventType::kProductClicked, "product_clicked"},
    TypeName{EventType::kProductViewed, "product_viewed"},
    TypeName{EventType::kProductAdded, "product_added"},
    TypeName{EventType::kProductRemoved, "product_removed"},
    TypeName{EventType::kCartViewed, "cart_viewed"},
    TypeName{EventType::kCheckoutStarted, "checkout_started"},
    TypeName{EventType::kCheckoutStepViewed, "checkout_step_viewed"},
    TypeName{EventType::kCheckoutStepCompleted, "checkout_step_completed"},
    TypeName{EventType::kPaymentInfoEntered, "payment_info_entered"},
    TypeName{EventType::kOrderCompleted, "order_completed"},
    TypeName{EventType::kOrderUpdated, "order_updated"},
    TypeName{EventType::kOrderRefunded, "order_refunded"},
    TypeName{EventType::kOrderCancelled, "order_cancelled"},
    TypeName{EventType::kCouponEntered, "coupon_entered"},
    TypeName{EventType::kCouponApplied, "coupon_applied"},
    TypeName{EventType::kCouponDenied, "coupon_denied"},
    TypeName{EventType::kCouponRemoved, "coupon_removed"},
    TypeName{EventType::kProductAddedToWishlist, "product_added_to_wishlist"},
    TypeName{EventType::kProductRemovedFromWishlist, "product_removed_from_wishlist"},
    TypeName{EventType::kWishlistProductAddedToCart, "wishlist_product_added_to_cart"},
    TypeName{EventType::kProductShared, "product_shared"},
    TypeName{EventType::kCartShared, "cart_shared"},
    TypeName{EventType::kProductReviewed, "product_reviewed"},
    TypeName{EventType::kPageViewed, "page_viewed"},
    TypeName{EventType::kSlateViewed, "slate_viewed"},
    TypeName{EventType::kSlateClicked, "slate_clicked"},
    TypeName{EventType::kIdentify, "identify"},
    TypeName{EventType::kConsentChanged, "consent_changed"},
    TypeName{EventType::kPreferencesDeclared, "preferences_declared"},
};

// The names of version 1 of the vocabulary, and the other spellings that trackers send.
constexpr std::array kAliases = {
    TypeName{EventType::kProductViewed, "viewed_product"},
    TypeName{EventType::kProductClicked, "clicked_product"},
    TypeName{EventType::kProductAdded, "added_product"},
    TypeName{EventType::kProductRemoved, "removed_product"},
    TypeName{EventType::kProductListViewed, "viewed_product_category"},
    TypeName{EventType::kProductListViewed, "viewed_product_list"},
    TypeName{EventType::kProductListViewed, "product_category_viewed"},
    TypeName{EventType::kProductListFiltered, "filtered_product_list"},
    TypeName{EventType::kProductsSearched, "searched_products"},
    TypeName{EventType::kPromotionViewed, "viewed_promotion"},
    TypeName{EventType::kPromotionClicked, "clicked_promotion"},
    TypeName{EventType::kCartViewed, "viewed_cart"},
    TypeName{EventType::kCheckoutStarted, "started_checkout"},
    TypeName{EventType::kCheckoutStepViewed, "viewed_checkout_step"},
    TypeName{EventType::kCheckoutStepCompleted, "completed_checkout_step"},
    TypeName{EventType::kPaymentInfoEntered, "entered_payment_info"},
    TypeName{EventType::kOrderCompleted, "completed_order"},
    TypeName{EventType::kOrderUpdated, "updated_order"},
    TypeName{EventType::kOrderRefunded, "refunded_order"},
    TypeName{EventType::kOrderCancelled, "cancelled_order"},
    TypeName{EventType::kOrderCancelled, "order_canceled"},
    TypeName{EventType::kProductReviewed, "reviewed_product"},
    TypeName{EventType::kProductShared, "shared_product"},
    TypeName{EventType::kCartShared, "shared_cart"},
    TypeName{EventType::kPageViewed, "page"},
    TypeName{EventType::kPageViewed, "viewed_page"},
};

constexpr size_t kTypeNameBytesMax = 40;

// "Product Viewed" => "product_viewed"; snake_case stays as it is.
std::string ToSnakeCase(std::string_view name) {
  std::string snake(name);
  for (char& c : snake) {
    if (c == ' ') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return snake;
}

}  // namespace

std::string_view EventTypeName(EventType type) {
  const auto index = static_cast<size_t>(type) - 1;  // kTypeNames is in the order of the numbers, from 1.
  return index < kTypeNames.size() ? kTypeNames[index].name : std::string_view();
}

bool IsEventType(uint64_t number) { return number >= 1 && number <= kTypeNames.size(); }

std::optional<EventType> ParseEventType(std::string_view name) {
  static const auto* const types = [] {
    auto* map = new absl::flat_hash_map<std::string, EventType>();
    for (const TypeName& entry : kTypeNames) map->emplace(entry.name, entry.type);
    for (const TypeName& entry : kAliases) map->emplace(entry.name, entry.type);
    return map;
  }();
  if (name.size() > kTypeNameBytesMax) return std::nullopt;
  const auto exact = types->find(std::string(name));
  if (exact != types->end()) return exact->second;
  const auto found = types->find(ToSnakeCase(name));
  if (found == types->end()) return std::nullopt;
  return found->second;
}

bool IsOrderType(EventType type) {
  return type >= EventType::kOrderCompleted && type <= EventType::kOrderCancelled;
}

}  // namespace attune::events
