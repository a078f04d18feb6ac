#include "features/cart_history.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "features/limits.h"

namespace attune::features {
namespace {

// A variant that one side does not name matches any.
bool IsSameLine(const CartLine& a, const CartLine& b) {
  return a.product == b.product &&
         (a.variant_id == b.variant_id || a.variant_id.empty() || b.variant_id.empty());
}

auto FindLine(std::vector<CartLine>& cart, const CartLine& wanted) {
  const auto exact = std::find_if(cart.begin(), cart.end(), [&wanted](const CartLine& line) {
    return line.product == wanted.product && line.variant_id == wanted.variant_id;
  });
  if (exact != cart.end()) return exact;
  return std::find_if(cart.begin(), cart.end(),
                      [&wanted](const CartLine& line) { return IsSameLine(line, wanted); });
}

void AddLine(const CartLine& added, int64_t at_ms, std::vector<CartLine>& cart) {
  const auto same = std::find_if(cart.begin(), cart.end(), [&added](const CartLine& line) {
    return line.product == added.product && line.variant_id == added.variant_id;
  });
  int64_t quantity = added.quantity;
  if (same != cart.end()) {
    quantity += same->quantity;
    cart.erase(same);  // It moves to the end: the cart is ordered by the time of the last addition.
  }
  cart.push_back({added.product, added.variant_id, std::min(quantity, kCartQuantityMax), at_ms});
  if (cart.size() > kCartLinesMax) cart.erase(cart.begin());
}

void Apply(const CartStep& step, std::vector<CartLine>& cart) {
  if (step.kind == CartStep::Kind::kReplace) {
    std::vector<CartLine> before = std::move(cart);
    cart.clear();
    for (const CartLine& line : step.lines) {
      const auto known = FindLine(before, line);
      AddLine(line, known == before.end() ? step.at_ms : known->added_at_ms, cart);
    }
    return;
  }
  for (const CartLine& line : step.lines) {
    if (step.kind == CartStep::Kind::kAdd) {
      AddLine(line, step.at_ms, cart);
      continue;
    }
    const auto found = FindLine(cart, line);
    if (found == cart.end()) continue;
    if (step.kind == CartStep::Kind::kRemove && line.quantity < found->quantity) {
      found->quantity -= line.quantity;
    } else {
      cart.erase(found);
    }
  }
}

auto LineKey(const CartLine& line) { return std::tie(line.product, line.variant_id, line.quantity); }

// A total order over what the steps say, so that steps of one millisecond apply the same way however they
// arrived.
bool IsBefore(const CartStep& a, const CartStep& b) {
  if (a.at_ms != b.at_ms) return a.at_ms < b.at_ms;
  if (a.kind != b.kind) return a.kind < b.kind;
  return std::lexicographical_compare(
      a.lines.begin(), a.lines.end(), b.lines.begin(), b.lines.end(),
      [](const CartLine& x, const CartLine& y) { return LineKey(x) < LineKey(y); });
}

void ExpireBefore(int64_t at_ms, int64_t last_change_ms, int64_t cart_expiry_ms,
                  std::vector<CartLine>& cart) {
  if (at_ms - last_change_ms > cart_expiry_ms) cart.clear();
}

void SettleFirst(size_t count, int64_t cart_expiry_ms, CartHistory& history) {
  for (size_t i = 0; i < count; ++i) {
    const CartStep& step = history.steps[i];
    ExpireBefore(step.at_ms, history.settled_at_ms, cart_expiry_ms, history.settled);
    Apply(step, history.settled);
    history.settled_at_ms = step.at_ms;
  }
  history.steps.erase(history.steps.begin(), history.steps.begin() + static_cast<ptrdiff_t>(count));
}

CartStep::Kind KindOf(events::EventType type) {
  using events::EventType;
  if (type == EventType::kCartViewed) return CartStep::Kind::kReplace;
  if (type == EventType::kProductRemoved) return CartStep::Kind::kRemove;
  if (type == EventType::kOrderCompleted) return CartStep::Kind::kBought;
  return CartStep::Kind::kAdd;
}

}  // namespace

std::optional<CartStep> CartStepOf(const events::Event& event) {
  using events::EventType;
  switch (event.type) {
    case EventType::kProductAdded:
    case EventType::kWishlistProductAddedToCart:
    case EventType::kProductRemoved:
    case EventType::kCartViewed:
    case EventType::kOrderCompleted:
      break;
    default:
      return std::nullopt;
  }
  CartStep step{KindOf(event.type), event.occurred_at_ms, {}};
  const size_t line_count = std::min(event.lines.size(), kCartLinesMax);
  for (size_t i = 0; i < line_count; ++i) {
    const events::EventLine& line = event.lines[i];
    CartLine cart_line{line.product, line.variant_id, 0, 0};
    if (cart_line.variant_id.size() > kVariantIdBytesMax) cart_line.variant_id.clear();
    // A kind that takes whole lines needs no quantity: the record stays small.
    if (step.kind != CartStep::Kind::kBought)
      cart_line.quantity = std::clamp<int64_t>(line.quantity, 1, kCartQuantityMax);
    step.lines.push_back(std::move(cart_line));
  }
  if (step.lines.empty()) return std::nullopt;
  return step;
}

void AddCartStep(CartStep step, int64_t cart_expiry_ms, CartHistory& history) {
  if (step.at_ms < history.settled_at_ms) return;
  const auto place = std::upper_bound(history.steps.begin(), history.steps.end(), step, IsBefore);
  history.steps.insert(place, std::move(step));
  if (history.steps.size() > kCartStepsMax) SettleFirst(1, cart_expiry_ms, history);
  SettleCart(history.steps.back().at_ms, cart_expiry_ms, history);
}

void SettleCart(int64_t now_ms, int64_t cart_expiry_ms, CartHistory& history) {
  size_t count = 0;
  while (count < history.steps.size() && history.steps[count].at_ms < now_ms - kCartReorderMs) ++count;
  SettleFirst(count, cart_expiry_ms, history);
}

std::vector<CartLine> RebuildCart(const CartHistory& history, int64_t cart_expiry_ms) {
  std::vector<CartLine> cart = history.settled;
  int64_t last_change_ms = history.settled_at_ms;
  for (const CartStep& step : history.steps) {
    ExpireBefore(step.at_ms, last_change_ms, cart_expiry_ms, cart);
    Apply(step, cart);
    last_change_ms = step.at_ms;
  }
  return cart;
}

int64_t CartChangedAt(const CartHistory& history) {
  return history.steps.empty() ? history.settled_at_ms : history.steps.back().at_ms;
}

}  // namespace attune::features
