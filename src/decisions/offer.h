// What one request would get of a product: its price, stock and best variant in the request's market, price
// list and location, now.
//
// Thread safety: pure functions over const data.

#ifndef ATTUNE_DECISIONS_OFFER_H_
#define ATTUNE_DECISIONS_OFFER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/money.h"
#include "catalog/product.h"

namespace attune::decisions {

// Where a request stands.
struct OfferPlace {
  std::string_view market;
  std::string_view price_list;
  std::string_view location;
};

struct Offer {
  std::optional<int64_t> price_minor;       // To pay now; nothing: the product has no price.
  std::optional<int64_t> list_price_minor;  // Before a sale.
  Currency currency;
  bool is_in_stock = false;
  bool is_available = false;     // In this market at all.
  std::optional<int64_t> stock;  // Units, when counted.
  std::string_view variant_id;   // The best variant in stock; empty: none.  Lives as long as the product.

  bool is_on_sale() const { return price_minor && list_price_minor && *price_minor < *list_price_minor; }
  double discount_percent() const {
    if (!is_on_sale()) return 0;
    return 100.0 * static_cast<double>(*list_price_minor - *price_minor) /
           static_cast<double>(*list_price_minor);
  }
};

Offer OfferOf(const catalog::Product& product, const OfferPlace& place, int64_t now_ms);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_OFFER_H_
