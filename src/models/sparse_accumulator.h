// Adds up rows of SparseRows into scores: the inner loop of every item-to-item answer.
//
//   accumulator.Start(product_count);
//   accumulator.AddRow(rows.Of(seed), factor, 0);      // score(b) += factor * W[seed->b]
//   accumulator.Mask(seed);                            // seeds are not candidates
//   accumulator.Strongest(limit, picked);              // best first, ties by stable hash
//
// Dense arrays of one cell a product make an addition one memory access; Start() only counts an epoch up, so
// a request pays for the cells it touches and not for the catalogue.
//
// Determinism: scores are sums in the order of the AddRow calls.
// Memory: 16 bytes per product of the largest model seen.  Thread safety: one thread at a time.

#ifndef ATTUNE_MODELS_SPARSE_ACCUMULATOR_H_
#define ATTUNE_MODELS_SPARSE_ACCUMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/product_ties.h"
#include "models/ranking_metrics.h"
#include "models/sparse_rows.h"

namespace attune::models {

struct ScoredProduct {
  uint32_t product = 0;
  float score = 0;
  uint32_t because = 0;  // The `seed` of the AddRow that gave the largest part; the first of equal ones.

  friend bool operator==(const ScoredProduct&, const ScoredProduct&) = default;
};

class SparseAccumulator {
 public:
  // Forgets everything and makes room for products [0, product_count).
  void Start(uint32_t product_count);

  // REQUIRES: neighbours < product_count of Start().
  void AddRow(std::span<const Neighbour> row, float factor, uint32_t seed);

  // A row of one neighbour of weight 1.
  void Add(uint32_t product, float score, uint32_t seed) {
    Cell& cell = cells_[product];
    if ((cell.epoch & ~kMaskedBit) != epoch_) {
      cell = {score, score, seed, epoch_};
      touched_.push_back(product);
      return;
    }
    cell.score += score;
    if (score > cell.largest_part) {
      cell.largest_part = score;
      cell.because = seed;
    }
  }

  // Adds the scores of `from`, times `factor`; a product's `because` counts with its whole score.
  // REQUIRES: `from` was started for no more products, and is another accumulator.
  void AddScaled(const SparseAccumulator& from, float factor);

  // Every product that has a score, in the order of their first ones; a masked one may be among them.
  std::span<const uint32_t> touched() const { return touched_; }

  // Sum of the positive scores.
  double PositiveSum() const;

  // Takes `product` out of Strongest() and RankOf().  Products past the end are ignored.
  void Mask(uint32_t product);

  // 0 for a product nothing was added to.
  float ScoreOf(uint32_t product) const;
  // The largest addition to the product's score; 0 for one nothing was added to.
  float LargestPartOf(uint32_t product) const;

  // Appends at most `limit` products with a positive score that are not masked; equal scores in the order of
  // `ties`, or of the hash of the index when it is null (benchmark files).
  void Strongest(size_t limit, std::vector<ScoredProduct>& out, const ProductTies* ties = nullptr);

  // Where `target` stands among all products of Start() that are not masked, those without a score counting
  // as 0. REQUIRES: target < product_count and not masked.
  TargetRank RankOf(uint32_t target) const;

  bool IsMasked(uint32_t product) const;

 private:
  struct Cell {
    float score = 0;
    float largest_part = 0;
    uint32_t because = 0;
    uint32_t epoch = 0;  // Of the Start() that the rest belongs to; the highest bit says masked.
  };
  static constexpr uint32_t kMaskedBit = 1u << 31;

  uint32_t product_count_ = 0;
  uint32_t epoch_ = 0;
  uint32_t masked_count_ = 0;
  std::vector<Cell> cells_;
  std::vector<uint32_t> touched_;  // Products with a cell of this epoch that is not only a mask.
  std::vector<ScoredProduct> picked_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SPARSE_ACCUMULATOR_H_
