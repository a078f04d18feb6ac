// Vectors of products' texts that the shop supplies with the products, as an ExternalVectors.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_SUPPLIED_VECTORS_H_
#define ATTUNE_MODELS_SUPPLIED_VECTORS_H_

#include <cstddef>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/external_vectors.h"

namespace attune::models {

// Those of the length that most visible products have; the smaller of equals.
class SuppliedVectors final : public ExternalVectors {
 public:
  // Cost: a visit of the catalogue, which must outlive this.
  explicit SuppliedVectors(const catalog::CatalogView& catalog);

  size_t dimensions() const override { return dimensions_; }
  Status ForEach(const Visit& visit) const override;

 private:
  const catalog::CatalogView& catalog_;
  size_t dimensions_ = 0;
};

// Whether a training would use them, and so no fetched ones (external_vectors.h).  Cost: as above.
bool UsesSuppliedVectors(const catalog::CatalogView& catalog);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SUPPLIED_VECTORS_H_
