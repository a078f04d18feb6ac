// Folds a change into a product: which write of a field wins.
//
//   feed  02:00  price 24.90  stock 12         clocks: price 02:00, stock 02:00
//   patch 09:30  stock 3                                             stock 09:30
//   feed  09:00  price 19.90  stock 12   =>    price 19.90 (09:00), stock 3 (09:30 is newer than 09:00)
//
// The newest updated_at wins, field by field; of equal times, the later in the log.  A deleted product keeps
// the time of its deletion, so an older feed does not bring it back.
//
// Pure functions of their arguments: replaying the log gives the same product.
// Thread safety: FieldClocks is a value type; the functions may be called from any thread.

#ifndef ATTUNE_CATALOG_PRODUCT_MERGE_H_
#define ATTUNE_CATALOG_PRODUCT_MERGE_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/money.h"
#include "catalog/product.h"
#include "catalog/product_change.h"

namespace attune::catalog {

// When each field was last written: one time for all, and the fields that differ or were never written (time
// 0). 24 bytes for a product that only feeds write.
class FieldClocks {
 public:
  using Exception = std::pair<ProductField, int64_t>;

  FieldClocks() = default;
  FieldClocks(const FieldClocks& other) { *this = other; }
  FieldClocks(FieldClocks&&) noexcept = default;
  FieldClocks& operator=(const FieldClocks& other);
  FieldClocks& operator=(FieldClocks&&) noexcept = default;

  int64_t Of(ProductField field) const;
  void Set(ProductField field, int64_t time_ms);
  // All fields: what a deletion does.
  void SetAll(int64_t time_ms);
  // The first write of a product: other fields stay unwritten, so that an older write of them still counts.
  void SetFirst(ProductFields fields, int64_t time_ms);

  int64_t base_ms() const { return base_ms_; }
  ProductFields unwritten() const { return ProductFields(unwritten_bits_); }
  std::vector<Exception> exceptions() const;  // Sorted by field.
  size_t memory_bytes() const;

  friend bool operator==(const FieldClocks& a, const FieldClocks& b);

 private:
  int64_t base_ms_ = 0;
  uint32_t unwritten_bits_ = 0;
  std::unique_ptr<std::vector<Exception>> exceptions_;  // Null: none.
};

struct MergeResult {
  bool is_changed = false;  // Anything but clocks.
  bool exists = false;      // After the change.
  // The new product when it exists and is_changed; else unused.
  Product product;
};

// `current` is null when there is no product.  `recorded_at_ms` is the record's time: the default of
// created_at. Updates `clocks`.  REQUIRES: change.values obeys limits.h.
MergeResult MergeProduct(const Product* current, const ProductChange& change, int64_t recorded_at_ms,
                         FieldClocks& clocks);

// The same amount with the decimals of another currency: 1200 JPY-minor read as EUR is 120000.  Amounts whose
// currency a sender left out are read in the product's, which another write may change before they are
// folded.
int64_t RescaleMinor(int64_t minor, Currency from, Currency to);

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_PRODUCT_MERGE_H_
