// A shopper's features: what is known of one handle, folded from its events within milliseconds.
//
// Decayed values are kept as (value, as_of): value at time t is value * 2^(-(t - as_of) / half_life)
// (features/decayed_value.h).  Every list is bounded by features/limits.h; the weakest or oldest entry
// leaves.  A person with several handles is seen through Compose(), which adds their profiles without
// changing them.
//
// Invariants, kept by the fold (features/fold_event.h) and by the codec (features/profile_record.h)
//   (1) affinities are sorted by (kind, value); weights are exact as 32-bit floats, so that disk and memory
//   agree. (2) recent, purchases and orders are sorted latest first, ties by the smaller id. (3)
//   session.products and cart are functions of the rest: RebuildSessionProducts(), RebuildCart().
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

  Affinity(Kind its_kind, std::string its_value, DecayedValue its_weight);

  Kind kind = Kind::kCategory;
  uint32_t hash = 0;  // Of kind and value: most others are told apart without a look at their text.
  std::string value;
  DecayedValue weight;

  friend bool operator==(const Affinity&, const Affinity&) = default;
};

// The latest thing a shopper did with a product (the stronger one, when two happened in the same
// millisecond).
struct RecentProduct {
  ProductIndex product;
  events::EventType last_type = events::EventType::kProductViewed;
  int64_t last_at_ms = 0;
  uint32_t view_count = 0;

  friend bool operator==(const RecentProduct&, const RecentProduct&) = default;
};

// One product of a slate that came into the shopper's view (features/shown_products.h).
struct ShownProduct {
  ProductIndex product;
  uint64_t slate = 0;  // Which slate: a hash of its decision.
  int64_t shown_at_ms = 0;

  friend bool operator==(const ShownProduct&, const ShownProduct&) = default;
};

// A leaning that the shopper declared (features/preferences.h).
struct Preference {
  Affinity::Kind kind = Affinity::Kind::kCategory;
  std::string value;
  uint32_t permille = 1000;  // Strength in thousandths; 0: taken back.
  int64_t declared_at_ms = 0;

  friend bool operator==(const Preference&, const Preference&) = default;
};

struct CartLine {
  ProductIndex product;
  std::string variant_id;
  int64_t quantity = 0;
  int64_t added_at_ms = 0;

  friend bool operator==(const CartLine&, const CartLine&) = default;
};

// One change of the cart.
struct CartStep {
  // Numbers are on disk.  Steps of the same millisecond apply in this order.
  enum class Kind : uint8_t { kReplace = 1, kAdd = 2, kRemove = 3, kBought = 4 };
  Kind kind = Kind::kAdd;
  int64_t at_ms = 0;
  std::vector<CartLine> lines;  // added_at_ms is not used: it is that of the step.

  friend bool operator==(const CartStep&, const CartStep&) = default;
};

// Where the cart comes from: a settled cart, and the changes since, oldest first.  A late event is put
// between the steps at its time, so the cart does not depend on the order of arrival
// (features/cart_history.h).
struct CartHistory {
  int64_t settled_at_ms = 0;  // Events before this are too late to matter.
  std::vector<CartLine> settled;
  std::vector<CartStep> steps;

  bool empty() const { return settled.empty() && steps.empty(); }
  friend bool operator==(const CartHistory&, const CartHistory&) = default;
};

// One product this shopper has bought, over all orders that still stand.
struct Purchase {
  ProductIndex product;
  uint32_t order_count = 0;
  int64_t unit_count = 0;
  int64_t first_at_ms = 0;
  int64_t last_at_ms = 0;
  // Times of its last orders, latest first, so that last_at_ms goes back when the last order is cancelled.
  std::vector<int64_t> ordered_at_ms;

  friend bool operator==(const Purchase&, const Purchase&) = default;
};

struct OrderSummary {
  uint64_t order_id_hash = 0;
  int64_t ordered_at_ms = 0;
  int64_t revenue_minor = 0;
  std::vector<ProductIndex> products;  // Ascending, the first kOrderProductsMax of them.

  friend bool operator==(const OrderSummary&, const OrderSummary&) = default;
};

// Where a shopper's prices lie within a category: decayed mean of log(price / category median), and its
// weight.
struct PriceBand {
  DecayedValue weight;
  DecayedValue weighted_log_ratio;

  friend bool operator==(const PriceBand&, const PriceBand&) = default;
};

struct SessionSpan {
  int64_t started_at_ms = 0;
  int64_t last_event_at_ms = 0;

  friend bool operator==(const SessionSpan&, const SessionSpan&) = default;
};

struct SessionState {
  uint64_t session_number = 0;  // Counts this handle's sessions from 1.
  int64_t started_at_ms = 0;
  int64_t last_event_at_ms = 0;
  std::vector<SessionSpan> earlier;    // The sessions before, latest first: where late events belong.
  std::vector<ProductIndex> products;  // Viewed, clicked or added in this session, each once, oldest first.

  friend bool operator==(const SessionState&, const SessionState&) = default;
};

struct ShopperProfile {
  ShopperHandle shopper;
  Sequence last_sequence;  // Of the last record that changed this profile.
  int64_t first_seen_ms = 0;
  int64_t last_seen_ms = 0;
  int64_t last_received_ms =
      0;                     // When its last event arrived: silence is counted from here, also for history.
  bool is_customer = false;  // The handle of a known customer, or linked to one: it never expires.
  events::Consent consent;
  bool has_consent_record = false;  // False: the store's default applies.
  int64_t consent_at_ms = 0;        // When the shopper said so.
  uint64_t event_count = 0;
  uint64_t view_count = 0;
  uint32_t order_count = 0;
  int64_t revenue_minor = 0;
  int64_t first_order_at_ms = 0;
  int64_t last_order_at_ms = 0;
  SessionState session;
  std::vector<Affinity> affinities;
  std::vector<Preference> preferences;  // By kind and value.
  PriceBand price_band;
  std::vector<RecentProduct> recent;  // Latest first.
  std::vector<ShownProduct> shown;    // Latest first.
  CartHistory cart_history;
  std::vector<CartLine>
      cart;  // Oldest first.  As of the last cart event: read through ActiveCart(), which lets it expire.
  std::vector<Purchase> purchases;   // Latest first.
  std::vector<OrderSummary> orders;  // Latest first.
  std::array<uint16_t, 168>
      hour_of_week{};  // Events by hour of the week in the store's time zone, Monday 00h first.

  friend bool operator==(const ShopperProfile&, const ShopperProfile&) = default;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_SHOPPER_PROFILE_H_
