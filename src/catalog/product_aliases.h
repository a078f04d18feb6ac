// Which product a sku, ean or variant id leads to when several claim it: the one with the smallest index.
//
// So the answer is a function of the products as they are, not of the order in which they came: loading a
// snapshot and replaying the log give the same.  Claims beyond the first are rare (shops that reuse an ean)
// and kept apart.
//
// Thread safety: the writer strand only.

#ifndef ATTUNE_CATALOG_PRODUCT_ALIASES_H_
#define ATTUNE_CATALOG_PRODUCT_ALIASES_H_

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "catalog/product.h"
#include "catalog/product_ids.h"

namespace attune::catalog {

class ProductAliases {
 public:
  // `ids` must outlive this object.
  explicit ProductAliases(ProductIds* ids) : ids_(ids) {}

  // Either may be null: no product before or after.
  void Replace(ProductIndex index, const Product* before, const Product* after);

 private:
  void Claim(const std::string& alias, ProductIndex index);
  void Release(const std::string& alias, ProductIndex index);

  ProductIds* const ids_;
  std::map<std::string, std::set<ProductIndex>, std::less<>> contested_;  // Two claimants or more.
};

// Every name by which the product may be called besides its id.
std::set<std::string> AliasesOf(const Product& product);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_ALIASES_H_
