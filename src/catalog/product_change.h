// What is to change about one product, after parsing and before it is folded: the fields named, and their
// values.
//
//   kPut     the whole product: fields not named return to their defaults.  PUT, and POST of a batch.
//   kPatch   the named fields only; null clears one.  Fails when the product does not exist.
//   kMerge   the named fields only, and the product is made when it does not exist: what a feed says, whose
//            columns own the fields that they fill and no others.
//   kDelete  the product goes; its index and name stay.
//   kHideAbsent  a replacing feed did not hold the product.
//
// Every top-level field remembers the time of its last write; a change touches only the fields whose last
// write is not newer than its updated_at_ms (product_merge.h).
//
// Thread safety: value types.

#ifndef ATTUNE_CATALOG_PRODUCT_CHANGE_H_
#define ATTUNE_CATALOG_PRODUCT_CHANGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/money.h"
#include "catalog/product.h"

namespace attune::catalog {

// Top-level fields with a write time each.  Numbers are on disk: never change one, never reuse one.
enum class ProductField : uint8_t {
  kTitle = 0,
  kDescription = 1,
  kBrand = 2,
  kCategories = 3,
  kPrice = 4,  // With the currency.
  kSalePrice = 5,
  kSaleDates = 6,
  kCost = 7,
  kInStock = 8,
  kStock = 9,
  kImage = 10,
  kUrl = 11,
  kTags = 12,
  kAttributes = 13,
  kCreatedAt = 14,
  kVariants = 15,
  kMarkets = 16,
  kTranslations = 17,
  kStockAt = 18,
  kPriceLists = 19,
  kHidden = 20,
  kSku = 21,
  kEans = 22,
  kPresence = 23,  // Whether the last replacing feed held the product.
  kImageVector = 24,
  kTextVector = 25,
};
inline constexpr int kProductFieldCount = 26;

// Fields of a variant, for patching one.  On disk.
enum class VariantField : uint8_t {
  kSku = 0,
  kEan = 1,
  kPrice = 2,
  kSalePrice = 3,
  kSaleDates = 4,
  kStock = 5,
  kInStock = 6,
  kImage = 7,
  kAttributes = 8,
  kStockAt = 9,
};
inline constexpr int kVariantFieldCount = 10;

// A set of fields.
template <class Field>
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr explicit FieldSet(uint32_t bits) : bits_(bits) {}
  constexpr void Add(Field field) { bits_ |= Bit(field); }
  constexpr bool Has(Field field) const { return (bits_ & Bit(field)) != 0; }
  constexpr uint32_t bits() const { return bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr bool operator==(FieldSet, FieldSet) = default;

 private:
  static constexpr uint32_t Bit(Field field) { return uint32_t{1} << static_cast<uint8_t>(field); }
  uint32_t bits_ = 0;
};
using ProductFields = FieldSet<ProductField>;
using VariantFields = FieldSet<VariantField>;

inline constexpr ProductFields kAllProductFields{(uint32_t{1} << kProductFieldCount) - 1};
inline constexpr VariantFields kAllVariantFields{(uint32_t{1} << kVariantFieldCount) - 1};

struct ProductChange {
  // Numbers are on disk: never change one, never reuse one.
  enum class Kind : uint8_t { kPut = 1, kPatch = 2, kMerge = 3, kDelete = 4, kHideAbsent = 5 };

  // A key of a map field (markets, translations, stock_at, price_lists) that a patch sets to null.
  struct RemovedKey {
    ProductField field;
    std::string key;
    friend bool operator==(const RemovedKey&, const RemovedKey&) = default;
  };

  Kind kind = Kind::kPut;
  std::string product_id;
  int64_t updated_at_ms = 0;
  ProductFields fields;  // Named ones.  kPut: all of them.
  // Values of the named fields; the rest is unused.  Maps hold the keys to set.
  Product values;
  std::vector<RemovedKey> removed;
  // Parallel to values.variants.
  std::vector<VariantFields> variant_fields;
  // False: variants that are not named stay (kPatch, and rows of a feed that comes in pieces).
  bool replaces_variants = false;
  // Map fields that are replaced as a whole, not key by key.
  bool replaces_maps = false;
  // The currency in which this change's amounts were read; see RescaleMinor in product_merge.h.
  Currency amounts_currency;

  friend bool operator==(const ProductChange&, const ProductChange&) = default;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_CHANGE_H_
