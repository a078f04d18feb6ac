#include "features/category_price_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/hash.h"
#include "features/limits.h"

namespace attune::features {
namespace {

constexpr double kStepsPerUnit = 16;  // Steps per factor e of price.

// Keys of the path's levels, broadest first: the store, then each level.  Chained, so no joined text is
// built.
std::vector<uint64_t> LevelKeys(const catalog::CategoryPath& path) {
  std::vector<uint64_t> keys;
  keys.reserve(path.size() + 1);
  keys.push_back(0);
  for (const std::string& level : path) {
    if (keys.size() > kCategoryLevelsMax) break;
    keys.push_back(StableHash64(level, keys.back() + 1));
  }
  return keys;
}

}  // namespace

std::optional<int64_t> ListPriceMinor(const catalog::Product& product, Currency base_currency) {
  if (!product.price.price_minor || *product.price.price_minor <= 0) return std::nullopt;
  if (!product.price.currency.is_none() && product.price.currency != base_currency) return std::nullopt;
  return product.price.price_minor;
}

std::optional<double> LogListPrice(const catalog::Product& product, Currency base_currency) {
  const std::optional<int64_t> price = ListPriceMinor(product, base_currency);
  if (!price) return std::nullopt;
  return std::log(static_cast<double>(*price));
}

void CategoryPriceTable::Change(const catalog::Product* before, const catalog::Product* after) {
  if (before != nullptr) Count(*before, -1);
  if (after != nullptr) Count(*after, 1);
}

void CategoryPriceTable::Count(const catalog::Product& product, int32_t by) {
  const std::optional<double> log_price = LogListPrice(product, base_currency_);
  if (!log_price || product.is_hidden) return;
  const auto step = static_cast<int32_t>(std::floor(*log_price * kStepsPerUnit));
  static const catalog::CategoryPath kNoPath;
  for (const uint64_t key : LevelKeys(product.categories.empty() ? kNoPath : product.categories.front())) {
    const auto place = histograms_.try_emplace(key).first;
    Add(step, by, place->second);
    if (place->second.count == 0) histograms_.erase(place);
  }
}

void CategoryPriceTable::Add(int32_t step, int32_t by, Histogram& histogram) {
  auto& steps = histogram.steps;
  auto place = std::lower_bound(steps.begin(), steps.end(), std::pair<int32_t, uint32_t>(step, 0));
  if (place == steps.end() || place->first != step) {
    if (by < 0)
      return;  // Never counted: the caller broke its promise, and the rest of the table stays right.
    place = steps.insert(place, {step, 0});
  }
  place->second += static_cast<uint32_t>(by);
  histogram.count += static_cast<uint32_t>(by);
  if (place->second == 0) steps.erase(place);

  // The median lies in the step where half of the products are passed, as far in as products are missing to
  // the half.
  const double half = histogram.count / 2.0;
  double passed = 0;
  for (const auto& [at, count] : steps) {
    if (passed + count >= half) {
      histogram.median = (at + (half - passed) / count) / kStepsPerUnit;
      break;
    }
    passed += count;
  }
}

std::optional<double> CategoryPriceTable::MedianLogPrice(const catalog::CategoryPath& path) const {
  const std::vector<uint64_t> keys = LevelKeys(path);
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    const auto found = histograms_.find(*key);
    if (found != histograms_.end() && found->second.count >= kCategoryPricesMin) return found->second.median;
  }
  return std::nullopt;
}

}  // namespace attune::features
