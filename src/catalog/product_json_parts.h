// The nested parts of a product in JSON: prices, categories, variants, and what differs by market or
// language.
//
// For product_json.cc; it includes simdjson.  Each function names the field at fault below `field`.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_CATALOG_PRODUCT_JSON_PARTS_H_
#define ATTUNE_CATALOG_PRODUCT_JSON_PARTS_H_

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/status.h"
#include "catalog/product.h"
#include "catalog/product_change.h"

namespace attune::catalog {

// At least one number, at most dimensions_max, finite and not all zero.
Result<std::vector<float>> ReadVector(const simdjson::dom::element& value, std::string_view field,
                                      size_t dimensions_max);

// One path: an array of names from broad to narrow, or "Home > Lighting".  Empty for null and for no levels.
Result<CategoryPath> ReadCategoryPath(const simdjson::dom::element& value, std::string_view field);

// `category`: the path that stands first, once.
Status ReadMainCategory(const simdjson::dom::element& value, const std::string& field,
                        std::vector<CategoryPath>& paths);
// `categories`: each path once, behind those that are there.
Status ReadCategories(const simdjson::dom::element& value, const std::string& field,
                      std::vector<CategoryPath>& paths);

// A price, or an object with price, sale_price, sale_from, sale_until, currency.
Result<PriceTag> ReadPriceTag(const simdjson::dom::element& value, std::string_view field, Currency currency);

// "2026-06-01T00:00Z/2026-06-30T23:59Z" as Google writes sale_price_effective_date; both times are required.
Status ReadSaleInterval(const simdjson::dom::element& value, std::string_view field, PriceTag& tag);

// Refuses a sale that ends before it starts.
Status CheckSaleDates(const PriceTag& tag, std::string_view field);

// Adds to change.values.variants and change.variant_fields.
Status ReadVariants(const simdjson::dom::element& value, Currency currency, ProductChange& change);

// Each adds to its map in change.values and to change.removed (keys set to null).
Status ReadMarkets(const simdjson::dom::element& value, Currency currency, ProductChange& change);
Status ReadTranslations(const simdjson::dom::element& value, ProductChange& change);
Status ReadPriceLists(const simdjson::dom::element& value, Currency currency, ProductChange& change);
Status ReadProductStockAt(const simdjson::dom::element& value, ProductChange& change);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_JSON_PARTS_H_
