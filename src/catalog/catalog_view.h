// An immutable picture of a store's products, shared by all request threads.
//
// A view is cheap to publish: products sit in chunks of 256 behind shared pointers, and a new view copies
// only the chunks that changed.  An index without a product (named by an event before the feed brought it, or
// deleted) stays empty for ever: indices are never reused.
//
// Thread safety: immutable, except Resolve(), which reads the store's append-only id map under its own lock.

#ifndef ATTUNE_CATALOG_CATALOG_VIEW_H_
#define ATTUNE_CATALOG_CATALOG_VIEW_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "catalog/product.h"
#include "catalog/product_chunk.h"
#include "catalog/sale_shelf.h"

namespace attune::catalog {

class ProductIds;  // catalog/product_ids.h: external ids to indices, append-only.

class CatalogView {
 public:
  using Chunk = ProductChunk;
  static constexpr uint32_t kChunkSize = Chunk::kSize;

  CatalogView(Sequence sequence, uint32_t index_count, uint32_t product_count,
              std::vector<std::shared_ptr<const Chunk>> chunks, std::shared_ptr<const ProductIds> ids,
              std::shared_ptr<const SaleList> on_sale = nullptr);

  // The last record of the log that this view contains.
  Sequence sequence() const { return sequence_; }
  // One past the largest index ever given.
  uint32_t index_count() const { return index_count_; }
  // Products that exist (hidden and sold-out ones too).
  uint32_t product_count() const { return product_count_; }

  // Products with a sale price, the deepest discount first, at most kSaleShelfMax (catalog/sale_shelf.h).
  std::span<const ProductIndex> on_sale() const {
    return on_sale_ == nullptr ? std::span<const ProductIndex>() : std::span(*on_sale_);
  }

  // Null for an index without a product, and for one that is newer than this view.
  const Product* Find(ProductIndex index) const;

  // Whether the product can be had in every market and at every location (offer_terms.h), without reading it;
  // false where Find() is null.
  bool IsAvailableToAll(ProductIndex index) const;

  // The product's groups, without reading it; none where Find() is null.
  ProductGroups GroupsOf(ProductIndex index) const;

  // Finds the product of a product id, variant id, sku or ean.  An index that is newer than this view is not
  // found.
  std::optional<ProductIndex> Resolve(std::string_view any_id) const;

  // The product id of an index, also of one without a product; empty for an index newer than this view.
  std::string_view IdOf(ProductIndex index) const;

 private:
  // Null past the end.
  const Chunk* ChunkOf(ProductIndex index) const;

  const Sequence sequence_;
  const uint32_t index_count_;
  const uint32_t product_count_;
  const std::vector<std::shared_ptr<const Chunk>> chunks_;
  const std::shared_ptr<const ProductIds> ids_;
  const std::shared_ptr<const SaleList> on_sale_;  // Null: none.
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_CATALOG_VIEW_H_
