// Sets of products seen together (the lines of an order, the products of a visit), and which sets hold a
// product.
//
//   sets:      set s holds set_products[set_offsets[s] .. set_offsets[s + 1])
//   inverted:  product p is in sets product_sets[product_offsets[p] .. product_offsets[p + 1])
//
// Thread safety: immutable after Finish().

#ifndef ATTUNE_MODELS_BOUGHT_TOGETHER_GROUPS_H_
#define ATTUNE_MODELS_BOUGHT_TOGETHER_GROUPS_H_

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "base/status.h"

namespace attune::models {

class Groups {
 public:
  Groups() : set_offsets_{0} {}

  // `products` has no product twice.
  void AddSet(std::span<const uint32_t> products) {
    set_products_.insert(set_products_.end(), products.begin(), products.end());
    CHECK(set_products_.size() <= UINT32_MAX);
    set_offsets_.push_back(static_cast<uint32_t>(set_products_.size()));
  }

  // Builds the inverted lists.  REQUIRES: every product is below `product_count`.
  void Finish(size_t product_count) {
    product_offsets_.assign(product_count + 1, 0);
    for (const uint32_t product : set_products_) ++product_offsets_[product + 1];
    std::partial_sum(product_offsets_.begin(), product_offsets_.end(), product_offsets_.begin());
    product_sets_.resize(set_products_.size());
    std::vector<uint32_t> next(product_offsets_.begin(), product_offsets_.end() - 1);
    for (uint32_t set = 0; set < set_count(); ++set) {
      for (const uint32_t product : ProductsOf(set)) product_sets_[next[product]++] = set;
    }
  }

  size_t set_count() const { return set_offsets_.size() - 1; }
  size_t product_count() const { return product_offsets_.empty() ? 0 : product_offsets_.size() - 1; }
  size_t line_count() const { return set_products_.size(); }
  std::span<const uint32_t> ProductsOf(size_t set) const {
    return {set_products_.data() + set_offsets_[set], set_products_.data() + set_offsets_[set + 1]};
  }
  std::span<const uint32_t> SetsOf(size_t product) const {
    return {product_sets_.data() + product_offsets_[product],
            product_sets_.data() + product_offsets_[product + 1]};
  }

 private:
  std::vector<uint32_t> set_offsets_;
  std::vector<uint32_t> set_products_;
  std::vector<uint32_t> product_offsets_;
  std::vector<uint32_t> product_sets_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BOUGHT_TOGETHER_GROUPS_H_
