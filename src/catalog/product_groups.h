// Which products count as of one kind when a slate is kept varied: those of one brand, and those of one main
// category.  As hashes, so that counting a product reads neither it nor its texts.
//
// Thread safety: pure function.

#ifndef ATTUNE_CATALOG_PRODUCT_GROUPS_H_
#define ATTUNE_CATALOG_PRODUCT_GROUPS_H_

#include <cstdint>
#include <string_view>

#include "catalog/product.h"

namespace attune::catalog {

struct ProductGroups {
  uint64_t brand = 0;     // 0: none.
  uint64_t category = 0;  // Of the whole path of the first category; 0: none.
};

// ProductGroups::brand of the products of `brand`.
uint64_t BrandGroup(std::string_view brand);

ProductGroups GroupsOf(const Product& product);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_GROUPS_H_
