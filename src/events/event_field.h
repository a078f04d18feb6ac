// The names that an event and its lines may carry in JSON, and the other spellings that trackers use for
// them.
//
// Thread safety: pure functions.

#ifndef ATTUNE_EVENTS_EVENT_FIELD_H_
#define ATTUNE_EVENTS_EVENT_FIELD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace attune::events {

enum class Field : uint8_t {
  kId,
  kType,
  kTime,
  kSentAt,
  kAnonymousId,
  kCustomerId,
  kIdentityToken,
  kConsent,
  kBackfill,
  kProducts,
  kCurrency,
  kOrderId,
  kRevenue,
  kValue,
  kTotal,
  kTax,
  kShipping,
  kCoupon,
  kQuery,
  kCategory,
  kPage,
  kMarket,
  kLocale,
  kTraits,
  kPreferences,
  // Of a line, and of an event as the line itself or the default of its lines.
  kProductId,
  kSku,
  kVariantId,
  kQuantity,
  kPrice,
  kDiscount,
  kPosition,
  kDecisionId,
};

// The names a line can carry, as read; also those of the event itself.
struct LineFields {
  std::string product_id;
  std::string sku;
  std::string variant_id;
  std::optional<int64_t> quantity;
  std::optional<int64_t> price_minor;
  std::optional<int64_t> discount_minor;
  std::optional<uint32_t> position;
  DecisionId decision;

  bool names_product() const { return !product_id.empty() || !sku.empty() || !variant_id.empty(); }
};

// Nothing for a name that means nothing.
std::optional<Field> FieldOf(std::string_view name);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_EVENT_FIELD_H_
