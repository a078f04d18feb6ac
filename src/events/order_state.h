// One order, as all that was ever said about it, and what stands of it.
//
// Events of an order come late, twice and in any order: a refund before its completion, the browser's report
// beside the server's.  So the state keeps facts that do not depend on the order of arrival, and what stands
// is computed from them:
//
//   definition  the newest verified order_completed or order_updated with lines; else, once anything verified
//   named the
//               order, the first unverified one; else the newest verified one with a value but no lines
//   kept units  of a product = units of the definition - units refunded by line, not below 0
//   revenue     of the definition = its lines (units * price - line discount) - order discount - tax when
//   prices
//               include it, shared among lines by their amounts;
//               when a line has no price: the value as sent
//               kept revenue of a line = its revenue * kept units / units; a refund of an amount takes that
//               off the rest
//   nothing     stands when the order is unconfirmed, cancelled, refunded whole, or by amounts that reach its
//   revenue
//
// A refund counts once, however often it is sent.  It is known by its id; without one, by what it says and
// when; without a time of its own (occurred_at is then the time of arrival), by what it says.  So of two
// refunds of an order that say the same, at least one needs an id or a time.
//
// A cancellation is final: a later update does not bring the order back.  What only a public key says about
// refunds and cancellations counts nowhere.
//
// Units: minor units of the store's base currency, converted at the rate of each event's own time.
// Thread safety: value types and pure functions.

#ifndef ATTUNE_EVENTS_ORDER_STATE_H_
#define ATTUNE_EVENTS_ORDER_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "events/event.h"
#include "events/exchange_rates.h"

namespace attune::events {

// Settings that the meaning of an order depends on.
struct OrderRules {
  ExchangeRates rates;
  bool prices_include_tax = true;
};

struct OrderLine {
  ProductIndex product;
  int64_t quantity = 0;
  int64_t revenue_minor = 0;

  friend bool operator==(const OrderLine&, const OrderLine&) = default;
};

// What one order_completed or order_updated says.
struct OrderDefinition {
  int64_t occurred_at_ms = 0;
  uint64_t tie = 0;              // Hash of the content: decides between two of the same time.
  std::vector<OrderLine> lines;  // One per product, by index.
  int64_t revenue_minor = 0;     // Of the order; the sum of the lines when there are any.
  bool has_value = false;        // revenue_minor means something although there are no lines.
  ShopperHandle shopper;

  friend bool operator==(const OrderDefinition&, const OrderDefinition&) = default;
};

struct OrderState {
  std::string order_id;
  bool is_confirmed = false;  // A verified event named it.
  bool is_cancelled = false;
  bool is_refunded = false;   // Whole.
  bool is_anonymous = false;  // A verified event came without analytics consent: it belongs to nobody.
  bool has_unknown_currency = false;
  std::optional<int64_t> completed_at_ms;  // Of the earliest verified order_completed.
  std::optional<int64_t> updated_at_ms;    // Of the earliest verified order_updated.
  ShopperHandle shopper;                   // Named by the latest verified definition that named one.
  int64_t shopper_at_ms = 0;
  std::optional<OrderDefinition> verified;      // With lines.
  std::optional<OrderDefinition> verified_sum;  // With a value but without lines.
  std::optional<OrderDefinition> unverified;    // The first that came.
  std::vector<OrderLine> refunded;              // Units given back by line; one per product, by index.
  int64_t refunded_minor = 0;                   // Amounts given back without lines.
  std::vector<uint64_t> refund_marks;           // Hashes of the refunds counted, ascending.

  friend bool operator==(const OrderState&, const OrderState&) = default;
};

// What stands of an order.
struct StandingOrder {
  bool stands = false;
  ShopperHandle shopper;
  int64_t ordered_at_ms = 0;
  int64_t revenue_minor = 0;
  std::vector<OrderLine> lines;  // Kept ones, by index.

  friend bool operator==(const StandingOrder&, const StandingOrder&) = default;
};

// Adds what an order event says.  REQUIRES: IsOrderType(event.type).
void FoldOrderEvent(const Event& event, const OrderRules& rules, OrderState& state);

StandingOrder StandingOf(const OrderState& state);

// What must be added to counts that hold `before` so that they hold `after`: nothing, one change, or two when
// the order moved to another shopper or time.
std::vector<OrderChange> OrderDifference(std::string_view order_id, const StandingOrder& before,
                                         const StandingOrder& after);

std::string EncodeOrderState(const OrderState& state);
Result<OrderState> DecodeOrderState(std::string_view value);

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_ORDER_STATE_H_
