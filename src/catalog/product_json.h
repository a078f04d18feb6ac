// Products as JSON: reading what shops send, and writing what answers hold.
//
// The shape is that of the API (docs/guide/import-products.md lists every field).  Unknown fields are
// ignored; wrong ones refuse the product and are named by path: "variants[2].price".  Amounts are numbers or
// decimal strings in major units; a sale is `sale_price` with `sale_from` and `sale_until` (or
// `sale_price_effective_date` "2026-06-01/2026-06-30").  `category` is one path (an array, or "Home >
// Lighting"), `categories` holds several.
//
// Null, and an empty text, clear a field.
//
// Thread safety: any thread; parsers are kept per thread.

#ifndef ATTUNE_CATALOG_PRODUCT_JSON_H_
#define ATTUNE_CATALOG_PRODUCT_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/money.h"
#include "base/status.h"
#include "catalog/product.h"
#include "catalog/product_change.h"

namespace attune::catalog {

struct ProductParseOptions {
  ProductChange::Kind kind = ProductChange::Kind::kPut;
  // The id in the request's path; a product_id in the body must agree.  Empty: the body must name it.
  std::string_view product_id;
  Currency default_currency;  // The store's: for amounts without a currency.
  // The write time unless the body has `updated_at`.  A later `updated_at` counts as now: a clock that runs
  // ahead must not lock a field.
  int64_t now_ms = 0;
};

Result<ProductChange> ParseProductChange(std::string_view json, const ProductParseOptions& options);

// A body of many products: a JSON array, or one JSON object per line (NDJSON).
struct ProductBatch {
  struct Rejection {
    size_t index;  // In the body, from 0.
    Status status;
  };
  std::vector<ProductChange> changes;
  std::vector<size_t> indices;  // Parallel to changes: where each stood in the body.
  std::vector<Rejection> rejections;
};

// Fails as a whole when the body is neither, or holds more than kBatchProductsMax products.
Result<ProductBatch> ParseProductBatch(std::string_view body, const ProductParseOptions& options);

enum class Audience : uint8_t {
  kPublic,  // A browser: never cost, never how many are in stock.
  kSecret,  // The shop's own systems: everything, in_stock and hidden as they were sent.
};

// One JSON object, as the API answers it.  `attributes` come back as they were sent, without white space.
void WriteProductJson(JsonWriter& json, const Product& product, Audience audience);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_JSON_H_
