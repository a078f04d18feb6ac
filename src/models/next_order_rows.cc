#include "models/next_order_rows.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "base/clock.h"
#include "models/limits.h"

namespace attune::models {
namespace {

double DaysBetween(int64_t from_ms, int64_t to_ms) {
  return std::max(static_cast<double>(to_ms - from_ms) / static_cast<double>(kDayMs), 0.0);
}

float LogPlus(double value, double prior) { return static_cast<float>(std::log(value + prior)); }

// What speaks for a product, by all that the shopper bought.
struct PurchaseScores {
  SparseAccumulator nearby;
  SparseAccumulator following;
  SparseAccumulator together;
  double own_products = 1;
};

void AddShared(const NextOrderStore& store, const PurchaseScores& scores, NextOrderRow& row) {
  row.inputs[kMonthShare] = store.sales.LogShareOfMonth(row.product);
  row.inputs[kWeekShare] = store.sales.LogShareOfWeek(row.product);
  row.inputs[kQuarterShare] = store.sales.LogShareOfQuarter(row.product);
  row.inputs[kEverShare] = store.sales.LogShareEver(row.product);
  row.inputs[kRepeatShare] = store.sales.LogRepeatShare(row.product);
  row.inputs[kDaysUnsold] = LogPlus(static_cast<double>(store.sales.DaysUnsold(row.product)), 1);
  const bool is_known = row.product < store.neighbours.product_count();
  row.inputs[kNeighbours] =
      LogPlus(is_known ? static_cast<double>(scores.nearby.ScoreOf(row.product)) : 0.0, 1e-3);
  const auto of = [&](float score) { return is_known ? std::max(static_cast<double>(score), 0.0) : 0.0; };
  row.inputs[kFollowing] = LogPlus(of(scores.following.ScoreOf(row.product)), 3e-3);
  row.inputs[kTogetherMean] = LogPlus(of(scores.together.ScoreOf(row.product)) / scores.own_products, 1e-2);
  row.inputs[kTogetherMost] = LogPlus(of(scores.together.LargestPartOf(row.product)), 2e-2);
}

// Orders that hold a product of the shopper's, on average.
double MeanOrders(std::span<const Seed> purchases) {
  double sum = 0;
  for (const Seed& purchase : purchases) sum += std::max(static_cast<double>(purchase.weight), 1.0);
  return sum / static_cast<double>(purchases.size());
}

NextOrderRow OwnRow(const Seed& purchase, const NextOrderShopper& shopper, double mean_orders,
                    const OrderDecay& decay) {
  NextOrderRow row{purchase.product.value(), true, {}};
  const uint32_t since_first = OrdersAfter(shopper.order_times, FirstAtMs(purchase));
  const double count = std::max(static_cast<double>(purchase.weight), 1.0);
  row.inputs[kOrderCount] = LogPlus(count, 0);
  row.inputs[kOrderShare] = static_cast<float>(std::log((count + 0.2) / (since_first + 1.4)));
  row.inputs[kDaysSince] = LogPlus(DaysBetween(purchase.at_ms, shopper.now_ms), 1);
  row.inputs[kOrdersSince] = LogPlus(OrdersAfter(shopper.order_times, purchase.at_ms), 1);
  row.inputs[kVectorWeight] = LogPlus(PurchaseWeight(purchase, shopper.order_times, decay), 0.02);
  row.inputs[kShopperOrders] = LogPlus(static_cast<double>(shopper.order_times.size()), 0);
  row.inputs[kShopperProducts] = LogPlus(static_cast<double>(shopper.purchases.size()), 0);
  row.inputs[kShopperRepeats] = LogPlus(mean_orders, 0);
  row.inputs[kShopperIdleDays] = LogPlus(DaysBetween(shopper.order_times.front(), shopper.now_ms), 1);
  return row;
}

}  // namespace

std::vector<NextOrderRow> MakeNextOrderRows(const NextOrderStore& store, const NextOrderShopper& shopper,
                                            const NextOrderOptions& options, bool keeps_own) {
  std::vector<NextOrderRow> rows;
  if (shopper.purchases.empty() || shopper.order_times.empty()) return rows;
  const NextOrderShopper bounded{
      shopper.purchases.first(std::min(shopper.purchases.size(), kVectorProductsMax)),
      shopper.order_times.first(std::min(shopper.order_times.size(), kOrderTimesMax)), shopper.now_ms};
  thread_local PurchaseScores scores;
  const std::vector<Neighbour> vector = PurchaseVector(bounded.purchases, bounded.order_times, options.decay);
  store.neighbours.Score(store.neighbours.Nearest(vector, options.neighbours), scores.nearby);
  store.patterns.AddFollowing(vector, store.neighbours.product_count(), scores.following);
  store.patterns.AddTogether(vector, store.neighbours.product_count(), scores.together);
  scores.own_products = static_cast<double>(bounded.purchases.size());
  absl::flat_hash_set<uint32_t> listed;
  const double mean_orders = MeanOrders(bounded.purchases);
  for (const Seed& purchase : bounded.purchases) {
    if (!listed.insert(purchase.product.value()).second || !keeps_own) continue;
    rows.push_back(OwnRow(purchase, bounded, mean_orders, options.decay));
    AddShared(store, scores, rows.back());
  }
  const auto add_new = [&](uint32_t product) {
    if (!listed.insert(product).second) return false;
    rows.push_back({product, false, {}});
    AddShared(store, scores, rows.back());
    return true;
  };
  std::vector<ScoredProduct> nearby;
  scores.nearby.Strongest(bounded.purchases.size() + options.neighbour_products, nearby, store.ties.get());
  uint32_t taken = 0;
  for (size_t i = 0; i < nearby.size() && taken < options.neighbour_products; ++i) {
    taken += add_new(nearby[i].product) ? 1 : 0;
  }
  for (const uint32_t product : store.bestsellers) add_new(product);
  return rows;
}

}  // namespace attune::models
