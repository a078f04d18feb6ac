// How often two products are in the same baskets, for all pairs: the one engine behind item-kNN, RP3beta,
// graph filters and sparse ridge.
//
//   G[a, b] = sum over baskets u that hold a and b of |u|^-basket_exponent
//
// With exponent 0 these are counts; with 1 a basket of n products gives each of its pairs 1/n, so that a
// shopper who bought everything says little.  The matrix is never held: rows are made block by block (a
// sparse matrix product, one dense accumulator per thread) and handed to a visitor that keeps what it needs.
//
// Deterministic: sums are integers (2^-32 units), so the order of baskets and the number of threads change no
// bit. Thread safety: immutable after construction; ForEachRow starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_GRAM_ENGINE_H_
#define ATTUNE_MODELS_GRAM_ENGINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "models/sequence_file.h"
#include "models/sparse_rows.h"

namespace attune::models {

class GramEngine {
 public:
  // Products of a basket count once.  REQUIRES: every product < product_count; basket_exponent in [0, 2].
  GramEngine(const Sequences& baskets, uint32_t product_count, double basket_exponent);

  uint32_t product_count() const { return static_cast<uint32_t>(baskets_of_.size() - 1); }
  // Baskets that hold `product`.
  uint32_t CountOf(uint32_t product) const {
    return static_cast<uint32_t>(baskets_of_[product + 1] - baskets_of_[product]);
  }
  // G[product, product].
  float DiagonalOf(uint32_t product) const { return diagonal_[product]; }
  // The weight of a basket, averaged over all (basket, product) pairs: 1 for exponent 0.
  double mean_weight() const { return mean_weight_; }

  // `row` holds the products that share a basket with `product`, by product, without itself; it is the
  // visitor's to change until it returns.
  using VisitRow = std::function<void(uint32_t worker, uint32_t product, std::vector<Neighbour>& row)>;
  // Visits every product once, in any order, from several threads; `worker` is below WorkerCount(threads).
  void ForEachRow(uint32_t threads, const VisitRow& visit) const;

 private:
  std::vector<size_t>
      products_of_;  // Basket u holds products_[products_of_[u] .. products_of_[u + 1]), ascending.
  std::vector<uint32_t> products_;
  std::vector<uint64_t> weight_units_;  // By basket, in 2^-32.
  std::vector<size_t> baskets_of_;      // Product p is in baskets_[baskets_of_[p] .. baskets_of_[p + 1]).
  std::vector<uint32_t> baskets_;
  std::vector<float> diagonal_;
  double mean_weight_ = 1;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GRAM_ENGINE_H_
