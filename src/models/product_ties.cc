#include "models/product_ties.h"

#include <string_view>

#include "models/model_file.h"

namespace attune::models {

std::shared_ptr<const ProductTies> ProductTies::Make(const catalog::CatalogView* catalog) {
  auto ties = std::make_shared<ProductTies>();
  if (catalog == nullptr) return ties;
  ties->hashes_.reserve(catalog->index_count());
  for (uint32_t i = 0; i < catalog->index_count(); ++i) {
    ties->hashes_.push_back(static_cast<uint32_t>(StableHash64(catalog->IdOf(ProductIndex(i)))));
  }
  return ties;
}

void ProductTies::Save(SectionWriter& out) const { out.PutArray<uint32_t>(hashes_); }

Result<std::shared_ptr<const ProductTies>> ProductTies::Load(SectionReader& in) {
  auto ties = std::make_shared<ProductTies>();
  ties->hashes_ = in.TakeArray<uint32_t>();
  RETURN_IF_ERROR(in.Finish());
  return std::shared_ptr<const ProductTies>(std::move(ties));
}

}  // namespace attune::models
