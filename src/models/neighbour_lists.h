// For every product its most related products, best first, in compressed rows.
//
//   neighbours of i = entries[offsets[i] .. offsets[i + 1])
//
// RetrieveNeighbours answers a query from such lists: score(p) = sum over seeds of weight(seed) * score(seed
// -> p), with the seed that gave most as the reason.  Seeds themselves are never answered.
//
// Thread safety: immutable; RetrieveNeighbours keeps its scratch per thread.

#ifndef ATTUNE_MODELS_NEIGHBOUR_LISTS_H_
#define ATTUNE_MODELS_NEIGHBOUR_LISTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "models/candidate_source.h"
#include "models/product_ties.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct RelatedProduct {
  uint32_t product = 0;
  float score = 0;

  friend bool operator==(const RelatedProduct&, const RelatedProduct&) = default;
};

class NeighbourLists {
 public:
  NeighbourLists() : offsets_{0} {}
  // Row i of the lists is rows[i].
  explicit NeighbourLists(const std::vector<std::vector<RelatedProduct>>& rows);

  // Empty for a product that has none or came later.
  std::span<const RelatedProduct> Of(ProductIndex product) const;
  uint32_t product_count() const { return static_cast<uint32_t>(offsets_.size() - 1); }
  size_t entry_count() const { return entries_.size(); }
  size_t memory_bytes() const {
    return offsets_.size() * sizeof(uint32_t) + entries_.size() * sizeof(RelatedProduct);
  }

  void Save(SectionWriter& out) const;
  // Takes what Save() put; the caller calls in.Finish().
  static NeighbourLists Take(SectionReader& in);

 private:
  std::vector<uint32_t> offsets_;
  std::vector<RelatedProduct> entries_;
};

// Cuts `row` to its `count` best, best first; equal scores by `ties`.
void KeepBest(std::vector<RelatedProduct>& row, size_t count, const ProductTies& ties);

// Sums what speaks for each product, over dense scratch that is cleared by touching only what was used.
class ScoreSum {
 public:
  // Forgets everything; products may be any index below `product_count` from now on.
  void Start(size_t product_count);
  // `product` will not be answered.
  void Exclude(uint32_t product);
  void Add(uint32_t product, float score, ProductIndex because);
  // Appends the best `limit` products with a positive sum, best first; equal sums by `ties`.
  void TakeBest(size_t limit, const ProductTies& ties, std::vector<Candidate>& out);
  const std::vector<uint32_t>& touched() const { return touched_; }
  float score(uint32_t product) const { return cells_[product].sum; }

 private:
  struct Cell {
    float sum = 0;
    float largest = 0;
    uint32_t because = 0;
    bool is_touched = false;
    bool is_excluded = false;
  };
  std::vector<Cell> cells_;
  std::vector<uint32_t> touched_;  // Excluded ones too.
  std::vector<uint32_t> ranked_;
};

void RetrieveNeighbours(const NeighbourLists& lists, const ProductTies& ties, const SourceQuery& query,
                        size_t limit, std::vector<Candidate>& out);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEIGHBOUR_LISTS_H_
