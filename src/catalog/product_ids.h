// External names of products to indices: product ids, and the variant ids, skus and eans that lead to a
// product.
//
//   names    "p1" -> 0, "p2" -> 1, ...      append-only: an index keeps its name for ever
//   aliases  "L-77-B" -> 0, "0884420588030" -> 1      follow the products: set and removed
//
// A placeholder is a name without a product so far: an event mentioned it before the feed brought it. Resolve
// looks for a product of that id first, then an alias, then a placeholder: a sku that an event used as a
// product id leads to its product once the feed has told.
//
// Names are kept once, back to back; the map is 16 shards of 4-byte indices hashed by the name they stand
// for, so that a name costs about 30 bytes besides its own.
//
// Thread safety: one writer (the store's strand); Resolve, FindName and IdOf from any thread at any time.

#ifndef ATTUNE_CATALOG_PRODUCT_IDS_H_
#define ATTUNE_CATALOG_PRODUCT_IDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/ids.h"

namespace attune::catalog {

class ProductIds {
 public:
  ProductIds();
  ~ProductIds();

  ProductIds(const ProductIds&) = delete;
  ProductIds& operator=(const ProductIds&) = delete;

  // Gives `index` the name `product_id`.  Indices may be named in any order and may leave gaps; naming one
  // again by the same name changes nothing.  REQUIRES: index < kProductIndicesMax; neither has another
  // partner.
  void AddName(ProductIndex index, std::string_view product_id);

  // Whether a product stands behind the name (or did until it was deleted).  REQUIRES: the index has a name.
  void SetHasProduct(ProductIndex index, bool has_product);

  void SetAlias(std::string_view alias, ProductIndex index);
  void RemoveAlias(std::string_view alias);

  // The index of a product id, variant id, sku or ean.
  std::optional<ProductIndex> Resolve(std::string_view any_id) const;
  // Of a product id only.
  std::optional<ProductIndex> FindName(std::string_view product_id) const;
  std::optional<ProductIndex> FindAlias(std::string_view alias) const;
  bool HasProduct(ProductIndex index) const;

  // Empty for an index without a name.  The text lives as long as this object.
  std::string_view IdOf(ProductIndex index) const;

  // One past the largest named index.
  uint32_t index_count() const;

  size_t memory_bytes() const;  // Estimated; from the writer's thread.

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_IDS_H_
