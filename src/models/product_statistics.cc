#include "models/product_statistics.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <span>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "features/category_price_table.h"
#include "features/product_features.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr size_t kNumbersPerRow = sizeof(ProductStatistics::Row) / sizeof(float);
// Carts per view are shrunk to the store's rate by so many views.
constexpr double kCartRatePrior = 50;

uint64_t CategoryKeyOf(const catalog::Product* product) {
  if (product == nullptr || product->categories.empty()) return 0;
  uint64_t key = 1;
  for (const std::string& level : product->categories.front()) key = StableHash64(level, key);
  return key;
}

features::ProductCounts CountsOf(const Interaction& row) {
  features::ProductCounts counts;
  switch (row.kind) {
    case InteractionKind::kView:
      counts.views = 1;
      break;
    case InteractionKind::kCart:
      counts.carts = 1;
      break;
    case InteractionKind::kPurchase:
      counts.orders = 1;
      break;
  }
  return counts;
}

struct Totals {
  std::vector<features::ProductFeatures> products;
  features::ConversionSums store;
  absl::flat_hash_map<uint64_t, features::ConversionSums> categories;
  int64_t first_at_ms = 0;
  double views = 0;
  double carts = 0;
};

Totals CountAll(const InteractionLog& log, const catalog::CatalogView* catalog,
                const features::FeatureSettings& settings, int64_t now_ms) {
  Totals totals;
  totals.products.reserve(log.product_index_count());
  log.ForEachRow([&](const Interaction& row) {
    if (row.at_ms >= now_ms) return;
    // Only as far as products were known: a place that a later one takes would be one of no views.
    if (row.product.value() >= totals.products.size())
      totals.products.resize(row.product.value() + size_t{1});
    features::ProductFeatures& product = totals.products[row.product.value()];
    features::AddCounts(CountsOf(row), row.at_ms, settings, product);
    if (row.kind == InteractionKind::kView) ++product.view_count;
    if (row.kind == InteractionKind::kCart) ++product.cart_count;
    if (row.kind == InteractionKind::kPurchase) ++product.order_count;
    if (totals.first_at_ms == 0 || row.at_ms < totals.first_at_ms) totals.first_at_ms = row.at_ms;
  });
  for (uint32_t i = 0; i < totals.products.size(); ++i) {
    features::ProductFeatures& product = totals.products[i];
    if (catalog != nullptr) product.category_key = CategoryKeyOf(catalog->Find(ProductIndex(i)));
    const features::ConversionTrials trials = features::TrialsOf(product);
    totals.store.Add(trials, 1);
    totals.store.view_count += static_cast<int64_t>(product.view_count);
    totals.categories[product.category_key].Add(trials, 1);
    totals.views += static_cast<double>(product.view_count);
    totals.carts += static_cast<double>(product.cart_count);
  }
  return totals;
}

void FillCounts(const features::ProductFeatures& product, const Totals& totals,
                const features::FeatureSettings& settings, int64_t now_ms, ProductStatistics::Row& row) {
  const auto recent =
      features::CountsAt(product.short_term, product.as_of_ms, now_ms, settings.product_short_half_life_ms);
  const auto lasting =
      features::CountsAt(product.long_term, product.as_of_ms, now_ms, settings.product_long_half_life_ms);
  row.views_short = static_cast<float>(recent.views);
  row.views_long = static_cast<float>(lasting.views);
  row.carts_long = static_cast<float>(lasting.carts);
  row.orders_short = static_cast<float>(recent.orders);
  row.orders_long = static_cast<float>(lasting.orders);
  const auto conversion = features::Conversion(features::TrialsOf(product),
                                               totals.categories.at(product.category_key), totals.store);
  if (conversion) row.conversion = static_cast<float>(*conversion);
  if (totals.views > 0) {
    row.cart_rate = static_cast<float>(
        (static_cast<double>(product.cart_count) + kCartRatePrior * totals.carts / totals.views) /
        (static_cast<double>(product.view_count) + kCartRatePrior));
  }
  const auto trend = features::Trend(product, totals.first_at_ms, now_ms, settings);
  if (trend) row.trend = static_cast<float>(*trend);
  if (product.first_at_ms > 0) {
    row.first_day =
        static_cast<float>(static_cast<double>(product.first_at_ms) / static_cast<double>(kDayMs));
  }
}

// Median prices of categories need a look at every product.
void FillPrices(const catalog::CatalogView& catalog, Currency base_currency,
                std::vector<ProductStatistics::Row>& rows) {
  features::CategoryPriceTable prices(base_currency);
  for (uint32_t i = 0; i < catalog.index_count(); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product != nullptr) prices.Change(nullptr, product);
  }
  static const catalog::CategoryPath kNoPath;
  for (uint32_t i = 0; i < std::min<size_t>(catalog.index_count(), rows.size()); ++i) {
    const catalog::Product* const product = catalog.Find(ProductIndex(i));
    if (product == nullptr) continue;
    const auto median =
        prices.MedianLogPrice(product->categories.empty() ? kNoPath : product->categories.front());
    if (median) rows[i].log_median_price = static_cast<float>(*median);
  }
}

}  // namespace

ProductStatistics::ProductStatistics() : unknown_{0, 0, 0, 0, 0, kNone, kNone, kNone, kNone, kNone} {}

std::shared_ptr<const ProductStatistics> ProductStatistics::Count(const InteractionLog& log,
                                                                  const catalog::CatalogView* catalog,
                                                                  const features::FeatureSettings& settings,
                                                                  Currency base_currency, int64_t now_ms) {
  std::shared_ptr<ProductStatistics> made(new ProductStatistics());
  made->as_of_ms_ = now_ms;
  const Totals totals = CountAll(log, catalog, settings, now_ms);
  const size_t product_count =
      std::max<size_t>(totals.products.size(), catalog == nullptr ? 0 : catalog->index_count());
  made->rows_.assign(product_count, made->unknown_);
  for (size_t i = 0; i < totals.products.size(); ++i) {
    FillCounts(totals.products[i], totals, settings, now_ms, made->rows_[i]);
  }
  if (catalog != nullptr) FillPrices(*catalog, base_currency, made->rows_);
  return made;
}

void ProductStatistics::Save(SectionWriter& out) const {
  out.PutU64(static_cast<uint64_t>(as_of_ms_));
  std::vector<float> numbers(rows_.size() * kNumbersPerRow);
  if (!rows_.empty()) std::memcpy(numbers.data(), rows_.data(), rows_.size() * sizeof(Row));
  out.PutArray(numbers);
}

Result<std::shared_ptr<const ProductStatistics>> ProductStatistics::Load(SectionReader& in) {
  std::shared_ptr<ProductStatistics> made(new ProductStatistics());
  made->as_of_ms_ = static_cast<int64_t>(in.TakeU64());
  const std::vector<float> numbers = in.TakeArray<float>();
  if (numbers.size() % kNumbersPerRow != 0) return Corruption("the statistics of products are damaged");
  made->rows_.resize(numbers.size() / kNumbersPerRow);
  if (!numbers.empty())
    std::memcpy(static_cast<void*>(made->rows_.data()), numbers.data(), numbers.size() * sizeof(float));
  return std::shared_ptr<const ProductStatistics>(std::move(made));
}

}  // namespace attune::models
