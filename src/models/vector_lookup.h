// Vectors of products, one kind of a model: products that point the same way are alike.
//
// The seam between models that have vectors (ALS, content) and those who compare products
// (decisions/spread.h).
//
// Thread safety: const; any number of threads.

#ifndef ATTUNE_MODELS_VECTOR_LOOKUP_H_
#define ATTUNE_MODELS_VECTOR_LOOKUP_H_

#include <span>

#include "base/ids.h"

namespace attune::models {

class VectorLookup {
 public:
  virtual ~VectorLookup() = default;
  // All of one length; empty for a product without one.  Valid as long as this object.
  virtual std::span<const float> VectorOf(ProductIndex product) const = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_VECTOR_LOOKUP_H_
