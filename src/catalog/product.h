// A product as the store knows it: the unit that is recommended, with its variants, prices, stock and texts.
//
// Amounts are minor units of `currency`.  Everything that differs by market, price list, location or language sits in
// the maps below; what a request sees is resolved by catalog/offer_terms.h (the one place that knows the precedence).
//
// Thread safety: value type; published products are const.

#ifndef ATTUNE_CATALOG_PRODUCT_H_
#define ATTUNE_CATALOG_PRODUCT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/money.h"

namespace attune::catalog {

// From broad to narrow: {"Home", "Lighting"}.
using CategoryPath = std::vector<std::string>;

// One leaf of the attributes document, for filters: {"size": {"eu": 42}} => path "size.eu", number 42.  Arrays give one
// entry per element.
struct Attribute {
  enum class Type : uint8_t { kText, kNumber, kBool };
  std::string path;
  Type type = Type::kText;
  std::string text;
  double number = 0;  // kBool: 0 or 1.

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

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
  std::string attributes_json;  // "{}" or empty: none.
  std::map<std::string, int64_t> stock_at;

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

  friend bool operator==(const Translation&, const Translation&) = default;
};

struct Product {
  std::string product_id;
  std::string title;
  std::string description;
  std::string brand;
  std::vector<CategoryPath> categories;  // The first is the main one.
  PriceTag price;
  std::optional<int64_t> cost_minor;
  bool in_stock = true;
  std::optional<int64_t> stock;  // Units; 0 or less means out of stock whatever in_stock says.
  std::string image;
  std::string url;
  std::vector<std::string> tags;
  std::string attributes_json;         // Verbatim; at most 32 kB; an object.
  std::vector<Attribute> attributes;   // Leaves of attributes_json, sorted by path.
  int64_t created_at_ms = 0;
  int64_t updated_at_ms = 0;
  bool is_hidden = false;  // By the merchant, or gone from a replacing feed.
  std::vector<Variant> variants;
  std::map<std::string, MarketTerms> markets;
  std::map<std::string, Translation> translations;
  std::map<std::string, int64_t> stock_at;
  std::map<std::string, PriceTag> price_lists;

  friend bool operator==(const Product&, const Product&) = default;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_H_
