#include "features/price_band.h"

#include <algorithm>
#include <cmath>

#include "features/category_price_table.h"
#include "features/decayed_value.h"
#include "features/limits.h"

namespace attune::features {
namespace {

constexpr double kLogRatioMax =
    5;  // 148 times the median: beyond is a wrong price, and one must not rule the mean.
constexpr double kWeightMin = 0.5;

}  // namespace

std::optional<double> LogPriceRatio(const catalog::Product& product, const CategoryPrices& prices,
                                    Currency base_currency) {
  const std::optional<double> log_price = LogListPrice(product, base_currency);
  if (!log_price) return std::nullopt;
  static const catalog::CategoryPath kNoPath;
  const std::optional<double> median =
      prices.MedianLogPrice(product.categories.empty() ? kNoPath : product.categories.front());
  if (!median) return std::nullopt;
  return std::clamp(*log_price - *median, -kLogRatioMax, kLogRatioMax);
}

void AddToPriceBand(double log_ratio, double weight, int64_t at_ms, int64_t half_life_ms, PriceBand& band) {
  AddDecayed(weight, at_ms, half_life_ms, band.weight);
  AddDecayed(weight * log_ratio, at_ms, half_life_ms, band.weighted_log_ratio);
  // All that was added has been taken back: what is left is rounding.
  if (std::abs(band.weight.value) < kAffinityWeightMin) band = PriceBand{};
}

std::optional<double> PriceRatio(const PriceBand& band, int64_t half_life_ms) {
  const int64_t at_ms = std::max(band.weight.as_of_ms, band.weighted_log_ratio.as_of_ms);
  const double weight = ValueAt(band.weight, at_ms, half_life_ms);
  if (weight < kWeightMin) return std::nullopt;
  const double mean = ValueAt(band.weighted_log_ratio, at_ms, half_life_ms) / weight;
  return std::exp(std::clamp(mean, -kLogRatioMax, kLogRatioMax));
}

}  // namespace attune::features
