// The fields of a product for the filter language: their names, and their values for one request.
//
//   price < 50 AND category: "Home > Lighting" AND attributes.colour = "black" AND NOT variants.size = "S"
//
//   for everybody        product_id title description brand category tags image url has_image variant_id
//                        price list_price sale_price on_sale discount_percent in_stock created_at updated_at
//                        age age_days attributes.<path> variants.<attribute> (also variant_id, sku, ean,
//                        price)
//                        attributes.<path> are those of the product and of its variants
//   for the shop only    cost margin margin_percent stock variants.stock
//
// Amounts are major units of the request's currency: `price` is what this request would pay, sale_price is
// there only while it is on sale.  margin = price - cost; percentages are of the price (margin) and of the
// list price (discount), 0 to 100.  in_stock says whether the request can have it.  A value that a product
// does not have is no value, not 0; a product that nobody dated has no age.
//
// The second group is kept from requests with a public key: whoever may filter by a number can find it out.
//
// Thread safety: pure functions; a ProductFieldSource belongs to one thread.

#ifndef ATTUNE_CATALOG_PRODUCT_FIELDS_H_
#define ATTUNE_CATALOG_PRODUCT_FIELDS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/offer_terms.h"
#include "catalog/product.h"
#include "expressions/field_source.h"
#include "expressions/schema.h"

namespace attune::catalog {

enum class FieldScope : uint8_t { kEverybody, kShop };

// Adds the fields to `schema`.  Field numbers are those of ProductFieldSource; a schema that adds fields of
// its own starts at kProductFieldNumbersEnd.
void AddProductFields(expressions::Schema& schema, FieldScope scope);
inline constexpr uint16_t kProductFieldNumbersEnd = 100;

// A schema of these fields and no others: what a filter over products may name.  Lives for ever.
const expressions::Schema& ProductFilterSchema(FieldScope scope);

class ProductFieldSource : public expressions::FieldSource {
 public:
  // `product` and `terms` must outlive it.  `scope` is that of the schema: it hides variants.stock.
  ProductFieldSource(const Product& product, const OfferTerms& terms, int64_t now_ms, FieldScope scope)
      : product_(product), terms_(terms), now_ms_(now_ms), scope_(scope) {}

  void Read(uint16_t field, std::string_view path, expressions::FieldValues& out) const override;
  void Call(uint16_t function, std::span<const expressions::Argument> arguments,
            expressions::FieldValues& out) const override;
  int64_t now_ms() const override { return now_ms_; }

 private:
  void ReadTerms(uint16_t field, expressions::FieldValues& out) const;
  void ReadMargin(bool is_percent, expressions::FieldValues& out) const;
  void ReadVariants(std::string_view path, expressions::FieldValues& out) const;

  const Product& product_;
  const OfferTerms& terms_;
  const int64_t now_ms_;
  const FieldScope scope_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_FIELDS_H_
