// What next_order looks at: for one shopper at one moment, the products that may be in the next order, and
// what speaks for each.  Serving and learning make their rows here, so they cannot differ.
//
//   own rows   every product of the shopper's purchases
//   new rows   what the nearest shoppers bought, and the bestsellers of the month and the week
//
//   input                 own  new    meaning (logarithms; x+ is a number drawn towards a small prior)
//   kOrderCount            x          orders that hold it
//   kOrderShare            x          that, of the orders since the first with it
//   kDaysSince             x          days since the last of them
//   kOrdersSince           x          orders since then
//   kVectorWeight          x          its weight in the purchase vector
//   kShopperOrders         x          orders of the shopper
//   kShopperProducts       x          different products of the shopper
//   kShopperRepeats        x          how often the shopper bought each of them, on average
//   kShopperIdleDays       x          days since the last order
//   kMonthShare, kWeekShare, kEverShare   x  x   share of what the store sold
//   kRepeatShare           x    x     of its buyers, those who came back for it
//   kDaysUnsold            x    x     days since the store sold one: what is out of stock or out of season
//   kNeighbours            x    x     what the nearest shoppers bought (shopper_neighbours.h)
//   kQuarterShare          x    x     share of what the store sold in 90 days: a season is longer than a
//                                     month
//   kFollowing             x    x     what orders hold after such purchases (order_patterns.h)
//   kTogetherMean, kTogetherMost  x  x   cosine to the own products over the store's orders: mean, largest
//
// Thread safety: pure functions; const on shared state.

#ifndef ATTUNE_MODELS_NEXT_ORDER_ROWS_H_
#define ATTUNE_MODELS_NEXT_ORDER_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/candidate_source.h"
#include "models/order_patterns.h"
#include "models/product_sales.h"
#include "models/product_ties.h"
#include "models/purchase_vector.h"
#include "models/shopper_neighbours.h"

namespace attune::models {

struct NextOrderOptions {
  OrderDecay decay;
  // Nearest shoppers asked, and new products taken from them.
  uint32_t neighbours = 400;
  uint32_t neighbour_products = 160;
  // Bestsellers that are candidates.
  uint32_t month_bestsellers = 60;
  uint32_t week_bestsellers = 30;
};

enum NextOrderInput : size_t {
  kOrderCount,
  kOrderShare,
  kDaysSince,
  kOrdersSince,
  kVectorWeight,
  kShopperOrders,
  kShopperProducts,
  kShopperRepeats,
  kShopperIdleDays,
  kFirstSharedInput,  // The inputs of new rows begin here.
  kMonthShare = kFirstSharedInput,
  kWeekShare,
  kEverShare,
  kRepeatShare,
  kDaysUnsold,
  kNeighbours,
  kQuarterShare,
  kFollowing,
  kTogetherMean,
  kTogetherMost,
  kNextOrderInputs
};

struct NextOrderRow {
  uint32_t product = 0;
  bool is_own = false;
  std::array<float, kNextOrderInputs> inputs{};
};

// What a store knows at a moment.
struct NextOrderStore {
  NextOrderStore(std::shared_ptr<const ProductTies> product_ties, ShopperNeighbours all_neighbours,
                 ProductSales all_sales)
      : ties(std::move(product_ties)), neighbours(std::move(all_neighbours)), sales(std::move(all_sales)) {}

  std::shared_ptr<const ProductTies> ties;
  ShopperNeighbours neighbours;
  ProductSales sales;
  std::vector<uint32_t> bestsellers;
  OrderPatterns patterns;
};

// A shopper at a moment: purchases latest first, each product once; order times latest first.
struct NextOrderShopper {
  std::span<const Seed> purchases;
  std::span<const int64_t> order_times;
  int64_t now_ms = 0;
};

// Own rows first, in the order of the purchases, at most kVectorProductsMax; each product once.  `keeps_own`
// false: new rows only.  None for a shopper without purchases.
std::vector<NextOrderRow> MakeNextOrderRows(const NextOrderStore& store, const NextOrderShopper& shopper,
                                            const NextOrderOptions& options, bool keeps_own = true);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ORDER_ROWS_H_
