// The catalogue as a decision reads it: the newest stock and prices, pinned for the length of one decision.
//
// The caller takes it after the profile was read and right before Decide(), so that a product sold out a moment ago is
// in no answer.  In production it is a catalog::CatalogView (decisions/catalog_view_reader.h); tests have their own.
//
// Thread safety: const; one decision uses it on one thread.

#ifndef ATTUNE_DECISIONS_LIVE_CATALOG_H_
#define ATTUNE_DECISIONS_LIVE_CATALOG_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "catalog/product.h"

namespace attune::decisions {

class LiveCatalog {
 public:
  virtual ~LiveCatalog() = default;
  // The last record of the log that it contains.
  virtual Sequence sequence() const = 0;
  // One past the largest index.
  virtual uint32_t index_count() const = 0;
  // Null for an index without a product.
  virtual const catalog::Product* Find(ProductIndex index) const = 0;
  // Of a product id, variant id, sku or ean.
  virtual std::optional<ProductIndex> Resolve(std::string_view any_id) const = 0;
  virtual std::string_view IdOf(ProductIndex index) const = 0;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_LIVE_CATALOG_H_
