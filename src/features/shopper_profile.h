// A shopper's features: what is known of one handle, folded from its events within milliseconds.
//
// Decayed values are kept as (value, as_of): value at time t is value * 2^(-(t - as_of) / half_life).  Every list is
// bounded by features/limits.h; the weakest or oldest entry leaves.  A person with several handles is seen through
// Compose(), which adds their profiles without changing them.
//
// Units: times in milliseconds since the epoch; money in minor units of the store's base currency.
// Thread safety: value type.

#ifndef ATTUNE_FEATURES_SHOPPER_PROFILE_H_
#define ATTUNE_FEATURES_SHOPPER_PROFILE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "events/event.h"

namespace attune::features {

struct DecayedValue {
  double value = 0;
  int64_t as_of_ms = 0;

  friend bool operator==(const DecayedValue&, const DecayedValue&) = default;
};

// How strongly a shopper leans to one value of one kind: (category, "Home > Lighting"), (brand, "Lumo"),
// (attribute, "colour=black").
struct Affinity {
  enum class Kind : uint8_t { kCategory = 1, kBrand = 2, kAttribute = 3 };
  Kind kind = Kind::kCategory;
  std::string value;
  DecayedValue weight;

  friend bool operator==(const Affinity&, const Affinity&) = default;
};

// The strongest thing a shopper did with a product, latest first.
struct RecentProduct {
  ProductIndex product;
  events::EventType last_type = events::EventType::kProductViewed;
  int64_t last_at_ms = 0;
  uint32_t view_count = 0;

  friend bool operator==(const RecentProduct&, const RecentProduct&) = default;
};

struct CartLine {
  ProductIndex product;
  std::string variant_id;
  int64_t quantity = 0;
  int64_t added_at_ms = 0;

  friend bool operator==(const CartLine&, const CartLine&) = default;
};

// One product this shopper has bought, over all orders that still stand.
struct Purchase {
  ProductIndex product;
  uint32_t order_count = 0;
  int64_t unit_count = 0;
  int64_t first_at_ms = 0;
  int64_t last_at_ms = 0;

  friend bool operator==(const Purchase&, const Purchase&) = default;
};

struct OrderSummary {
  uint64_t order_id_hash = 0;
  int64_t ordered_at_ms = 0;
  int64_t revenue_minor = 0;
  std::vector<ProductIndex> products;

  friend bool operator==(const OrderSummary&, const OrderSummary&) = default;
};

// Where a shopper's prices lie within a category: decayed mean of log(price / category median), and its weight.
struct PriceBand {
  DecayedValue weight;
  DecayedValue weighted_log_ratio;

  friend bool operator==(const PriceBand&, const PriceBand&) = default;
};

struct SessionState {
  uint64_t session_number = 0;  // Counts this handle's sessions from 1.
  int64_t started_at_ms = 0;
  int64_t last_event_at_ms = 0;
  std::vector<ProductIndex> products;  // Viewed, clicked or added in this session, oldest first.

  friend bool operator==(const SessionState&, const SessionState&) = default;
};

struct ShopperProfile {
  ShopperHandle shopper;
  Sequence last_sequence;  // Of the last record that changed this profile.
  int64_t first_seen_ms = 0;
  int64_t last_seen_ms = 0;
  events::Consent consent;
  bool has_consent_record = false;  // False: the store's default applies.
  uint64_t event_count = 0;
  uint64_t view_count = 0;
  uint32_t order_count = 0;
  int64_t revenue_minor = 0;
  int64_t first_order_at_ms = 0;
  int64_t last_order_at_ms = 0;
  SessionState session;
  std::vector<Affinity> affinities;
  PriceBand price_band;
  std::vector<RecentProduct> recent;   // Latest first.
  std::vector<CartLine> cart;          // Oldest first.
  std::vector<Purchase> purchases;     // Latest first.
  std::vector<OrderSummary> orders;    // Latest first.
  std::array<uint16_t, 168> hour_of_week{};  // Events by hour of the week in the store's time zone, Monday 00h first.

  friend bool operator==(const ShopperProfile&, const ShopperProfile&) = default;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SHOPPER_PROFILE_H_
