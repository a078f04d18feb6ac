// Median prices by category, kept up to date from the changes of the catalogue.
//
// Each category (every level of a product's main path, and the store) holds a histogram of log prices in
// steps of 1/16 (6.4 %), and its median, interpolated within the step:
//
//   prices 10, 20, 20, 80  =>  median log price about log(20)
//
// Counts are added and taken away, so the table is a function of the products that exist, not of the order in
// which they came; after a restart it is rebuilt from the catalogue and nothing is stored.
//
// Counted are visible products with a list price in the base currency (or none named).
// Memory: about 16 bytes per distinct price step of a category.
// Thread safety: one thread at a time (the writer strand).

#ifndef ATTUNE_FEATURES_CATEGORY_PRICE_TABLE_H_
#define ATTUNE_FEATURES_CATEGORY_PRICE_TABLE_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/money.h"
#include "features/category_prices.h"

namespace attune::features {

// The list price in minor units; nothing when the product has no positive price in the base currency.
std::optional<int64_t> ListPriceMinor(const catalog::Product& product, Currency base_currency);
// Its logarithm.
std::optional<double> LogListPrice(const catalog::Product& product, Currency base_currency);

class CategoryPriceTable final : public CategoryPrices {
 public:
  explicit CategoryPriceTable(Currency base_currency) : base_currency_(base_currency) {}

  // A product changed: `before` is null when it is new, `after` when it was deleted.  REQUIRES: `before` is
  // what the table was last told of this product.
  void Change(const catalog::Product* before, const catalog::Product* after);

  std::optional<double> MedianLogPrice(const catalog::CategoryPath& path) const override;

  size_t category_count() const { return histograms_.size(); }

 private:
  struct Histogram {
    uint32_t count = 0;
    double median = 0;
    std::vector<std::pair<int32_t, uint32_t>> steps;  // (step, products), by step.
  };

  void Count(const catalog::Product& product, int32_t by);
  static void Add(int32_t step, int32_t by, Histogram& histogram);

  const Currency base_currency_;
  absl::flat_hash_map<uint64_t, Histogram> histograms_;  // By the stable hash of the joined path.
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_CATEGORY_PRICE_TABLE_H_
