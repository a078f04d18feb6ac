#include "features/purchases.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/hash.h"
#include "features/limits.h"

namespace attune::features {
namespace {

bool IsLater(const OrderSummary& a, const OrderSummary& b) {
  if (a.ordered_at_ms != b.ordered_at_ms) return a.ordered_at_ms > b.ordered_at_ms;
  return a.order_id_hash < b.order_id_hash;
}

bool IsLater(const Purchase& a, const Purchase& b) {
  if (a.last_at_ms != b.last_at_ms) return a.last_at_ms > b.last_at_ms;
  return a.product < b.product;
}

void AddTime(int64_t at_ms, Purchase& purchase) {
  auto& times = purchase.ordered_at_ms;
  times.insert(std::upper_bound(times.begin(), times.end(), at_ms, std::greater<>()), at_ms);
  if (times.size() > kPurchaseTimesMax) times.pop_back();
  purchase.first_at_ms = purchase.order_count == 0 ? at_ms : std::min(purchase.first_at_ms, at_ms);
  purchase.last_at_ms = times.front();
  ++purchase.order_count;
}

// Takes one order's time away; first_at_ms is exact again once all times that are left are known.
void TakeTime(int64_t at_ms, Purchase& purchase) {
  auto& times = purchase.ordered_at_ms;
  const auto found = std::find(times.begin(), times.end(), at_ms);
  if (found != times.end()) times.erase(found);
  --purchase.order_count;
  if (times.empty()) {
    purchase.last_at_ms = purchase.first_at_ms;
    return;
  }
  purchase.last_at_ms = times.front();
  if (times.size() == purchase.order_count || purchase.first_at_ms == at_ms)
    purchase.first_at_ms = times.back();
}

void AddLine(const events::OrderChange::Line& line, int64_t ordered_at_ms, std::vector<Purchase>& purchases) {
  auto found = std::find_if(purchases.begin(), purchases.end(),
                            [&line](const Purchase& purchase) { return purchase.product == line.product; });
  if (found == purchases.end()) {
    if (!line.is_first || line.is_gone) return;  // A change of what had already left the list.
    found = purchases.insert(purchases.end(), Purchase{line.product, 0, 0, 0, 0, {}});
  }
  found->unit_count = SaturatingSum(found->unit_count, line.quantity_delta);
  if (line.is_first) AddTime(ordered_at_ms, *found);
  if (line.is_gone) TakeTime(ordered_at_ms, *found);
  if (found->order_count == 0) purchases.erase(found);
}

void ChangeProducts(const events::OrderChange& change, std::vector<ProductIndex>& products) {
  for (const events::OrderChange::Line& line : change.lines) {
    const auto place = std::lower_bound(products.begin(), products.end(), line.product);
    const bool is_held = place != products.end() && *place == line.product;
    if (line.is_gone && is_held) products.erase(place);
    if (line.is_first && !line.is_gone && !is_held) products.insert(place, line.product);
  }
  if (products.size() > kOrderProductsMax) products.resize(kOrderProductsMax);
}

void ChangeOrders(const events::OrderChange& change, std::vector<OrderSummary>& orders) {
  const uint64_t hash = StableHash64(change.order_id);
  auto found = std::find_if(orders.begin(), orders.end(),
                            [hash](const OrderSummary& order) { return order.order_id_hash == hash; });
  if (change.order_count_delta < 0) {
    if (found != orders.end()) orders.erase(found);
    return;
  }
  if (found == orders.end()) {
    if (change.order_count_delta == 0) return;  // An order that had already left the list.
    OrderSummary order{hash, change.ordered_at_ms, 0, {}};
    const auto place =
        std::upper_bound(orders.begin(), orders.end(), order,
                         [](const OrderSummary& a, const OrderSummary& b) { return IsLater(a, b); });
    found = orders.insert(place, std::move(order));
  }
  found->revenue_minor = SaturatingSum(found->revenue_minor, change.revenue_minor_delta);
  ChangeProducts(change, found->products);
  if (orders.size() > kOrdersMax) orders.pop_back();
}

// Exact while all standing orders are in the list; beyond, the first order is the earliest ever seen.
void ChangeOrderTimes(const events::OrderChange& change, ShopperProfile& profile) {
  if (profile.order_count == 0) {
    profile.first_order_at_ms = profile.last_order_at_ms = 0;
    return;
  }
  if (profile.orders.size() == profile.order_count) {
    profile.first_order_at_ms = profile.orders.back().ordered_at_ms;
    profile.last_order_at_ms = profile.orders.front().ordered_at_ms;
    return;
  }
  if (change.order_count_delta > 0) {
    profile.first_order_at_ms = std::min(profile.first_order_at_ms, change.ordered_at_ms);
    profile.last_order_at_ms = std::max(profile.last_order_at_ms, change.ordered_at_ms);
  } else if (change.order_count_delta < 0) {
    profile.last_order_at_ms =
        profile.orders.empty() ? profile.first_order_at_ms : profile.orders.front().ordered_at_ms;
  }
}

}  // namespace

int64_t SaturatingSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

void AddOrderChange(const events::OrderChange& change, ShopperProfile& profile) {
  if (change.order_count_delta > 0) ++profile.order_count;
  if (change.order_count_delta < 0 && profile.order_count > 0) --profile.order_count;
  profile.revenue_minor = SaturatingSum(profile.revenue_minor, change.revenue_minor_delta);
  for (const events::OrderChange::Line& line : change.lines)
    AddLine(line, change.ordered_at_ms, profile.purchases);
  SortPurchases(profile);
  ChangeOrders(change, profile.orders);
  ChangeOrderTimes(change, profile);
}

void SortPurchases(ShopperProfile& profile) {
  std::sort(profile.purchases.begin(), profile.purchases.end(),
            [](const Purchase& a, const Purchase& b) { return IsLater(a, b); });
  if (profile.purchases.size() > kPurchasesMax) profile.purchases.resize(kPurchasesMax);
}

void SortOrders(ShopperProfile& profile) {
  std::sort(profile.orders.begin(), profile.orders.end(),
            [](const OrderSummary& a, const OrderSummary& b) { return IsLater(a, b); });
  if (profile.orders.size() > kOrdersMax) profile.orders.resize(kOrdersMax);
}

}  // namespace attune::features
