// What one request sees of a product: its price, its texts, whether it can be had, and which variant to name.
//
// The one place that knows the precedence; every filter, ranking and answer uses it.
//
//   price         product < best variant < market < price list.  A layer that names a price replaces the sale
//   below
//                 it too (a sale belongs to the price that it discounts); one that names only a sale
//                 discounts the price below it.  A market or list that the product does not name changes
//                 nothing.
//   sale          counts when sale_from <= now < sale_until and it is below the price.
//   title         translation of the locale ("de-AT", then "de") < nothing; else the product's.
//   url           market, then translation, then product.
//   availability  not hidden; the market does not say unavailable; in_stock is not false; stock is not 0 or
//   less;
//                 with variants, at least one can be had; with a location, units there when any are on record
//                 for any location (a location that is not named has none).
//   best variant  of those that can be had, the cheapest; of equals, the first.  Of none, the first.
//
// Thread safety: functions of their arguments.  OfferTerms points into the product that it was made from.

#ifndef ATTUNE_CATALOG_OFFER_TERMS_H_
#define ATTUNE_CATALOG_OFFER_TERMS_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/money.h"
#include "catalog/product.h"

namespace attune::catalog {

struct TermsContext {
  std::string_view market = {};
  std::string_view locale = {};
  std::string_view location = {};
  std::string_view price_list = {};
  int64_t now_ms = 0;
};

enum class Availability : uint8_t {
  kAvailable,
  kHidden,
  kNotInMarket,
  kOutOfStock,
  kNotAtLocation,
};

// "hidden", "not sold in this market", ...: for explanations.
std::string_view AvailabilityText(Availability availability);

struct OfferTerms {
  std::optional<int64_t> price_minor;       // What is paid now.
  std::optional<int64_t> list_price_minor;  // Without the sale; equal to price_minor when there is none.
  bool is_on_sale = false;
  Currency currency;
  Availability availability = Availability::kAvailable;
  std::optional<int64_t> stock;  // Units at the location, or in all; nothing: not on record.
  std::string_view title;
  std::string_view description;
  std::string_view url;
  std::string_view image;
  const Variant* variant = nullptr;          // Null when the product has none.
  const Translation* translation = nullptr;  // Of the locale; null when there is none.

  bool is_available() const { return availability == Availability::kAvailable; }
  std::string_view variant_id() const {
    return variant == nullptr ? std::string_view() : variant->variant_id;
  }
};

// Of the locale ("de-AT", then "de"); null when there is none.
const Translation* TranslationOf(const Product& product, std::string_view locale);

OfferTerms ResolveTerms(const Product& product, const TermsContext& context);

// Whether ResolveTerms says kAvailable whatever the context: true of most products, which no market leaves
// out and whose stock is not told by location.  (False may be said of one that happens to be available.)
bool IsAvailableToAll(const Product& product);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_OFFER_TERMS_H_
