// Nearest neighbours by looking at every row: 8-bit codes first, floats for those that could be among the
// best.
//
//   |x . y - s_x s_y (codes of x . codes of y)|  <=  s_x (|y|_1 + s_y |codes of x|_1) / 2 =: error of the row
//
// A row is scored in float unless even its upper bound is below the limit-th largest lower bound, so the
// answer is that of a scan of the floats, at a quarter of the memory read.
//
// For the inner product, rows are laid out by length, the longest first: since x . y <= |x| |y|, the scan
// stops at the first block whose longest row is below the bound (LEMP, Teflioudi et al., SIGMOD 2015).
// Vectors of a factorisation are long for popular products, so most of a catalogue is rarely looked at.
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

#include "models/nearest_neighbours.h"

namespace attune::models {

class ExactNeighbours final : public NearestNeighbours {
 public:
  ExactNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity);

  std::string_view kind() const override { return "exact"; }
  void Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const override;
  size_t memory_bytes() const override;

 private:
  // The row of the table at each place of the layout.
  static std::vector<uint32_t> Layout(const VectorTable& table, Similarity similarity);

  const std::shared_ptr<const VectorTable> table_;
  const Similarity similarity_;
  const std::vector<uint32_t> rows_;  // By place, as all below.
  std::vector<int8_t> codes_;         // Row-major, padded (als_scan.h).
  std::vector<float> scales_;         // The row is about codes * scale, over its length for cosine.
  std::vector<float> half_sums_;      // |row|_1 / 2, over its length for cosine.
  std::vector<float> norms_;          // |row|.
};

// The order of answers of both implementations: by similarity, then tie hash, then row.
bool IsNearer(const VectorTable& table, const NearRow& a, const NearRow& b);
// 1 / |vector|, 0 for zero.
float InverseNorm(std::span<const float> vector);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EXACT_NEIGHBOURS_H_
