// What was counted of every product up to a training: how popular it is, and how its impressions ended.
//
//   popularity = sum over views, carts and order lines of weight * 2^(-age / 30 d),  weight 1, 3, 5
//
// Decisions debias by it and explore by it (decisions/adjust.h, decisions/explore.h); since it belongs to a
// generation, a decision can be made again from its record.
//
// A product that came after training has counted nothing yet.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_PRODUCT_TALLY_H_
#define ATTUNE_MODELS_PRODUCT_TALLY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "models/slate_counts.h"

namespace attune::models {

class InteractionLog;
class SectionReader;
class SectionWriter;

inline constexpr int64_t kTallyHalfLifeMs = 30 * kDayMs;

class ProductTally {
 public:
  static constexpr std::string_view kName = "tally";

  static std::shared_ptr<const ProductTally> Train(const InteractionLog& log, int64_t now_ms);
  ProductTally() = default;  // Nothing was counted.
  // For tests: as if it had been counted.  Shorter ones are filled with zeros.
  ProductTally(std::vector<float> popularity, std::vector<SlateOutcomes> outcomes);

  double PopularityOf(ProductIndex product) const {
    return product.value() < popularity_.size() ? static_cast<double>(popularity_[product.value()]) : 0;
  }
  SlateOutcomes OutcomesOf(ProductIndex product) const {
    return product.value() < outcomes_.size() ? outcomes_[product.value()] : SlateOutcomes{};
  }
  // Clicks and carts per impression of the whole store; 0 while nothing was shown.
  double click_rate() const { return click_rate_; }
  double cart_rate() const { return cart_rate_; }
  size_t memory_bytes() const {
    return popularity_.size() * sizeof(float) + outcomes_.size() * sizeof(SlateOutcomes);
  }

  void Save(SectionWriter& out) const;
  static Result<std::shared_ptr<const ProductTally>> Load(SectionReader& in);

 private:
  std::vector<float> popularity_;
  std::vector<SlateOutcomes> outcomes_;
  double click_rate_ = 0;
  double cart_rate_ = 0;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_PRODUCT_TALLY_H_
