// What a filter over products may name, and how each field is read from a product and the terms of its offer.
//
//   product_id, title, brand, category, tags, price, list_price, sale_price, on_sale, discount_percent,
//   in_stock, has_image, created_at, updated_at, age, age_days, attributes.<path>, variants.<path>      for
//   everybody cost, margin, margin_percent, stock                           for the shop's own configuration
//   only
//
// `price` is what this request would pay: of its market and price list, with a sale that runs now.  The
// second group is kept from request filters, because whoever may filter by a number can find it out.
//
// Thread safety: pure functions; ProductFields belongs to one thread.

#ifndef ATTUNE_DECISIONS_PRODUCT_FIELDS_H_
#define ATTUNE_DECISIONS_PRODUCT_FIELDS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "catalog/offer_terms.h"
#include "catalog/product.h"
#include "expressions/field_source.h"
#include "expressions/schema.h"

namespace attune::decisions {

// For filters in requests.
const expressions::Schema& RequestFilterSchema();
// For filters in configuration: also cost, margin_percent and stock.
const expressions::Schema& PlacementFilterSchema();

class ProductFields final : public expressions::FieldSource {
 public:
  // Both must outlive it.
  ProductFields(const catalog::Product& product, const catalog::OfferTerms& offer, int64_t now_ms)
      : product_(product), offer_(offer), now_ms_(now_ms) {}

  void Read(uint16_t field, std::string_view path, expressions::FieldValues& out) const override;
  void Call(uint16_t function, std::span<const expressions::Argument> arguments,
            expressions::FieldValues& out) const override;
  int64_t now_ms() const override { return now_ms_; }

 private:
  void ReadOffer(uint16_t field, expressions::FieldValues& out) const;
  void ReadMargin(bool in_percent, expressions::FieldValues& out) const;

  const catalog::Product& product_;
  const catalog::OfferTerms& offer_;
  const int64_t now_ms_;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_PRODUCT_FIELDS_H_
