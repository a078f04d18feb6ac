// The products of a catalogue that carry a sale price, the deepest discount first: where "on sale" candidates
// come from.
//
//   depth = largest 1 - sale / price over the price tags of a product: its own, its variants', of its markets
//   and of price lists.  Whether a sale runs now, and for whom, is asked of the live terms
//   (catalog/offer_terms.h).
//
// Thread safety: one thread at a time; what Top() gave is immutable.

#ifndef ATTUNE_CATALOG_SALE_SHELF_H_
#define ATTUNE_CATALOG_SALE_SHELF_H_

#include <cstdint>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "catalog/product.h"

namespace attune::catalog {

using SaleList = std::vector<ProductIndex>;

// 0: no sale price anywhere, or it is no discount.
double SaleDepth(const Product& product);

class SaleShelf {
 public:
  // Null: there is no product, before or after.
  void Replace(ProductIndex index, const Product* before, const Product* after);
  // The first kSaleShelfMax; ties by index.  The same list until something on it changes.
  std::shared_ptr<const SaleList> Top();

 private:
  std::set<std::pair<double, ProductIndex>> by_depth_;  // Negated depth.
  std::shared_ptr<const SaleList> top_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_SALE_SHELF_H_
