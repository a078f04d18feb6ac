#include "models/next_order_walk.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "models/limits.h"

namespace attune::models {
namespace {

// Bestsellers are listed anew once a day of the walk.
constexpr int64_t kBestsellersEveryMs = kDayMs;
constexpr int64_t kPatternsEveryMs = 28 * kDayMs;
constexpr size_t kOrdersBetweenChecks = 64;

void SortLatestFirst(std::vector<Seed>& purchases) {
  std::sort(purchases.begin(), purchases.end(), [](const Seed& a, const Seed& b) {
    return a.at_ms != b.at_ms ? a.at_ms > b.at_ms : a.product < b.product;
  });
}

// Each once.  REQUIRES: rows of one product stand together.
template <class Rows>
std::vector<uint32_t> ProductsOf(const Rows& rows) {
  std::vector<uint32_t> products;
  for (const auto& row : rows) {
    if (products.empty() || products.back() != row.product) products.push_back(row.product);
  }
  return products;
}

}  // namespace

NextOrderWalk::NextOrderWalk(const InteractionLog& log, std::shared_ptr<const ProductTies> ties,
                             const NextOrderOptions& options)
    : options_(options),
      store_(std::move(ties), ShopperNeighbours(log.product_index_count()),
             ProductSales(log.product_index_count())),
      history_(log.product_index_count()) {
  Collect(log);
  ChooseNeighbours();
}

void NextOrderWalk::Collect(const InteractionLog& log) {
  const auto add = [&](const Interaction& row) {
    if (row.kind != InteractionKind::kPurchase) return;
    rows_.push_back({row.at_ms, row.shopper.value(), row.order_hash, row.product.value()});
  };
  log.ForEachShopper(
      [&](std::span<const Interaction> rows) { std::for_each(rows.begin(), rows.end(), add); });
  log.ForEachRow([&](const Interaction& row) {
    if (row.shopper.value() == 0) add(row);
  });
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::tie(a.at_ms, a.shopper, a.order_hash, a.product) <
           std::tie(b.at_ms, b.shopper, b.order_hash, b.product);
  });
  if (rows_.size() > kNextOrderRowsMax) {
    rows_.erase(rows_.begin(), rows_.end() - static_cast<ptrdiff_t>(kNextOrderRowsMax));
  }
}

void NextOrderWalk::ChooseNeighbours() {
  size_t chosen = 0;
  for (size_t i = rows_.size(); i-- > 0 && chosen < kNeighbourShoppersMax;) {
    if (rows_[i].shopper == 0) continue;
    Shopper& shopper = shoppers_[rows_[i].shopper];
    chosen += shopper.gets_vector ? 0 : 1;
    shopper.gets_vector = true;
  }
}

std::vector<NextOrderWalk::Order> NextOrderWalk::Orders() const {
  std::vector<Order> orders;
  for (size_t begin = 0; begin < rows_.size();) {
    size_t end = begin + 1;
    const auto key = [&](size_t i) {
      return std::tie(rows_[i].at_ms, rows_[i].shopper, rows_[i].order_hash);
    };
    while (end < rows_.size() && key(end) == key(begin)) ++end;
    orders.emplace_back(rows_.data() + begin, end - begin);
    begin = end;
  }
  return orders;
}

Result<std::vector<NextOrderCase>> NextOrderWalk::Run(size_t cases_max, const TrainingControl& control) {
  const std::vector<Order> orders = Orders();
  // An order is a case when its shopper had one before.
  std::vector<size_t> repeated;
  absl::flat_hash_map<uint64_t, int64_t> first_order_ms;
  for (size_t i = 0; i < orders.size(); ++i) {
    const Row& row = orders[i].front();
    if (row.shopper == 0) continue;
    const auto first = first_order_ms.try_emplace(row.shopper, row.at_ms).first;
    if (first->second < row.at_ms) repeated.push_back(i);
  }
  size_t next = repeated.size() - std::min(repeated.size(), cases_max);
  std::vector<NextOrderCase> cases;
  for (size_t i = 0; i < orders.size(); ++i) {
    if (i % kOrdersBetweenChecks == 0) RETURN_IF_ERROR(control.Check());
    if (next < repeated.size() && repeated[next] == i) {
      ++next;
      ASSIGN_OR_RETURN(NextOrderCase one, CaseOf(shoppers_[orders[i].front().shopper], orders[i], control));
      if (!one.chosen.empty()) cases.push_back(std::move(one));
    }
    Add(orders[i]);
  }
  return cases;
}

void NextOrderWalk::Add(Order order) {
  for (const Row& row : order) store_.sales.Add(row.product, row.at_ms);
  std::vector<Neighbour> before;
  if (order.front().shopper != 0) {
    const Shopper& shopper = shoppers_[order.front().shopper];
    before = PurchaseVector(shopper.purchases, shopper.order_times, options_.decay);
  }
  history_.Add(std::move(before), ProductsOf(order), order.front().at_ms);
  if (order.front().shopper != 0) AddTo(shoppers_[order.front().shopper], order);
}

void NextOrderWalk::AddTo(Shopper& shopper, Order order) {
  const int64_t at_ms = order.front().at_ms;
  absl::flat_hash_map<uint32_t, size_t> place_of;
  for (size_t i = 0; i < shopper.purchases.size(); ++i) place_of[shopper.purchases[i].product.value()] = i;
  for (const Row& row : order) {
    const auto [place, is_new] = place_of.try_emplace(row.product, shopper.purchases.size());
    if (is_new) {
      shopper.purchases.push_back({ProductIndex(row.product), 1, at_ms, at_ms});
      store_.sales.AddBuyer(row.product);
      continue;
    }
    Seed& purchase = shopper.purchases[place->second];
    if (purchase.weight == 1) store_.sales.AddRepeater(row.product);
    purchase.weight += 1;
    purchase.at_ms = at_ms;
  }
  SortLatestFirst(shopper.purchases);
  shopper.order_times.insert(shopper.order_times.begin(), at_ms);
  if (shopper.order_times.size() > kOrderTimesMax) shopper.order_times.pop_back();
  if (!shopper.gets_vector) return;
  if (shopper.vector == UINT32_MAX) shopper.vector = store_.neighbours.shopper_count();
  store_.neighbours.Put(shopper.vector,
                        PurchaseVector(shopper.purchases, shopper.order_times, options_.decay));
}

Result<NextOrderCase> NextOrderWalk::CaseOf(Shopper& shopper, Order order, const TrainingControl& control) {
  const int64_t now_ms = order.front().at_ms;
  store_.sales.Advance(now_ms);
  if (bestsellers_as_of_ms_ < now_ms - kBestsellersEveryMs || store_.bestsellers.empty()) {
    store_.bestsellers =
        store_.sales.Bestsellers(options_.month_bestsellers, options_.week_bestsellers, *store_.ties);
    bestsellers_as_of_ms_ = now_ms;
  }
  if (patterns_as_of_ms_ < now_ms - kPatternsEveryMs) {
    ASSIGN_OR_RETURN(store_.patterns, history_.Learn(now_ms, control));
    patterns_as_of_ms_ = now_ms;
  }
  NextOrderCase one;
  one.order_products = static_cast<uint32_t>(ProductsOf(order).size());
  one.rows = MakeNextOrderRows(store_, {shopper.purchases, shopper.order_times, now_ms}, options_);
  for (uint32_t i = 0; i < one.rows.size(); ++i) {
    const auto is_it = [&](const Row& row) { return row.product == one.rows[i].product; };
    if (std::any_of(order.begin(), order.end(), is_it)) one.chosen.push_back(i);
  }
  return one;
}

Result<NextOrderStore> NextOrderWalk::TakeStore(int64_t now_ms, const TrainingControl& control) {
  ASSIGN_OR_RETURN(store_.patterns, history_.Learn(now_ms, control));
  store_.sales.Advance(now_ms);
  store_.bestsellers =
      store_.sales.Bestsellers(options_.month_bestsellers, options_.week_bestsellers, *store_.ties);
  return std::move(store_);
}

}  // namespace attune::models
