// The order of products whose scores are equal: by a stable hash of the product id, never by who came first.
//
// Without it, ties would go to the product with the smaller index, that is, to the one that the feed names
// first, and the top of a feed would always win.
//
//   IsBefore(a, b)  <=>  (hash(id of a), index of a) < (hash(id of b), index of b)
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_PRODUCT_TIES_H_
#define ATTUNE_MODELS_PRODUCT_TIES_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "base/ids.h"
#include "base/status.h"
#include "catalog/catalog_view.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class ProductTies {
 public:
  // With no catalogue (benchmark files), or for an index newer than it, the hash is that of the index.
  static std::shared_ptr<const ProductTies> Make(const catalog::CatalogView* catalog);

  uint32_t HashOf(uint32_t product) const {
    return product < hashes_.size() ? hashes_[product] : static_cast<uint32_t>(MixHash64(product, 0));
  }
  bool IsBefore(uint32_t a, uint32_t b) const {
    const uint32_t hash_a = HashOf(a);
    const uint32_t hash_b = HashOf(b);
    return hash_a != hash_b ? hash_a < hash_b : a < b;
  }
  size_t memory_bytes() const { return hashes_.size() * sizeof(uint32_t); }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const ProductTies>> Load(SectionReader& in);

 private:
  std::vector<uint32_t> hashes_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PRODUCT_TIES_H_
