// Gives the product index of an external product id, also of one that no feed has brought yet.
//
// An event may name a product before the catalogue does.  The catalogue implements this on the writer strand,
// while a batch is being prepared: an unknown id gets the next index and the naming is logged in the same
// batch, before the record that uses it.  Variant ids, skus and eans give the index of their product.
//
// Thread safety: the writer strand only.

#ifndef ATTUNE_EVENTS_PRODUCT_NAMER_H_
#define ATTUNE_EVENTS_PRODUCT_NAMER_H_

#include <string_view>

#include "base/ids.h"

namespace attune::events {

class ProductNamer {
 public:
  virtual ~ProductNamer() = default;
  // REQUIRES: `external_id` is not empty, clean text and at most kIdBytesMax bytes.
  virtual ProductIndex IndexFor(std::string_view external_id) = 0;
};

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_PRODUCT_NAMER_H_
