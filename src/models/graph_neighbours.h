// Nearest neighbours by a walk through a graph of near rows (HNSW; Malkov and Yashunin, 2018), for tables
// that are too large to be scanned at a request.
//
// A graph finds what is near in Euclidean distance.  Unit vectors in the order of distance are in that of the
// cosine.  Inner products are made distances by one more dimension (Bachrach et al., "Speeding Up the Xbox
// Recommender System Using a Euclidean Transformation", 2014), with M the longest row:
//
//   y' = (y, sqrt(M^2 - |y|^2))    x' = (x, 0)    |x' - y'|^2 = |x|^2 + M^2 - 2 x . y
//
// A graph built on inner products themselves loses a tenth of the neighbours.  Rows are added one after the
// other, in the order of their tie hashes, by one thread: so the graph depends neither on threads nor on how
// rows are numbered.  A million rows of 64 take minutes to add and 0.5 GB.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_GRAPH_NEIGHBOURS_H_
#define ATTUNE_MODELS_GRAPH_NEIGHBOURS_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "models/nearest_neighbours.h"

namespace attune::models {

class GraphNeighbours final : public NearestNeighbours {
 public:
  GraphNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity);
  ~GraphNeighbours() override;

  std::string_view kind() const override { return "graph"; }
  void Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const override;
  size_t memory_bytes() const override;

 private:
  struct Graph;  // Holds the library, which no other file includes.

  const std::shared_ptr<const VectorTable> table_;
  const Similarity similarity_;
  const std::unique_ptr<Graph> graph_;  // Null for an empty table.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_GRAPH_NEIGHBOURS_H_
