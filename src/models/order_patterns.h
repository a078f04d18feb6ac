// What an order holds after which purchases, and beside which products: two item-to-item tables learned from
// the orders of a store.
//
//   following   y ~ v W        W = (X'DX + ridge I)^-1 X'DY        linear regression of orders on purchases
//               v  what the shopper had bought before (purchase_vector.h), scaled to length 1: a row of X
//               y  1 / sqrt(products of the order) for each product in it: a row of Y
//               D  exp(-age / 120 days)
//   together    cosine of two products over the orders that hold them: n_ab / sqrt(n_a n_b)
//
// Both are of the kOrderPatternProductsMax products that these orders hold most, and of the latest
// kOrderPatternOrdersMax orders; a row keeps its kOrderPatternNeighboursMax largest.  W's diagonal, "again",
// stands apart, since rows never hold their own product.
//
// Unlike the similarities that blend into bought_together, W predicts: what two products explain together
// is not counted twice, and weights may be negative.
//
// Thread safety: OrderHistory one thread at a time; OrderPatterns is immutable.

#ifndef ATTUNE_MODELS_ORDER_PATTERNS_H_
#define ATTUNE_MODELS_ORDER_PATTERNS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/status.h"
#include "models/sparse_accumulator.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class OrderPatterns {
 public:
  // Says nothing of any product.
  OrderPatterns() = default;
  // REQUIRES: again.size() == following.product_count() == together.product_count().
  OrderPatterns(SparseRows following, std::vector<float> again, SparseRows together);

  // Starts `scores` and adds v W.  REQUIRES: products of `vector` are below `product_count`, which is at
  // least product_count().
  void AddFollowing(std::span<const Neighbour> vector, uint32_t product_count,
                    SparseAccumulator& scores) const;
  // Starts `scores` and adds up the cosines to each product of `vector`, whatever its weight.
  void AddTogether(std::span<const Neighbour> vector, uint32_t product_count,
                   SparseAccumulator& scores) const;

  uint32_t product_count() const { return static_cast<uint32_t>(again_.size()); }
  size_t memory_bytes() const;

  void Save(SectionWriter& out) const;
  static Result<OrderPatterns> Load(SectionReader& in);

 private:
  SparseRows following_;
  std::vector<float> again_;  // By product.
  SparseRows together_;
};

class OrderHistory {
 public:
  explicit OrderHistory(uint32_t product_count) : product_count_(product_count) {}

  // An order, and what its shopper had bought before; without that it counts for `together` only.
  // REQUIRES: products are below product_count; times do not go back.
  void Add(std::vector<Neighbour> bought_before, std::vector<uint32_t> order, int64_t at_ms);

  // As of `now_ms`.  kUnavailable when cancelled.
  Result<OrderPatterns> Learn(int64_t now_ms, const TrainingControl& control) const;

 private:
  struct Order {
    int64_t at_ms = 0;
    std::vector<Neighbour> before;  // Scaled to length 1.
    std::vector<uint32_t> products;
  };
  friend class OrderPatternLearning;  // order_patterns.cc

  uint32_t product_count_;
  std::deque<Order> orders_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ORDER_PATTERNS_H_
