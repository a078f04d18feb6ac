// What a shopper bought, as one vector over products in which newer orders count more.
//
//   v[p] = sum over the orders with p of  w(orders since),   w(k) = within_group^(k mod group_size) *
//          across_groups^(k / group_size)
//
// The two-level decay of Hu et al., "Modeling Personalized Item Frequency Information for Next-basket
// Recommendation" (TIFU-KNN), SIGIR 2020.  A profile keeps of a product how often, first and last; the orders
// in between are taken as evenly spaced, which is exact for up to two.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_PURCHASE_VECTOR_H_
#define ATTUNE_MODELS_PURCHASE_VECTOR_H_

#include <cstdint>
#include <span>
#include <vector>

#include "models/candidate_source.h"
#include "models/sparse_rows.h"

namespace attune::models {

struct OrderDecay {
  double within_group = 0.9;
  double across_groups = 0.7;
  uint32_t group_size = 7;

  double WeightOf(uint32_t orders_since) const;
};

// Of a purchase: when it was first made.
inline int64_t FirstAtMs(const Seed& purchase) {
  return purchase.first_at_ms == 0 ? purchase.at_ms : purchase.first_at_ms;
}

// Orders after `at_ms`.  REQUIRES: order_times latest first.
uint32_t OrdersAfter(std::span<const int64_t> order_times, int64_t at_ms);

// v[p] of one purchase.
double PurchaseWeight(const Seed& purchase, std::span<const int64_t> order_times, const OrderDecay& decay);

// By product.  Of the first kVectorProductsMax purchases.
std::vector<Neighbour> PurchaseVector(std::span<const Seed> purchases, std::span<const int64_t> order_times,
                                      const OrderDecay& decay);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PURCHASE_VECTOR_H_
