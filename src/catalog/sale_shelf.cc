#include "catalog/sale_shelf.h"

#include <algorithm>
#include <optional>

#include "catalog/limits.h"

namespace attune::catalog {
namespace {

double DepthOf(const PriceTag& tag, const std::optional<int64_t>& usual_minor) {
  const std::optional<int64_t> price = tag.price_minor ? tag.price_minor : usual_minor;
  if (!tag.sale_price_minor || !price || *price <= 0 || *tag.sale_price_minor >= *price) return 0;
  return 1 - static_cast<double>(*tag.sale_price_minor) / static_cast<double>(*price);
}

}  // namespace

double SaleDepth(const Product& product) {
  const std::optional<int64_t>& usual = product.price.price_minor;
  double depth = DepthOf(product.price, usual);
  for (const Variant& variant : product.variants) depth = std::max(depth, DepthOf(variant.price, usual));
  for (const auto& [name, terms] : product.markets) depth = std::max(depth, DepthOf(terms.price, usual));
  for (const auto& [name, tag] : product.price_lists) depth = std::max(depth, DepthOf(tag, usual));
  return depth;
}

void SaleShelf::Replace(ProductIndex index, const Product* before, const Product* after) {
  const double depth_before = before == nullptr ? 0 : SaleDepth(*before);
  const double depth_after = after == nullptr ? 0 : SaleDepth(*after);
  if (depth_before == depth_after) return;
  if (depth_before > 0) by_depth_.erase({-depth_before, index});
  if (depth_after > 0) by_depth_.insert({-depth_after, index});
  top_ = nullptr;
}

std::shared_ptr<const SaleList> SaleShelf::Top() {
  if (top_ != nullptr) return top_;
  auto top = std::make_shared<SaleList>();
  for (const auto& [depth, index] : by_depth_) {
    if (top->size() == kSaleShelfMax) break;
    top->push_back(index);
  }
  top_ = std::move(top);
  return top_;
}

}  // namespace attune::catalog
