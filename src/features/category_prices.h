// What things usually cost in a category, so that "expensive" means expensive for a lamp, not for a shop.
//
// Thread safety: as the implementation says.

#ifndef ATTUNE_FEATURES_CATEGORY_PRICES_H_
#define ATTUNE_FEATURES_CATEGORY_PRICES_H_

#include <optional>

#include "catalog/product.h"

namespace attune::features {

class CategoryPrices {
 public:
  virtual ~CategoryPrices() = default;

  // The median of log(price in minor units) over the products of the category; of the next broader level when
  // it has fewer than kCategoryPricesMin prices, at last of the whole store (the empty path).  Nothing when
  // that has too few.
  virtual std::optional<double> MedianLogPrice(const catalog::CategoryPath& path) const = 0;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_CATEGORY_PRICES_H_
