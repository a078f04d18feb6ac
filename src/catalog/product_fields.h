// The fields of a product for the filter language: which paths there are, and their values for one request.
//
//   price < 50 AND category: "Home > Lighting" AND attributes.colour = "black"
//
//   product_id title description brand tags image url variant_id         text
//   category          every level and every joined path: "Home", "Lighting", "Home > Lighting"
//   price list_price sale_price cost margin   major units of the request's currency; sale_price only while on
//   sale,
//                                             margin = price - cost
//   discount_percent margin_percent           0 to 100; margin_percent is of the price
//   on_sale in_stock has_image                yes or no; in_stock is whether the request can have it
//   stock                                     units
//   created_at updated_at                     times, in ms; age_days is days since created_at
//   attributes.<path>  variants.<attribute>   any; what the documents hold, variants' of all variants
//   variants.variant_id variants.sku variants.ean variants.price variants.stock
//
// A path is resolved once per filter; a value that a product does not have is no value (not 0, not "").
//
// Thread safety: value types; functions from any thread.

#ifndef ATTUNE_CATALOG_PRODUCT_FIELDS_H_
#define ATTUNE_CATALOG_PRODUCT_FIELDS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/offer_terms.h"
#include "catalog/product.h"

namespace attune::catalog {

enum class FieldType : uint8_t { kText, kNumber, kBool, kTime, kAny };

// A resolved path.
struct ProductPath {
  uint8_t field = 0;  // Of the table in product_fields.cc.
  FieldType type = FieldType::kText;
  bool is_secret = false;   // Cost and margin, exact stock: not for a filter of a public key.
  bool is_several = false;  // May have several values: a filter holds when one of them does.
  std::string attribute;    // Below attributes. or variants.
};

// Nothing for a path that no product can have.
std::optional<ProductPath> ResolveProductPath(std::string_view path);

// All fixed paths, for messages ("unknown field; there are: ...") and documentation.
std::vector<std::string_view> ProductPathNames();

struct FieldValue {
  FieldType type = FieldType::kText;  // kText, kNumber, kBool or kTime.
  std::string_view text;              // Only during the visit.
  double number = 0;                  // kBool: 0 or 1; kTime: milliseconds.
};

// Visits the values until `visit` returns false.  Visits nothing when the product has no such value.
void VisitFieldValues(const Product& product, const OfferTerms& terms, int64_t now_ms,
                      const ProductPath& path, const std::function<bool(const FieldValue&)>& visit);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_FIELDS_H_
