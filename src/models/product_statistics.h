// What the whole shop does with each product, as of the moment a generation was trained: one row of numbers a
// product, for the ranker.
//
// Counts are those of features/product_features.h (halved every 7 and every 30 days), taken from the
// interaction log; a request lets them fade on to its own time.  They are part of the generation, not of the
// live feature store, so that a decision can be made again from its record, and so that training can look at
// the store as it was: the same code, with an earlier moment.
//
// Memory: 40 bytes a product.
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_PRODUCT_STATISTICS_H_
#define ATTUNE_MODELS_PRODUCT_STATISTICS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "features/feature_settings.h"
#include "models/interaction_log.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

class ProductStatistics {
 public:
  // Numbers of one product; NaN where nothing is known.
  struct Row {
    float views_short = 0;  // Faded counts as of as_of_ms(): short and long half-life.
    float views_long = 0;
    float carts_long = 0;
    float orders_short = 0;
    float orders_long = 0;
    float conversion = 0;  // Orders per view, shrunk (product_features.h).
    float cart_rate = 0;   // Carts per view, shrunk towards the store's.
    float trend = 0;
    float first_day = 0;         // Of its first event, in days since 1970.
    float log_median_price = 0;  // Of its category, in minor units.
  };

  // From the rows of `log` before `now_ms`.  Null `catalog`: no categories, no prices.
  static std::shared_ptr<const ProductStatistics> Count(const InteractionLog& log,
                                                        const catalog::CatalogView* catalog,
                                                        const features::FeatureSettings& settings,
                                                        Currency base_currency, int64_t now_ms);

  // A row of nothing for a product that is newer than the statistics.
  const Row& Of(ProductIndex product) const {
    return product.value() < rows_.size() ? rows_[product.value()] : unknown_;
  }
  int64_t as_of_ms() const { return as_of_ms_; }
  size_t memory_bytes() const { return rows_.size() * sizeof(Row); }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const ProductStatistics>> Load(SectionReader& in);

 private:
  ProductStatistics();

  Row unknown_;
  int64_t as_of_ms_ = 0;
  std::vector<Row> rows_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PRODUCT_STATISTICS_H_
