#include "features/product_features.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/record_wire.h"
#include "features/decayed_value.h"
#include "features/event_weights.h"
#include "features/limits.h"
#include "protozero/pbf_reader.hpp"
#include "protozero/pbf_writer.hpp"

namespace attune::features {
namespace {

constexpr int64_t kRateScale = 1024;

void Fade(double factor, ProductCounts& counts) {
  counts.views *= factor;
  counts.carts *= factor;
  counts.orders *= factor;
  counts.units *= factor;
  counts.revenue_minor *= factor;
}

void AddFaded(const ProductCounts& more, double factor, ProductCounts& counts) {
  counts.views += more.views * factor;
  counts.carts += more.carts * factor;
  counts.orders += more.orders * factor;
  counts.units += more.units * factor;
  counts.revenue_minor += more.revenue_minor * factor;
}

double Activity(const ProductCounts& counts) {
  return counts.views * LineWeight(events::EventType::kProductViewed) +
         counts.carts * LineWeight(events::EventType::kProductAdded) + counts.orders * kPurchaseWeight;
}

// Numbers are on disk: never change one, never reuse one.
enum Field : protozero::pbf_tag_type {
  kCounts = 1,
  kAsOf = 2,
  kFirstAt = 3,
  kViewCount = 4,
  kCartCount = 5,
  kOrderCount = 6,
  kUnitCount = 7,
  kRevenue = 8,
  kCategoryKey = 9,
};
constexpr size_t kCountsPerProduct = 10;

constexpr std::string_view kWires = "bvvvvvvvf";  // As HasKnownWire() takes them.

}  // namespace

void AddCounts(const ProductCounts& counts, int64_t at_ms, const FeatureSettings& settings,
               ProductFeatures& features) {
  const bool is_first = features.first_at_ms == 0 && features.as_of_ms == 0;
  const int64_t age_ms = is_first ? 0 : at_ms - features.as_of_ms;
  const double short_factor = DecayFactor(std::abs(age_ms), settings.product_short_half_life_ms);
  const double long_factor = DecayFactor(std::abs(age_ms), settings.product_long_half_life_ms);
  if (age_ms > 0) {
    Fade(short_factor, features.short_term);
    Fade(long_factor, features.long_term);
  }
  AddFaded(counts, age_ms < 0 ? short_factor : 1, features.short_term);
  AddFaded(counts, age_ms < 0 ? long_factor : 1, features.long_term);
  features.as_of_ms = is_first ? at_ms : std::max(features.as_of_ms, at_ms);
  features.first_at_ms = is_first ? at_ms : std::min(features.first_at_ms, at_ms);
}

ProductCounts CountsAt(const ProductCounts& counts, int64_t as_of_ms, int64_t now_ms, int64_t half_life_ms) {
  ProductCounts faded = counts;
  Fade(DecayFactor(now_ms - as_of_ms, half_life_ms), faded);
  faded.views = std::max(0.0, faded.views);
  faded.carts = std::max(0.0, faded.carts);
  faded.orders = std::max(0.0, faded.orders);
  faded.units = std::max(0.0, faded.units);
  faded.revenue_minor = std::max(0.0, faded.revenue_minor);
  return faded;
}

ConversionTrials TrialsOf(const ProductFeatures& features) {
  const int64_t orders = std::clamp<int64_t>(features.order_count, 0, kConversionCountMax);
  const int64_t views = static_cast<int64_t>(std::min<uint64_t>(features.view_count, kConversionCountMax));
  const int64_t trials = std::max(views, orders);
  if (trials <= kConversionTrialsMax) return {trials, orders};
  const double share = static_cast<double>(orders) / static_cast<double>(trials);
  return {kConversionTrialsMax, static_cast<int64_t>(share * static_cast<double>(kConversionTrialsMax))};
}

void ConversionSums::Add(const ConversionTrials& product, int64_t by) {
  if (product.trials == 0) return;
  product_count += by;
  trials += by * product.trials;
  orders += by * product.orders;
  trials_squared += by * product.trials * product.trials;
  scaled_squared_rate += by * (product.orders * product.orders * kRateScale / product.trials);
}

double PriorStrength(const ConversionSums& store) {
  if (store.product_count < kConversionProductsMin || store.trials == 0) return kConversionStrengthDefault;
  const auto n = static_cast<double>(store.trials);
  const double rate = static_cast<double>(store.orders) / n;
  if (rate <= 0 || rate >= 1) return kConversionStrengthDefault;
  const double others = static_cast<double>(store.product_count - 1);
  const double spread = static_cast<double>(store.scaled_squared_rate) / kRateScale - rate * rate * n;
  const double capacity = n - static_cast<double>(store.trials_squared) / n - others;
  if (capacity <= 0) return kConversionStrengthDefault;
  const double rho = (spread / (rate * (1 - rate)) - others) / capacity;
  if (rho <= 0) return kConversionStrengthMax;  // Products differ by chance only.
  return std::clamp(1 / rho - 1, kConversionStrengthMin, kConversionStrengthMax);
}

std::optional<double> Conversion(const ConversionTrials& product, const ConversionSums& category,
                                 const ConversionSums& store) {
  if (store.view_count <= 0 || store.trials <= 0) return std::nullopt;
  const double strength = PriorStrength(store);
  const double store_rate = static_cast<double>(store.orders) / static_cast<double>(store.trials);
  const double category_rate = (static_cast<double>(category.orders) + strength * store_rate) /
                               (static_cast<double>(category.trials) + strength);
  return (static_cast<double>(product.orders) + strength * category_rate) /
         (static_cast<double>(product.trials) + strength);
}

std::optional<double> Trend(const ProductFeatures& features, int64_t store_first_at_ms, int64_t now_ms,
                            const FeatureSettings& settings) {
  const int64_t age_ms = now_ms - store_first_at_ms;
  if (store_first_at_ms == 0 || age_ms < kTrendStoreAgeMinMs) return std::nullopt;
  const int64_t short_ms = settings.product_short_half_life_ms;
  const int64_t long_ms = settings.product_long_half_life_ms;
  const double short_activity = Activity(CountsAt(features.short_term, features.as_of_ms, now_ms, short_ms));
  const double long_activity = Activity(CountsAt(features.long_term, features.as_of_ms, now_ms, long_ms));
  if (long_activity < kTrendSupportMin) return std::nullopt;
  const double short_span = static_cast<double>(short_ms) * (1 - DecayFactor(age_ms, short_ms));
  const double long_span = static_cast<double>(long_ms) * (1 - DecayFactor(age_ms, long_ms));
  return (short_activity + kTrendPrior) / (long_activity * short_span / long_span + kTrendPrior);
}

std::string EncodeProductFeatures(const ProductFeatures& features) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  std::vector<double> counts;
  for (const ProductCounts* term : {&features.short_term, &features.long_term}) {
    counts.insert(counts.end(), {term->views, term->carts, term->orders, term->units, term->revenue_minor});
  }
  writer.add_packed_double(kCounts, counts.begin(), counts.end());
  writer.add_sint64(kAsOf, features.as_of_ms);
  writer.add_sint64(kFirstAt, features.first_at_ms);
  if (features.view_count != 0) writer.add_uint64(kViewCount, features.view_count);
  if (features.cart_count != 0) writer.add_uint64(kCartCount, features.cart_count);
  if (features.order_count != 0) writer.add_sint64(kOrderCount, features.order_count);
  if (features.unit_count != 0) writer.add_sint64(kUnitCount, features.unit_count);
  if (features.revenue_minor != 0) writer.add_sint64(kRevenue, features.revenue_minor);
  if (features.category_key != 0) writer.add_fixed64(kCategoryKey, features.category_key);
  return bytes;
}

Result<ProductFeatures> DecodeProductFeatures(std::string_view bytes) {
  ProductFeatures features;
  std::vector<double> counts;
  try {
    protozero::pbf_reader reader(bytes.data(), bytes.size());
    while (reader.next()) {
      if (!HasKnownWire(reader, kWires)) return Corruption("product features: a field has another type");
      switch (reader.tag()) {
        case kCounts: {
          const auto range = reader.get_packed_double();
          counts.assign(range.begin(), range.end());
          break;
        }
        case kAsOf:
          features.as_of_ms = reader.get_sint64();
          break;
        case kFirstAt:
          features.first_at_ms = reader.get_sint64();
          break;
        case kViewCount:
          features.view_count = reader.get_uint64();
          break;
        case kCartCount:
          features.cart_count = reader.get_uint64();
          break;
        case kOrderCount:
          features.order_count = reader.get_sint64();
          break;
        case kUnitCount:
          features.unit_count = reader.get_sint64();
          break;
        case kRevenue:
          features.revenue_minor = reader.get_sint64();
          break;
        case kCategoryKey:
          features.category_key = reader.get_fixed64();
          break;
        default:
          reader.skip();
      }
    }
  } catch (const protozero::exception& fault) {
    return Corruption(std::string("product features: ") + fault.what());
  }
  const bool is_finite =
      std::all_of(counts.begin(), counts.end(), [](double count) { return std::isfinite(count); });
  if (counts.size() != kCountsPerProduct || !is_finite)
    return Corruption("product features: counts do not fit");
  features.short_term = {counts[0], counts[1], counts[2], counts[3], counts[4]};
  features.long_term = {counts[5], counts[6], counts[7], counts[8], counts[9]};
  return features;
}

}  // namespace attune::features
