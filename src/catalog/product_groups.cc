#include "catalog/product_groups.h"

#include <string>

#include "base/hash.h"

namespace attune::catalog {

uint64_t BrandGroup(std::string_view brand) { return brand.empty() ? 0 : StableHash64(brand); }

ProductGroups GroupsOf(const Product& product) {
  ProductGroups groups;
  groups.brand = BrandGroup(product.brand);
  if (!product.categories.empty()) {
    groups.category = product.categories.front().size();
    for (const std::string& level : product.categories.front()) {
      groups.category = StableHash64(level, groups.category);
    }
  }
  return groups;
}

}  // namespace attune::catalog
