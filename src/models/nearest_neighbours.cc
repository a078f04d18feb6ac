#include "models/nearest_neighbours.h"

#include <utility>

#include "models/exact_neighbours.h"
#include "models/graph_neighbours.h"
#include "models/limits.h"

namespace attune::models {

std::shared_ptr<const NearestNeighbours> MakeNearestNeighbours(std::shared_ptr<const VectorTable> table,
                                                               Similarity similarity) {
  if (table->row_count() > kExactVectorsMax) {
    return std::make_shared<const GraphNeighbours>(std::move(table), similarity);
  }
  return std::make_shared<const ExactNeighbours>(std::move(table), similarity);
}

}  // namespace attune::models
