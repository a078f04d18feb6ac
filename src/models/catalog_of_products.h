// A CatalogView of a list of products, indexed as listed: for tests, benchmarks and evaluation without a
// store.
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_CATALOG_OF_PRODUCTS_H_
#define ATTUNE_MODELS_CATALOG_OF_PRODUCTS_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "catalog/catalog_view.h"
#include "catalog/product_ids.h"

namespace attune::models {

// Products without an id are indices without a product.  REQUIRES: ids differ.
inline std::shared_ptr<const catalog::CatalogView> CatalogOfProducts(std::vector<catalog::Product> products) {
  constexpr uint32_t kChunkSize = catalog::CatalogView::kChunkSize;
  auto ids = std::make_shared<catalog::ProductIds>();
  std::vector<std::shared_ptr<catalog::CatalogView::Chunk>> chunks((products.size() + kChunkSize - 1) /
                                                                   kChunkSize);
  uint32_t product_count = 0;
  const auto index_count = static_cast<uint32_t>(products.size());
  for (uint32_t i = 0; i < index_count; ++i) {
    auto& chunk = chunks[i / kChunkSize];
    if (!chunk) chunk = std::make_shared<catalog::CatalogView::Chunk>();
    if (products[i].product_id.empty()) continue;
    ids->AddName(ProductIndex(i), products[i].product_id);
    ids->SetHasProduct(ProductIndex(i), true);
    chunk->Put(i % kChunkSize, std::make_shared<const catalog::Product>(std::move(products[i])));
    ++product_count;
  }
  return std::make_shared<const catalog::CatalogView>(
      Sequence(1), index_count, product_count,
      std::vector<std::shared_ptr<const catalog::CatalogView::Chunk>>(chunks.begin(), chunks.end()),
      std::move(ids));
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CATALOG_OF_PRODUCTS_H_
