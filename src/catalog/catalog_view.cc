#include "catalog/catalog_view.h"

#include <utility>

#include "base/status.h"
#include "catalog/product_ids.h"

namespace attune::catalog {

CatalogView::CatalogView(Sequence sequence, uint32_t index_count, uint32_t product_count,
                         std::vector<std::shared_ptr<const Chunk>> chunks,
                         std::shared_ptr<const ProductIds> ids, std::shared_ptr<const SaleList> on_sale)
    : sequence_(sequence),
      index_count_(index_count),
      product_count_(product_count),
      chunks_(std::move(chunks)),
      ids_(std::move(ids)),
      on_sale_(std::move(on_sale)) {
  CHECK(ids_ != nullptr);
  CHECK(chunks_.size() * kChunkSize <= uint64_t{index_count_} + kChunkSize - 1);
}

const CatalogView::Chunk* CatalogView::ChunkOf(ProductIndex index) const {
  const uint32_t number = index.value() / kChunkSize;
  return index.value() >= index_count_ || number >= chunks_.size() ? nullptr : chunks_[number].get();
}

const Product* CatalogView::Find(ProductIndex index) const {
  const Chunk* const chunk = ChunkOf(index);
  return chunk == nullptr ? nullptr : chunk->Find(index.value() % kChunkSize);
}

bool CatalogView::IsAvailableToAll(ProductIndex index) const {
  const Chunk* const chunk = ChunkOf(index);
  return chunk != nullptr && chunk->IsAvailableToAll(index.value() % kChunkSize);
}

ProductGroups CatalogView::GroupsOf(ProductIndex index) const {
  const Chunk* const chunk = ChunkOf(index);
  return chunk == nullptr ? ProductGroups() : chunk->Groups(index.value() % kChunkSize);
}

std::optional<ProductIndex> CatalogView::Resolve(std::string_view any_id) const {
  const std::optional<ProductIndex> index = ids_->Resolve(any_id);
  if (!index || index->value() >= index_count_) return std::nullopt;
  return index;
}

std::string_view CatalogView::IdOf(ProductIndex index) const {
  return index.value() < index_count_ ? ids_->IdOf(index) : std::string_view();
}

}  // namespace attune::catalog
