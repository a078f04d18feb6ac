#include "catalog/product_groups.h"

#include <string>

#include "base/hash.h"

namespace attune::catalog {

ProductGroups GroupsOf(const Product& product) {
  ProductGroups groups;
  if (!product.brand.empty()) groups.brand = StableHash64(product.brand);
  if (!product.categories.empty()) {
    groups.category = product.categories.front().size();
    for (const std::string& level : product.categories.front()) {
      groups.category = StableHash64(level, groups.category);
    }
  }
  return groups;
}

}  // namespace attune::catalog
