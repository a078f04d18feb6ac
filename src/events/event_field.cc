#include "events/event_field.h"

#include <absl/container/flat_hash_map.h>

namespace attune::events {

std::optional<Field> FieldOf(std::string_view name) {
  static const auto* const fields = new absl::flat_hash_map<std::string_view, Field>{
      {"id", Field::kId},
      {"event_id", Field::kId},
      {"message_id", Field::kId},
      {"type", Field::kType},
      {"event", Field::kType},
      {"occurred_at", Field::kTime},
      {"timestamp", Field::kTime},
      {"original_timestamp", Field::kTime},
      {"sent_at", Field::kSentAt},
      {"anonymous_id", Field::kAnonymousId},
      {"customer_id", Field::kCustomerId},
      {"identity_token", Field::kIdentityToken},
      {"consent", Field::kConsent},
      {"backfill", Field::kBackfill},
      {"products", Field::kProducts},
      {"currency", Field::kCurrency},
      {"order_id", Field::kOrderId},
      {"revenue", Field::kRevenue},
      {"value", Field::kValue},
      {"total", Field::kTotal},
      {"tax", Field::kTax},
      {"shipping", Field::kShipping},
      {"coupon", Field::kCoupon},
      {"query", Field::kQuery},
      {"category", Field::kCategory},
      {"page", Field::kPage},
      {"market", Field::kMarket},
      {"locale", Field::kLocale},
      {"traits", Field::kTraits},
      {"preferences", Field::kPreferences},
      {"product_id", Field::kProductId},
      {"sku", Field::kSku},
      {"variant_id", Field::kVariantId},
      {"quantity", Field::kQuantity},
      {"price", Field::kPrice},
      {"discount", Field::kDiscount},
      {"position", Field::kPosition},
      {"decision_id", Field::kDecisionId},
  };
  const auto found = fields->find(name);
  if (found == fields->end()) return std::nullopt;
  return found->second;
}

}  // namespace attune::events
