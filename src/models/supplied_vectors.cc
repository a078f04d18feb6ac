#include "models/supplied_vectors.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace attune::models {
namespace {

struct UsualVectors {
  size_t length = 0;           // Of the vector that most visible products have; 0: none has one.
  uint32_t count = 0;          // Of those visible products.
  uint32_t visible_count = 0;  // Of all.
};

UsualVectors FindUsual(const catalog::CatalogView& catalog) {
  UsualVectors usual;
  std::map<size_t, uint32_t> counts;
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product == nullptr || product->is_hidden) continue;
    ++usual.visible_count;
    if (!product->text_vector.empty()) ++counts[product->text_vector.size()];
  }
  for (const auto& [length, count] : counts) {
    if (count <= usual.count) continue;
    usual.length = length;
    usual.count = count;
  }
  return usual;
}

}  // namespace

SuppliedVectors::SuppliedVectors(const catalog::CatalogView& catalog)
    : catalog_(catalog), dimensions_(FindUsual(catalog).length) {}

Status SuppliedVectors::ForEach(const Visit& visit) const {
  if (dimensions_ == 0) return {};
  for (uint32_t i = 0; i < catalog_.index_count(); ++i) {
    const catalog::Product* const product = catalog_.Find(ProductIndex(i));
    if (product == nullptr || product->text_vector.size() != dimensions_) continue;
    if (!visit(i, product->text_vector)) break;
  }
  return {};
}

bool UsesSuppliedVectors(const catalog::CatalogView& catalog) {
  const UsualVectors usual = FindUsual(catalog);
  return AreEnoughVectors(usual.count, usual.visible_count);
}

}  // namespace attune::models
