// What the log keeps of the catalogue (RecordKind::kProduct), and what the products column keeps of one
// index.
//
//   ProductRecord { name*, change* }        layout: docs/formats/products.md
//
// A name gives an index its product id.  Names come before what uses them, in the same or an earlier record,
// so that folding the log never has to invent an index.  A change names its product by index alone.
//
// Thread safety: value types; functions from any thread.

#ifndef ATTUNE_CATALOG_PRODUCT_RECORD_H_
#define ATTUNE_CATALOG_PRODUCT_RECORD_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "catalog/product.h"
#include "catalog/product_change.h"
#include "catalog/product_merge.h"

namespace attune::catalog {

struct IndexName {
  ProductIndex index;
  std::string product_id;

  friend bool operator==(const IndexName&, const IndexName&) = default;
};

struct IndexedChange {
  ProductIndex index;
  ProductChange change;  // Its product_id is not stored; empty after decoding.

  friend bool operator==(const IndexedChange&, const IndexedChange&) = default;
};

struct ProductRecord {
  std::vector<IndexName> names;
  std::vector<IndexedChange> changes;

  friend bool operator==(const ProductRecord&, const ProductRecord&) = default;
};

// Appends to one payload, so that a batch need not be held twice.
void AppendName(const IndexName& name, std::string& payload);
void AppendChange(ProductIndex index, const ProductChange& change, std::string& payload);

std::string EncodeProductRecord(const ProductRecord& record);
Result<ProductRecord> DecodeProductRecord(std::string_view payload);

// One index as the products column keeps it.
struct StoredProduct {
  std::string product_id;
  std::optional<Product> product;  // Nothing: a placeholder, or deleted.
  FieldClocks clocks;
};

std::string EncodeStoredProduct(std::string_view product_id, const Product* product,
                                const FieldClocks& clocks);
Result<StoredProduct> DecodeStoredProduct(std::string_view bytes);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_RECORD_H_
