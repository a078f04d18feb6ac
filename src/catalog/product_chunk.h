// 256 products side by side, the unit of copying of a catalogue (catalog_view.h), and of each what a decision
// asks of a thousand products: whether every request may have it, and its groups.
//
// Products lie all over the memory; what is kept here of a whole chunk is in a few pages.
//
// Thread safety: as a standard container.

#ifndef ATTUNE_CATALOG_PRODUCT_CHUNK_H_
#define ATTUNE_CATALOG_PRODUCT_CHUNK_H_

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <utility>

#include "catalog/offer_terms.h"
#include "catalog/product.h"
#include "catalog/product_groups.h"

namespace attune::catalog {

class ProductChunk {
 public:
  static constexpr uint32_t kSize = 256;

  // Null where there is no product.  REQUIRES: place < kSize, as below.
  const Product* Find(uint32_t place) const { return products_[place].get(); }
  // See offer_terms.h; false where there is no product.
  bool IsAvailableToAll(uint32_t place) const { return is_available_to_all_[place]; }
  // None where there is no product.
  const ProductGroups& Groups(uint32_t place) const { return groups_[place]; }

  void Put(uint32_t place, std::shared_ptr<const Product> product) {
    is_available_to_all_[place] = product != nullptr && catalog::IsAvailableToAll(*product);
    groups_[place] = product == nullptr ? ProductGroups() : GroupsOf(*product);
    products_[place] = std::move(product);
  }

 private:
  std::array<std::shared_ptr<const Product>, kSize> products_;
  std::bitset<kSize> is_available_to_all_;
  std::array<ProductGroups, kSize> groups_ = {};
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_CHUNK_H_
