// Walks through a store's orders in time, so that a model can be asked what it would have said before each.
//
//   orders  all purchase rows of the log, the latest kNextOrderRowsMax, as orders in time; those of one
//           moment by shopper and order
//   state   after each order: every shopper's purchases, the sales, and the neighbours' vectors; patterns of
//           orders are learned anew every four weeks of the walk
//
// Nobody's orders count for sales.  Only the kNeighbourShoppersMax shoppers who ordered last get a vector.
//
// Thread safety: one thread.

#ifndef ATTUNE_MODELS_NEXT_ORDER_WALK_H_
#define ATTUNE_MODELS_NEXT_ORDER_WALK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "models/interaction_log.h"
#include "models/next_order_rows.h"
#include "models/next_order_weights.h"
#include "models/order_patterns.h"
#include "models/product_ties.h"
#include "models/training_control.h"

namespace attune::models {

class NextOrderWalk {
 public:
  NextOrderWalk(const InteractionLog& log, std::shared_ptr<const ProductTies> ties,
                const NextOrderOptions& options);

  // To the end; the cases of the latest `cases_max` orders that came after an earlier order of their shopper.
  // Orders of which no row holds a product are no cases.  kUnavailable when cancelled.
  Result<std::vector<NextOrderCase>> Run(size_t cases_max, const TrainingControl& control);

  // As of the last order.  kUnavailable when cancelled.
  Result<NextOrderStore> TakeStore(int64_t now_ms, const TrainingControl& control);

 private:
  struct Row {
    int64_t at_ms = 0;
    uint64_t shopper = 0;  // Handle; 0: nobody.
    uint64_t order_hash = 0;
    uint32_t product = 0;
  };
  struct Shopper {
    std::vector<Seed> purchases;       // Latest first.
    std::vector<int64_t> order_times;  // Latest first.
    uint32_t vector = UINT32_MAX;      // Its number among the neighbours.
    bool gets_vector = false;
  };
  using Order = std::span<const Row>;

  void Collect(const InteractionLog& log);
  void ChooseNeighbours();
  std::vector<Order> Orders() const;
  void Add(Order order);
  void AddTo(Shopper& shopper, Order order);
  Result<NextOrderCase> CaseOf(Shopper& shopper, Order order, const TrainingControl& control);

  const NextOrderOptions options_;
  std::vector<Row> rows_;
  absl::flat_hash_map<uint64_t, Shopper> shoppers_;
  NextOrderStore store_;
  OrderHistory history_;
  int64_t bestsellers_as_of_ms_ = INT64_MIN;
  int64_t patterns_as_of_ms_ = INT64_MIN;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ORDER_WALK_H_
