#include "events/order_state.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/hash.h"
#include "events/limits.h"

namespace attune::events {
namespace {

// Adds units and revenue of one product to lines kept by index.
void AddLine(ProductIndex product, int64_t quantity, int64_t revenue_minor, std::vector<OrderLine>& lines) {
  const auto at =
      std::lower_bound(lines.begin(), lines.end(), product,
                       [](const OrderLine& line, ProductIndex wanted) { return line.product < wanted; });
  if (at != lines.end() && at->product == product) {
    at->quantity = std::min(at->quantity + quantity, kOrderUnitsMax);
    at->revenue_minor += revenue_minor;
    return;
  }
  lines.insert(at, {product, quantity, revenue_minor});
}

int64_t Bounded(int64_t minor) { return std::clamp<int64_t>(minor, 0, kMoneyMaxMinor); }

// Shares `total` among lines by their revenue, or by their units when all are worth nothing.  The shares add
// up to the total exactly: each is the difference of two rounded running sums.
void ShareAmong(int64_t total, std::vector<OrderLine>& lines) {
  double weight_sum = 0;
  for (const OrderLine& line : lines) weight_sum += static_cast<double>(line.revenue_minor);
  const bool by_units = weight_sum <= 0;
  if (by_units) {
    for (const OrderLine& line : lines) weight_sum += static_cast<double>(line.quantity);
  }
  if (weight_sum <= 0) return;
  double running = 0;
  int64_t given = 0;
  for (OrderLine& line : lines) {
    running += static_cast<double>(by_units ? line.quantity : line.revenue_minor);
    const int64_t upto =
        &line == &lines.back() ? total : std::llround(static_cast<double>(total) * (running / weight_sum));
    line.revenue_minor = upto - given;
    given = upto;
  }
}

// Converts the amount of an event; an unknown currency gives 0 and is noted.
int64_t InBase(int64_t minor, const Event& event, const OrderRules& rules, OrderState& state) {
  const auto converted = rules.rates.Convert(minor, event.currency, event.occurred_at_ms);
  if (!converted) state.has_unknown_currency = true;
  return converted.value_or(0);
}

uint64_t TieOf(const OrderDefinition& definition) {
  uint64_t tie = MixHash64(definition.shopper.value(), static_cast<uint64_t>(definition.revenue_minor));
  for (const OrderLine& line : definition.lines) {
    tie = MixHash64(tie, line.product.value());
    tie = MixHash64(tie, static_cast<uint64_t>(line.quantity));
    tie = MixHash64(tie, static_cast<uint64_t>(line.revenue_minor));
  }
  return tie;
}

// Sums in the event's currency first and converts once, so that lines do not collect rounding errors.
OrderDefinition DefinitionOf(const Event& event, const OrderRules& rules, OrderState& state) {
  OrderDefinition definition;
  definition.occurred_at_ms = event.occurred_at_ms;
  definition.shopper = event.shopper;
  definition.has_value = event.value_minor.has_value();
  bool all_priced = !event.lines.empty();
  int64_t gross = 0;
  for (const EventLine& line : event.lines) {
    all_priced = all_priced && line.price_minor.has_value();
    const int64_t quantity = std::clamp<int64_t>(line.quantity, 0, kQuantityMax);
    const int64_t price = std::clamp<int64_t>(line.price_minor.value_or(0), 0, kMoneyMaxMinor / kQuantityMax);
    const int64_t amount = Bounded(price * quantity - Bounded(line.discount_minor.value_or(0)));
    if (quantity > 0) AddLine(line.product, quantity, amount, definition.lines);
    gross = Bounded(gross + amount);
  }
  int64_t net = gross - Bounded(event.discount_minor.value_or(0));
  if (rules.prices_include_tax) net -= Bounded(event.tax_minor.value_or(0));
  if (!all_priced && event.value_minor) net = *event.value_minor;
  definition.revenue_minor = InBase(Bounded(net), event, rules, state);
  ShareAmong(definition.revenue_minor, definition.lines);
  definition.tie = TieOf(definition);
  return definition;
}

bool IsNewer(const OrderDefinition& candidate, const std::optional<OrderDefinition>& known) {
  return !known ||
         std::pair(candidate.occurred_at_ms, candidate.tie) > std::pair(known->occurred_at_ms, known->tie);
}

void KeepEarliest(int64_t time_ms, std::optional<int64_t>& earliest) {
  if (!earliest || time_ms < *earliest) earliest = time_ms;
}

void FoldDefinition(const Event& event, const OrderRules& rules, OrderState& state) {
  OrderDefinition definition = DefinitionOf(event, rules, state);
  if (!event.is_verified) {
    if (!state.unverified && !definition.lines.empty()) state.unverified = std::move(definition);
    return;
  }
  state.is_confirmed = true;
  if (!event.consent.analytics) state.is_anonymous = true;
  KeepEarliest(event.occurred_at_ms,
               event.type == EventType::kOrderCompleted ? state.completed_at_ms : state.updated_at_ms);
  if (event.shopper != ShopperHandle() &&
      std::pair(event.occurred_at_ms, event.shopper) > std::pair(state.shopper_at_ms, state.shopper)) {
    state.shopper = event.shopper;
    state.shopper_at_ms = event.occurred_at_ms;
  }
  if (!definition.lines.empty()) {
    if (IsNewer(definition, state.verified)) state.verified = std::move(definition);
  } else if (definition.has_value) {
    if (IsNewer(definition, state.verified_sum)) state.verified_sum = std::move(definition);
  }
}

// What makes a refund the same one when it is sent again.
uint64_t RefundMarkOf(const Event& event) {
  if (!event.id.empty()) return MixHash64(StableHash64(event.id), 1);
  const bool has_own_time = event.occurred_at_ms != event.received_at_ms;
  uint64_t mark = has_own_time ? MixHash64(static_cast<uint64_t>(event.occurred_at_ms), 2) : 3;
  mark = MixHash64(mark, event.value_minor ? static_cast<uint64_t>(*event.value_minor) + 1 : 0);
  for (const EventLine& line : event.lines) {
    mark = MixHash64(mark, line.product.value());
    mark = MixHash64(mark, StableHash64(line.variant_id));
    mark = MixHash64(mark, static_cast<uint64_t>(line.quantity));
  }
  return mark;
}

void FoldRefund(const Event& event, const OrderRules& rules, OrderState& state) {
  const uint64_t mark = RefundMarkOf(event);
  const auto place = std::lower_bound(state.refund_marks.begin(), state.refund_marks.end(), mark);
  if (place != state.refund_marks.end() && *place == mark) return;
  if (state.refund_marks.size() >= kRefundsPerOrderMax) return;
  state.refund_marks.insert(place, mark);
  if (!event.lines.empty()) {
    for (const EventLine& line : event.lines) {
      if (line.quantity <= 0 || state.refunded.size() >= kRefundedProductsMax) continue;
      AddLine(line.product, std::min(line.quantity, kQuantityMax), 0, state.refunded);
    }
    return;
  }
  if (event.value_minor) {
    state.refunded_minor =
        Bounded(state.refunded_minor + InBase(Bounded(*event.value_minor), event, rules, state));
  } else {
    state.is_refunded = true;
  }
}

// `revenue` for `kept` of `units`, rounded down, without overflow.
int64_t ShareOf(int64_t revenue, int64_t kept, int64_t units) {
  return revenue / units * kept + revenue % units * kept / units;
}

int64_t RefundedUnits(const OrderState& state, ProductIndex product) {
  const auto at =
      std::lower_bound(state.refunded.begin(), state.refunded.end(), product,
                       [](const OrderLine& line, ProductIndex wanted) { return line.product < wanted; });
  return at != state.refunded.end() && at->product == product ? at->quantity : 0;
}

void TakeRefundsOff(const OrderState& state, StandingOrder& order) {
  const bool had_lines = !order.lines.empty();
  if (state.refunded_minor > 0 && state.refunded_minor >= order.revenue_minor) {
    order = {};
    return;
  }
  std::vector<OrderLine> kept_lines;
  int64_t kept_revenue = 0;
  for (const OrderLine& line : order.lines) {
    const int64_t kept = line.quantity - std::min(line.quantity, RefundedUnits(state, line.product));
    if (kept == 0) continue;
    kept_lines.push_back({line.product, kept, ShareOf(line.revenue_minor, kept, line.quantity)});
    kept_revenue += kept_lines.back().revenue_minor;
  }
  if (had_lines && kept_lines.empty()) {
    order = {};
    return;
  }
  if (had_lines) {
    order.lines = std::move(kept_lines);
    order.revenue_minor = kept_revenue;
  }
  if (state.refunded_minor > 0) {
    order.revenue_minor = Bounded(order.revenue_minor - state.refunded_minor);
    ShareAmong(order.revenue_minor, order.lines);
  }
}

OrderChange ChangeOf(std::string_view order_id, const StandingOrder& of) {
  OrderChange change;
  change.order_id = order_id;
  change.shopper = of.shopper;
  change.ordered_at_ms = of.ordered_at_ms;
  return change;
}

// Differences of two orders of the same shopper and time; either may be nothing.
OrderChange Difference(std::string_view order_id, const StandingOrder& before, const StandingOrder& after) {
  OrderChange change = ChangeOf(order_id, after.stands ? after : before);
  change.order_count_delta = static_cast<int>(after.stands) - static_cast<int>(before.stands);
  change.revenue_minor_delta = after.revenue_minor - before.revenue_minor;
  auto old_line = before.lines.begin();
  auto new_line = after.lines.begin();
  while (old_line != before.lines.end() || new_line != after.lines.end()) {
    OrderChange::Line& line = change.lines.emplace_back();
    const bool has_old = old_line != before.lines.end() &&
                         (new_line == after.lines.end() || old_line->product <= new_line->product);
    const bool has_new = new_line != after.lines.end() &&
                         (old_line == before.lines.end() || new_line->product <= old_line->product);
    line.product = has_old ? old_line->product : new_line->product;
    line.is_first = !has_old;
    line.is_gone = !has_new;
    if (has_new) {
      line.quantity_delta += new_line->quantity;
      line.revenue_minor_delta += new_line->revenue_minor;
      ++new_line;
    }
    if (has_old) {
      line.quantity_delta -= old_line->quantity;
      line.revenue_minor_delta -= old_line->revenue_minor;
      ++old_line;
    }
    const bool is_same = has_old && has_new && line.quantity_delta == 0 && line.revenue_minor_delta == 0;
    if (is_same) change.lines.pop_back();
  }
  return change;
}

}  // namespace

void FoldOrderEvent(const Event& event, const OrderRules& rules, OrderState& state) {
  CHECK(IsOrderType(event.type));
  if (state.order_id.empty()) state.order_id = event.order_id;
  const bool is_definition =
      event.type == EventType::kOrderCompleted || event.type == EventType::kOrderUpdated;
  if (is_definition) return FoldDefinition(event, rules, state);
  if (!event.is_verified) return;
  state.is_confirmed = true;
  if (event.type == EventType::kOrderCancelled) {
    state.is_cancelled = true;
  } else {
    FoldRefund(event, rules, state);
  }
}

StandingOrder StandingOf(const OrderState& state) {
  StandingOrder order;
  if (!state.is_confirmed || state.is_cancelled || state.is_refunded) return order;
  const OrderDefinition* definition = nullptr;
  if (state.verified) {
    definition = &*state.verified;
  } else if (state.unverified) {
    definition = &*state.unverified;
  } else if (state.verified_sum) {
    definition = &*state.verified_sum;
  }
  if (definition == nullptr) return order;
  order.stands = true;
  order.lines = definition->lines;
  order.revenue_minor = definition->revenue_minor;
  // The lines are the browser's, but the money is the server's when it named it.
  if (!state.verified && state.unverified && state.verified_sum) {
    order.revenue_minor = state.verified_sum->revenue_minor;
    ShareAmong(order.revenue_minor, order.lines);
  }
  order.shopper = state.shopper;
  if (order.shopper == ShopperHandle() && state.unverified) order.shopper = state.unverified->shopper;
  if (state.is_anonymous) order.shopper = ShopperHandle();
  if (state.completed_at_ms) {
    order.ordered_at_ms = *state.completed_at_ms;
  } else {
    order.ordered_at_ms = state.updated_at_ms.value_or(definition->occurred_at_ms);
  }
  TakeRefundsOff(state, order);
  return order;
}

std::vector<OrderChange> OrderDifference(std::string_view order_id, const StandingOrder& before,
                                         const StandingOrder& after) {
  if (before == after) return {};
  const bool has_moved = before.stands && after.stands &&
                         (before.shopper != after.shopper || before.ordered_at_ms != after.ordered_at_ms);
  if (!has_moved) return {Difference(order_id, before, after)};
  return {Difference(order_id, before, {}), Difference(order_id, {}, after)};
}

}  // namespace attune::events
