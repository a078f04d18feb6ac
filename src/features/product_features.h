// A product's features: how it is looked at, taken and bought, lately and ever.
//
// Lately is kept at two half-lives (7 and 30 days by default) of one moment `as_of_ms`: a contribution w made
// at time t counts w * 2^(-(as_of - t) / half_life).  A steady rate of r a day adds up to r * half_life /
// ln 2.
//
// Conversion: orders per view, shrunk to what is usual, so that one order on one view is not 100 %.
//
//   p = (x + s * m_c) / (n + s)       x orders, n = max(views, orders)
//   m_c = (x_c + s * m) / (n_c + s)   the rate of the product's main category, itself shrunk to m, that of
//   the store s = 1 / rho - 1                   strength of the prior Beta(s m, s (1 - m)), in views rho = (S
//   / (m (1 - m)) - (k - 1)) / (N - sum n^2 / N - (k - 1)),   S = sum x^2 / n - m^2 N
//
// rho is the moment estimate (Kleinman 1973) of how much products differ beyond chance: k products, N = sum
// n.  Sums are integers, so they do not depend on the order in which products were counted.  s lies in [1,
// 1000]; with fewer than kConversionProductsMin products it is kConversionStrengthDefault.
//
// Trend: activity (views + 3 carts + 8 orders) of the short half-life against what the long one leads to
// expect:
//
//   trend = (a_short + c) / (a_long * e_short / e_long + c),   e = half_life * (1 - 2^(-age / half_life))
//
// 1 is as ever, 2 is twice as much.  `age` is that of the store's first event: a young store is not all
// trend.  c pulls towards 1; below kTrendSupportMin of a_long there is no trend.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_FEATURES_PRODUCT_FEATURES_H_
#define ATTUNE_FEATURES_PRODUCT_FEATURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "features/feature_settings.h"

namespace attune::features {

struct ProductCounts {
  double views = 0;
  double carts = 0;
  double orders = 0;
  double units = 0;
  double revenue_minor = 0;

  friend bool operator==(const ProductCounts&, const ProductCounts&) = default;
};

struct ProductFeatures {
  ProductCounts short_term;
  ProductCounts long_term;
  int64_t as_of_ms = 0;
  int64_t first_at_ms = 0;  // Of its first event; 0: none.
  uint64_t view_count = 0;
  uint64_t cart_count = 0;
  int64_t order_count = 0;  // Orders that still hold it.
  int64_t unit_count = 0;
  int64_t revenue_minor = 0;
  uint64_t category_key = 0;  // Of the main category when it was last counted; 0: none.

  friend bool operator==(const ProductFeatures&, const ProductFeatures&) = default;
};

// Adds what happened at `at_ms` to both half-lives.
void AddCounts(const ProductCounts& counts, int64_t at_ms, const FeatureSettings& settings,
               ProductFeatures& features);

// The counts of one half-life as of `now_ms`; what rounding left below zero is 0.
ProductCounts CountsAt(const ProductCounts& counts, int64_t as_of_ms, int64_t now_ms, int64_t half_life_ms);

// What one product adds to the rates; n is at most kConversionTrialsMax, with x in proportion.
struct ConversionTrials {
  int64_t trials = 0;  // n
  int64_t orders = 0;  // x

  friend bool operator==(const ConversionTrials&, const ConversionTrials&) = default;
};
ConversionTrials TrialsOf(const ProductFeatures& features);

// Sums over products: of the store (all fields), of a category (trials and orders).
struct ConversionSums {
  int64_t product_count = 0;        // k, those with trials
  int64_t view_count = 0;           // Without any view there is no conversion to speak of.
  int64_t trials = 0;               // N
  int64_t orders = 0;               // sum x
  int64_t trials_squared = 0;       // sum n^2
  int64_t scaled_squared_rate = 0;  // sum x^2 / n, each in 1/1024, rounded down.

  // Adds `by` (+1 or -1) times what one product contributes.
  void Add(const ConversionTrials& trials, int64_t by);
  friend bool operator==(const ConversionSums&, const ConversionSums&) = default;
};

// s of the formula above.
double PriorStrength(const ConversionSums& store);

// p of the formula above; nothing while the store has no views.
std::optional<double> Conversion(const ConversionTrials& product, const ConversionSums& category,
                                 const ConversionSums& store);

// trend of the formula above; nothing without support.
std::optional<double> Trend(const ProductFeatures& features, int64_t store_first_at_ms, int64_t now_ms,
                            const FeatureSettings& settings);

// The bytes in Column::kFeatures (docs/formats/profiles.md).  Decoding fails with kCorruption.
std::string EncodeProductFeatures(const ProductFeatures& features);
Result<ProductFeatures> DecodeProductFeatures(std::string_view bytes);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PRODUCT_FEATURES_H_
