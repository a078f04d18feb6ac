// Products of one order find each other, better than chance explains, and substitutes do not.
// Method: the formula written down term by term over all pairs, against the trained rows; and stores made for
// one promise each.

#include "models/bought_together.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "models/catalog_of_products.h"

namespace attune::models {
namespace {

TrainingControl Threads(int count) {
  TrainingControl control;
  control.thread_count = count;
  return control;
}

void AddOrder(uint64_t order, const std::vector<uint32_t>& products, InteractionLog& log,
              int64_t at_ms = 1000) {
  for (const uint32_t product : products) {
    log.Add({ShopperHandle(0), ProductIndex(product), InteractionKind::kPurchase, 1, at_ms, order});
  }
}

SparseRows TrainOrDie(const InteractionLog& log, const catalog::CatalogView* catalog = nullptr,
                      const BoughtTogetherOptions& options = {}, int threads = 1) {
  Result<SparseRows> rows = TrainBoughtTogether(log, catalog, options, Threads(threads));
  CHECK(rows.ok());
  return *std::move(rows);
}

bool Has(const SparseRows& rows, uint32_t from, uint32_t to) {
  const auto row = rows.Of(from);
  return std::any_of(row.begin(), row.end(), [to](const Neighbour& n) { return n.product == to; });
}

// Share of each product in the lines of all orders.
std::map<uint32_t, double> LineShares(const std::vector<std::set<uint32_t>>& orders, int64_t half_life_ms) {
  std::map<uint32_t, double> shares;
  double all = 0;
  for (size_t i = 0; i < orders.size(); ++i) {
    const auto age_ms = static_cast<double>((orders.size() - 1 - i) * kDayMs);
    const double weight = std::exp2(-age_ms / static_cast<double>(half_life_ms));
    for (const uint32_t product : orders[i]) shares[product] += weight;
    all += weight * static_cast<double>(orders[i].size());
  }
  for (auto& [unused, share] : shares) share /= all;
  return shares;
}

// Every pair by the definition in the header; orders[i] is i days younger than orders[0].
std::map<std::pair<uint32_t, uint32_t>, double> Reference(const std::vector<std::set<uint32_t>>& orders,
                                                          const BoughtTogetherOptions& options) {
  std::map<uint32_t, double> orders_of;
  double line_count = 0;
  for (const auto& order : orders) {
    for (const uint32_t product : order) {
      orders_of[product] += 1;
      line_count += 1;
    }
  }
  std::map<uint32_t, double> of_late = LineShares(orders, options.trend_late_half_life_ms);
  std::map<uint32_t, double> of_long = LineShares(orders, options.trend_long_half_life_ms);
  std::map<std::pair<uint32_t, uint32_t>, double> scores;
  for (const auto& [x, orders_of_x] : orders_of) {
    double sum = options.row_shrinkage;
    for (const auto& [y, orders_of_y] : orders_of) {
      if (x == y) continue;
      uint32_t support = 0;
      double together = 0;
      double expected = 0;
      for (size_t i = 0; i < orders.size(); ++i) {
        if (!orders[i].contains(x)) continue;
        const auto others = static_cast<double>(orders[i].size() - 1);
        const auto age_ms = static_cast<double>((orders.size() - 1 - i) * kDayMs);
        const double weight = std::pow(std::max(others, 1.0), -options.order_size_exponent) *
                              std::exp2(-age_ms / static_cast<double>(options.half_life_ms));
        support += orders[i].contains(y) ? 1 : 0;
        together += orders[i].contains(y) ? weight : 0;
        expected += weight * (1 - std::pow(1 - orders_of_y / line_count, others));
      }
      const double score = (together - expected) / std::sqrt(expected + options.shrinkage) *
                           std::pow((of_late[y] + 1e-5) / (of_long[y] + 1e-5), options.trend_power);
      const bool is_supported =
          support >= options.support_min || support >= options.support_share * orders_of_x;
      if (!is_supported || score <= 0) continue;
      scores[{x, y}] = score * score;
      sum += score * score;
    }
    for (const auto& [y, unused_y] : orders_of) {
      if (const auto found = scores.find({x, y}); found != scores.end()) found->second /= sum;
    }
  }
  return scores;
}

TEST(BoughtTogetherTest, ScoresAreThoseOfTheDefinition) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<std::set<uint32_t>> orders(150);
    InteractionLog log;
    for (size_t i = 0; i < orders.size(); ++i) {
      const size_t size = 1 + random.NextBelow(6);
      while (orders[i].size() < size) {
        orders[i].insert(static_cast<uint32_t>(std::min(random.NextBelow(25), random.NextBelow(25))));
      }
      AddOrder(i + 1, {orders[i].begin(), orders[i].end()}, log, static_cast<int64_t>(i) * kDayMs);
    }
    BoughtTogetherOptions options;
    options.order_size_exponent = 0.7;
    options.half_life_ms = 40 * kDayMs;
    const SparseRows rows = TrainOrDie(log, nullptr, options, static_cast<int>(seed));
    const auto expected = Reference(orders, options);
    std::map<std::pair<uint32_t, uint32_t>, double> actual;
    for (uint32_t x = 0; x < rows.product_count(); ++x) {
      for (const Neighbour& neighbour : rows.Of(x))
        actual[{x, neighbour.product}] = static_cast<double>(neighbour.weight);
    }
    ASSERT_EQ(actual.size(), expected.size());
    for (const auto& [pair, score] : expected) {
      ASSERT_TRUE(actual.contains(pair));
      EXPECT_NEAR(actual[pair], score, 1e-5);
    }
  }
}

TEST(BoughtTogetherTest, OnACheckerboardOnlyTheOwnColourIsFound) {
  InteractionLog log;
  Random random(3);
  for (uint64_t order = 1; order <= 200; ++order) {
    const auto colour = static_cast<uint32_t>(order % 2);
    std::set<uint32_t> products;
    while (products.size() < 3) products.insert(static_cast<uint32_t>(random.NextBelow(8)) * 2 + colour);
    AddOrder(order, {products.begin(), products.end()}, log);
  }
  const SparseRows rows = TrainOrDie(log);
  size_t neighbour_count = 0;
  for (uint32_t x = 0; x < 16; ++x) {
    for (const Neighbour& neighbour : rows.Of(x)) {
      EXPECT_EQ(neighbour.product % 2, x % 2);
      ++neighbour_count;
    }
  }
  EXPECT_GT(neighbour_count, 50u);
}

TEST(BoughtTogetherTest, WhatLargeOrdersExplainIsNotAPair) {
  InteractionLog log;
  uint64_t order = 1;
  // 0 and 1 meet in 10 orders of everything; 2 and 3 meet in 10 orders of their own.
  for (int i = 0; i < 10; ++i) {
    std::vector<uint32_t> all;
    for (uint32_t product = 4; product < 40; ++product) all.push_back(product);
    all.insert(all.begin(), {0, 1});
    AddOrder(order++, all, log);
    AddOrder(order++, {2, 3}, log);
  }
  const SparseRows rows = TrainOrDie(log);
  ASSERT_TRUE(Has(rows, 2, 3));
  float small_orders = 0;
  float large_orders = 0;
  for (const Neighbour& neighbour : rows.Of(2)) small_orders = std::max(small_orders, neighbour.weight);
  for (const Neighbour& neighbour : rows.Of(0)) large_orders = std::max(large_orders, neighbour.weight);
  EXPECT_GT(small_orders, 1.3f * large_orders);
}

TEST(BoughtTogetherTest, APairNeedsTwoOrdersOrAFifthOfTheProducts) {
  InteractionLog log;
  for (uint64_t order = 1; order <= 9; ++order) AddOrder(order, {0, 4}, log);
  for (uint64_t order = 10; order < 40; ++order) AddOrder(order, {2, 3}, log);
  AddOrder(40, {0, 1}, log);
  EXPECT_FALSE(Has(TrainOrDie(log), 0, 1));  // One order of ten.
  EXPECT_TRUE(Has(TrainOrDie(log), 1, 0));   // One of one.
  BoughtTogetherOptions by_count;
  by_count.support_share = 2;
  EXPECT_FALSE(Has(TrainOrDie(log, nullptr, by_count), 1, 0));
  AddOrder(41, {0, 1}, log);
  EXPECT_TRUE(Has(TrainOrDie(log), 0, 1));
  EXPECT_TRUE(Has(TrainOrDie(log, nullptr, by_count), 1, 0));
  by_count.support_min = 3;
  EXPECT_FALSE(Has(TrainOrDie(log, nullptr, by_count), 0, 1));
}

TEST(BoughtTogetherTest, AHugeOrderIsSampledTheSameWayEveryTime) {
  std::vector<uint32_t> all;
  for (uint32_t product = 0; product < 2000; ++product) all.push_back(product);
  InteractionLog forwards;
  InteractionLog backwards;
  AddOrder(5, all, forwards);
  AddOrder(6, all, forwards);
  AddOrder(6, {all.rbegin(), all.rend()}, backwards);
  AddOrder(5, {all.rbegin(), all.rend()}, backwards);
  BoughtTogetherOptions options;
  options.support_min = 1;
  const SparseRows rows = TrainOrDie(forwards, nullptr, options);
  EXPECT_EQ(rows, TrainOrDie(backwards, nullptr, options));
  size_t products_with_row = 0;
  for (uint32_t product = 0; product < 2000; ++product) products_with_row += rows.Of(product).empty() ? 0 : 1;
  EXPECT_LE(products_with_row, 2 * kOrderProductsMax);
}

catalog::Product MakeProduct(const std::string& id, const std::string& title, const std::string& leaf,
                             int64_t price) {
  catalog::Product product;
  product.product_id = id;
  product.title = title;
  if (!leaf.empty()) product.categories = {{"Home", leaf}};
  product.price.price_minor = price;
  return product;
}

// 0 and 1 are two kettles, 2 is tea; pairs of two orders each beside many orders of one kettle.
InteractionLog KettlesAndTea(int orders_of_both_kettles) {
  InteractionLog log;
  uint64_t order = 1;
  for (int i = 0; i < orders_of_both_kettles; ++i) AddOrder(order++, {0, 1}, log);
  for (int i = 0; i < 20; ++i) AddOrder(order++, {0, 2}, log);
  for (int i = 0; i < 20; ++i) AddOrder(order++, {1, 2}, log);
  for (int i = 0; i < 200; ++i) AddOrder(order++, {3, 4, 5}, log);
  return log;
}

// Two rows add up as equals: what everybody buys with the first product does not drown what belongs to the
// second.
TEST(BoughtTogetherTest, ARowSharesOutAboutOne) {
  const SparseRows rows = TrainOrDie(KettlesAndTea(12));
  for (uint32_t x = 0; x < rows.product_count(); ++x) {
    float sum = 0;
    for (const Neighbour& neighbour : rows.Of(x)) sum += neighbour.weight;
    if (rows.Of(x).empty()) continue;
    EXPECT_GT(sum, 0.5f) << x;
    EXPECT_LE(sum, 1.0f) << x;
  }
}

std::shared_ptr<const catalog::CatalogView> KettleShop(const std::string& second_title, int64_t second_price,
                                                       const std::string& leaf) {
  return CatalogOfProducts({MakeProduct("k1", "Blue steel kettle 1 l", leaf, 3000),
                            MakeProduct("k2", second_title, leaf, second_price),
                            MakeProduct("t", "Green tea", "Tea", 500), MakeProduct("a", "A", "X", 1),
                            MakeProduct("b", "B", "X", 1), MakeProduct("c", "C", "X", 1)});
}

TEST(BoughtTogetherTest, WithoutViewsNearlyEqualProductsOfOneLeafAreSubstitutes) {
  const InteractionLog log = KettlesAndTea(2);
  ASSERT_TRUE(Has(TrainOrDie(log), 0, 1));
  const auto alike = KettleShop("Red steel kettle 1 l", 3200, "Kettles");
  EXPECT_FALSE(Has(TrainOrDie(log, alike.get()), 0, 1));
  EXPECT_TRUE(Has(TrainOrDie(log, alike.get()), 0, 2));
  EXPECT_TRUE(Has(TrainOrDie(log, KettleShop("Kettle stand of oak", 3200, "Kettles").get()), 0, 1));
  EXPECT_TRUE(Has(TrainOrDie(log, KettleShop("Red steel kettle 1 l", 9900, "Kettles").get()), 0, 1));
  EXPECT_TRUE(Has(TrainOrDie(log, KettleShop("Red steel kettle 1 l", 3200, "").get()), 0, 1));
}

TEST(BoughtTogetherTest, WhatIsOftenBoughtTogetherIsNoSubstitute) {
  const InteractionLog log = KettlesAndTea(12);
  const auto alike = KettleShop("Red steel kettle 1 l", 3200, "Kettles");
  EXPECT_TRUE(Has(TrainOrDie(log, alike.get()), 0, 1));
}

TEST(BoughtTogetherTest, WithViewsWhatIsComparedInOneVisitIsASubstitute) {
  const auto shop = KettleShop("A kettle of another name", 9900, "Kettles");
  InteractionLog apart = KettlesAndTea(2);
  InteractionLog compared = KettlesAndTea(2);
  for (uint64_t shopper = 1; shopper <= 20; ++shopper) {
    for (const uint32_t product : {0u, 1u}) {
      compared.Add(
          {ShopperHandle(shopper), ProductIndex(product), InteractionKind::kView, 1, 1000 + product, 0});
      apart.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kView, 1,
                 1000 + product * kDayMs, 0});
    }
  }
  EXPECT_FALSE(Has(TrainOrDie(compared, shop.get()), 0, 1));
  EXPECT_TRUE(Has(TrainOrDie(apart, shop.get()), 0, 1));
}

TEST(BoughtTogetherTest, CancelledTrainingGivesNoModel) {
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(TrainBoughtTogether(KettlesAndTea(2), nullptr, {}, control).status().code(),
            StatusCode::kUnavailable);
}

TEST(BoughtTogetherTest, AnEmptyStoreHasAnEmptyModel) {
  const SparseRows rows = TrainOrDie(InteractionLog());
  EXPECT_EQ(rows.product_count(), 0u);
  EXPECT_TRUE(rows.Of(0).empty());
}

}  // namespace
}  // namespace attune::models
