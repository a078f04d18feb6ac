// The one form of every item-to-item model: for each product its strongest neighbours, best first.
//
//   rows.Of(a) = [(b, W[a->b]), ...]     8 bytes a neighbour: 32-bit index, 32-bit float
//
// Transition counts, item-kNN, RP3beta, graph filters and sparse ridge all end as SparseRows, so one file
// format, one scoring loop and one set of tests serve them all.
//
// Invariants (checked when made and when read from bytes)
//   (1) offsets.size() == product_count() + 1, offsets[0] == 0, never decreasing, last == neighbour_count().
//   (2) Every neighbour is < product_count() and not the row's own product; no neighbour twice in a row;
//   weights are finite. (3) A row is ordered by weight, largest first; equal weights by smaller index.
// Thread safety: immutable after construction; any number of threads.

#ifndef ATTUNE_MODELS_SPARSE_ROWS_H_
#define ATTUNE_MODELS_SPARSE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace attune::models {

struct Neighbour {
  uint32_t product = 0;
  float weight = 0;

  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

// The order within a row.
inline bool StrongerNeighbour(const Neighbour& a, const Neighbour& b) {
  return a.weight != b.weight ? a.weight > b.weight : a.product < b.product;
}

// Cuts `row` to its `keep` strongest and puts them in order.
void KeepStrongest(std::vector<Neighbour>& row, size_t keep);

class SparseRows {
 public:
  SparseRows() = default;
  // REQUIRES: every row holds the invariants except the order, which is made here.
  explicit SparseRows(std::vector<std::vector<Neighbour>> rows);

  // Empty for a product without neighbours and for one past the end (newer than the model).
  std::span<const Neighbour> Of(uint32_t product) const {
    if (product >= product_count()) return {};
    return std::span(neighbours_).subspan(offsets_[product], offsets_[product + 1] - offsets_[product]);
  }

  uint32_t product_count() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  size_t neighbour_count() const { return neighbours_.size(); }
  size_t memory_bytes() const;
  // Square root of the sum of squared weights: the size by which two models are made comparable.
  double Norm() const;

  // Layout: docs/formats/item-to-item.md.  The same rows give the same bytes on every machine.
  std::string Serialize(std::string_view name) const;
  // Fails with kCorruption when the bytes are not what Serialize(name) wrote, whatever they are.
  static Result<SparseRows> Parse(std::string_view bytes, std::string_view name);

  friend bool operator==(const SparseRows&, const SparseRows&) = default;

 private:
  Status Check() const;

  std::vector<uint64_t> offsets_ = {0};
  std::vector<Neighbour> neighbours_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SPARSE_ROWS_H_
