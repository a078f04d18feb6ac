// Nearest neighbours by looking at every row, at most of them from far off.
//
//   1. Rows lie by length, the longest first.  x . y <= |x| |y|, so the scan stops at the first block whose
//      longest row cannot reach the limit-th best so far (LEMP: Teflioudi et al., SIGMOD 2015).
//   2. Vectors are turned to the principal axes of the table, which changes no inner product and moves most
//      of each vector into its first coordinates, the head.  Heads are scanned as 12-bit codes for an upper
//      bound (inner_product_bounds.h).
//   3. A row whose bound reaches the limit-th best so far is scored in float, from the table.
//
// No bound is below what it bounds, so the answer is that of a scan of the floats.  For cosines all rows
// count as of length 1: step 1 never stops early, the others are the same.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_EXACT_NEIGHBOURS_H_
#define ATTUNE_MODELS_EXACT_NEIGHBOURS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/inner_product_bounds.h"
#include "models/nearest_neighbours.h"

namespace attune::models {

class ExactNeighbours final : public NearestNeighbours {
 public:
  ExactNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity);

  std::string_view kind() const override { return "exact"; }
  void Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const override;
  size_t memory_bytes() const override;

 private:
  // What the inner product of a row counts times: 1, or 1 / |row| for cosines.
  float FactorOf(std::span<const float> row) const;
  // Sets `turned` to the coordinates of `vector` along the axes.
  void Turn(std::span<const float> vector, std::vector<float>& turned) const;
  // Heads hold kHeadEnergy of the squares of all rows.
  void LayOut();

  const std::shared_ptr<const VectorTable> table_;
  const Similarity similarity_;
  std::vector<float> axes_;     // Orthonormal, one after the other, the main one first.
  std::vector<uint32_t> rows_;  // The row of the table at each place of the layout.
  std::vector<float> longest_;  // |row| of the longest row from each block on.
  CodedHeads heads_;            // By place.
};

// The order of answers of both implementations: by similarity, then tie hash, then row.
bool IsNearer(const VectorTable& table, const NearRow& a, const NearRow& b);
// 1 / |vector|, 0 for zero.
float InverseNorm(std::span<const float> vector);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EXACT_NEIGHBOURS_H_
