// A product as the store knows it: the unit that is recommended, with its variants, prices, stock and texts.
//
// Amounts are minor units of `currency`.  Everything that differs by market, price list, location or language
// sits in the maps below; what a request sees is resolved by catalog/offer_terms.h (the one place that knows
// the precedence).
//
// Thread safety: value type; published products are const.

#ifndef ATTUNE_CATALOG_PRODUCT_H_
#define ATTUNE_CATALOG_PRODUCT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"
#include "catalog/attribute_list.h"
#include "catalog/sorted_map.h"

namespace attune::catalog {

// From broad to narrow: {"Home", "Lighting"}.
using CategoryPath = std::vector<std::string>;

// A price with an optional sale; all optional so that an override may name only what differs.
struct PriceTag {
  std::optional<int64_t> price_minor;
  std::optional<int64_t> sale_price_minor;
  std::optional<int64_t> sale_from_ms;   // Included.
  std::optional<int64_t> sale_until_ms;  // Not included.
  Currency currency;                     // None: that of the product.

  friend bool operator==(const PriceTag&, const PriceTag&) = default;
};

struct Variant {
  std::string variant_id;
  std::string sku;
  std::string ean;
  PriceTag price;
  std::optional<int64_t> stock;
  std::optional<bool> in_stock;
  std::string image;
  std::string attributes_json;  // As of the product; empty: none.
  AttributeList attributes;
  SortedMap<int64_t> stock_at;

  friend bool operator==(const Variant&, const Variant&) = default;
};

struct MarketTerms {
  PriceTag price;
  std::string url;
  std::optional<bool> is_available;

  friend bool operator==(const MarketTerms&, const MarketTerms&) = default;
};

struct Translation {
  std::string title;
  std::string description;
  std::string url;
  std::vector<CategoryPath> categories;  // In the place of the product's; empty: those.
  std::string attributes_json;           // As of the product; empty: none.
  AttributeList attributes;              // Each in the place of the product's of the same path.

  friend bool operator==(const Translation&, const Translation&) = default;
};

struct Product {
  std::string product_id;
  std::string title;
  std::string description;
  std::string brand;
  std::string sku;                       // Of the product as a whole; variants have their own.
  std::vector<std::string> eans;         // Likewise.
  std::vector<CategoryPath> categories;  // The first is the main one.
  PriceTag price;
  std::optional<int64_t> cost_minor;
  bool in_stock = true;
  std::optional<int64_t> stock;  // Units; 0 or less means out of stock whatever in_stock says.
  std::string image;
  std::string url;
  std::vector<std::string> tags;
  // Supplied by the shop; empty: none.  Products that look alike, and that read alike, point the same way.
  std::vector<float> image_vector;
  std::vector<float> text_vector;
  std::string attributes_json;  // An object, without white space; at most 32 kB.
  AttributeList attributes;     // Leaves of attributes_json, sorted by path.
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  bool is_hidden = false;              // Either of the next two: what requests look at.
  bool is_hidden_by_merchant = false;  // A later feed does not show it again.
  bool is_gone_from_feed = false;  // The last replacing feed did not hold it; the next that does, shows it.
  std::vector<Variant> variants;
  SortedMap<MarketTerms> markets;
  SortedMap<Translation> translations;
  SortedMap<int64_t> stock_at;
  SortedMap<PriceTag> price_lists;

  friend bool operator==(const Product&, const Product&) = default;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_H_
