// Everything trainers learn from, in columns: who did what with which product, when.
//
// Filled by a fold over the store's log on the trainer's thread (and by `attune evaluate` from benchmark files), so
// that training in production and in evaluation is the same code on the same type.  Purchases follow the order book:
// when an order is cancelled or a line refunded, its rows are taken away.
//
// Bounded by rows_max (limits.h): the oldest rows leave first.
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_INTERACTION_LOG_H_
#define ATTUNE_MODELS_INTERACTION_LOG_H_

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace attune::models {

enum class InteractionKind : uint8_t { kView = 1, kCart = 2, kPurchase = 3 };

struct Interaction {
  ShopperHandle shopper;
  ProductIndex product;
  InteractionKind kind = InteractionKind::kView;
  float quantity = 1;
  int64_t at_ms = 0;
  uint64_t order_hash = 0;  // Rows of one order share it; 0 for views and carts.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_INTERACTION_LOG_H_
