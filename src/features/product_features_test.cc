// Goal: conversion and trend mean what their formulas say, and the record comes back.
// Method: hand-made cases with known answers, a beta-binomial sample with a known prior, random records and
// noise.

#include "features/product_features.h"

#include <cmath>

#include "base/random.h"
#include "features/limits.h"
#include "gtest/gtest.h"

namespace attune::features {
namespace {

constexpr int64_t kNowMs = 1767225600000;

ConversionSums SumsOf(const std::vector<ConversionTrials>& products) {
  ConversionSums sums;
  for (const ConversionTrials& product : products) {
    sums.Add(product, 1);
    sums.view_count += product.trials;
  }
  return sums;
}

TEST(Conversion, OneOrderOnOneViewIsNotAHundredPercent) {
  std::vector<ConversionTrials> products(30, {1000, 30});
  const ConversionSums store = SumsOf(products);
  const double cold = *Conversion({1, 1}, {}, store);
  EXPECT_GT(cold, 0.03);
  EXPECT_LT(cold, 0.05);
  EXPECT_NEAR(*Conversion({0, 0}, {}, store), 0.03, 1e-9);
  EXPECT_NEAR(*Conversion({1'000'000, 200'000}, {}, store), 0.2, 1e-3);  // Much evidence speaks for itself.
}

TEST(Conversion, ColdProductsTakeTheRateOfTheirCategory) {
  const ConversionSums store = SumsOf(std::vector<ConversionTrials>(30, {1000, 30}));
  const ConversionSums category = SumsOf(std::vector<ConversionTrials>(30, {1000, 90}));
  EXPECT_NEAR(*Conversion({0, 0}, category, store), 0.09, 3e-3);
}

TEST(Conversion, ThereIsNoneWithoutViews) {
  ConversionSums store;
  EXPECT_EQ(Conversion({0, 0}, {}, store), std::nullopt);
  store.Add({5, 5}, 1);  // Orders without views: a shop that sends orders only.
  EXPECT_EQ(Conversion({5, 5}, {}, store), std::nullopt);
}

TEST(PriorStrength, RecoversThePriorOfABetaBinomialSample) {
  // Beta(2, 38): mean 5 %, strength 40; each product has 300 views.
  Random random(5);
  std::vector<ConversionTrials> products;
  const auto gamma = [&random](int shape) {
    double sum = 0;
    for (int i = 0; i < shape; ++i) sum -= std::log(1 - random.NextUnit());
    return sum;
  };
  for (int i = 0; i < 3000; ++i) {
    const double a = gamma(2);
    const double rate = a / (a + gamma(38));
    ConversionTrials product{300, 0};
    for (int view = 0; view < 300; ++view) product.orders += random.NextUnit() < rate ? 1 : 0;
    products.push_back(product);
  }
  EXPECT_NEAR(PriorStrength(SumsOf(products)), 40, 6);
}

TEST(PriorStrength, EqualProductsShareEverythingAndFewProductsTheDefault) {
  EXPECT_EQ(PriorStrength(SumsOf(std::vector<ConversionTrials>(50, {100, 5}))), kConversionStrengthMax);
  EXPECT_EQ(PriorStrength(SumsOf(std::vector<ConversionTrials>(3, {100, 5}))), kConversionStrengthDefault);
  EXPECT_EQ(PriorStrength(SumsOf(std::vector<ConversionTrials>(50, {100, 0}))), kConversionStrengthDefault);
  EXPECT_EQ(PriorStrength(SumsOf(std::vector<ConversionTrials>(50, {1, 1}))), kConversionStrengthDefault);
}

TEST(ConversionTrials, NeverHoldMoreOrdersThanTrialsAndAreCapped) {
  ProductFeatures features;
  features.view_count = 3;
  features.order_count = 10;
  EXPECT_EQ(TrialsOf(features), (ConversionTrials{10, 10}));
  features.order_count = -4;
  EXPECT_EQ(TrialsOf(features), (ConversionTrials{3, 0}));
  features.view_count = ~uint64_t{0};
  features.order_count = int64_t{1} << 39;
  EXPECT_EQ(TrialsOf(features), (ConversionTrials{kConversionTrialsMax, kConversionTrialsMax / 2}));
}

// `daily(day)` views on each of the last `days` days.
template <class Daily>
ProductFeatures Viewed(int days, Daily daily) {
  ProductFeatures features;
  for (int day = days; day >= 0; --day) {
    ProductCounts counts;
    counts.views = daily(day);
    AddCounts(counts, kNowMs - day * kDayMs, FeatureSettings{}, features);
  }
  return features;
}

TEST(Trend, IsOneForASteadyProductInAnOldAndInAYoungStore) {
  const auto steady = [](int) { return 50.0; };
  EXPECT_NEAR(*Trend(Viewed(400, steady), kNowMs - 400 * kDayMs, kNowMs, {}), 1, 0.06);
  EXPECT_NEAR(*Trend(Viewed(10, steady), kNowMs - 10 * kDayMs, kNowMs, {}), 1, 0.06);
}

TEST(Trend, RisesAndFallsWithTheProduct) {
  const int64_t store_ms = kNowMs - 400 * kDayMs;
  EXPECT_GT(*Trend(Viewed(200, [](int day) { return day < 7 ? 100.0 : 10.0; }), store_ms, kNowMs, {}), 1.5);
  EXPECT_LT(*Trend(Viewed(200, [](int day) { return day < 20 ? 1.0 : 100.0; }), store_ms, kNowMs, {}), 0.6);
}

TEST(Trend, NeedsSupportAndAnOldEnoughStore) {
  const auto few = [](int) { return 0.1; };
  EXPECT_EQ(Trend(Viewed(30, few), kNowMs - 30 * kDayMs, kNowMs, {}), std::nullopt);
  const auto many = [](int) { return 100.0; };
  EXPECT_EQ(Trend(Viewed(1, many), kNowMs - kDayMs, kNowMs, {}), std::nullopt);
  EXPECT_EQ(Trend(ProductFeatures{}, 0, kNowMs, {}), std::nullopt);
}

TEST(AddCounts, TheOrderOfAdditionsDoesNotMatter) {
  Random random(8);
  for (int round = 0; round < 50; ++round) {
    std::vector<std::pair<int64_t, double>> additions;
    for (int i = 0; i < 30; ++i) {
      additions.emplace_back(kNowMs - static_cast<int64_t>(random.NextBelow(90 * kDayMs)),
                             random.NextUnit() * 10);
    }
    ProductFeatures forward;
    ProductFeatures backward;
    double expected = 0;
    for (const auto& [at_ms, views] : additions) AddCounts({views, 0, 0, 0, 0}, at_ms, {}, forward);
    for (auto it = additions.rbegin(); it != additions.rend(); ++it) {
      AddCounts({it->second, 0, 0, 0, 0}, it->first, {}, backward);
      expected += it->second * std::exp2(-static_cast<double>(kNowMs - it->first) / (7.0 * kDayMs));
    }
    const auto views = [](const ProductFeatures& f) {
      return CountsAt(f.short_term, f.as_of_ms, kNowMs, 7 * kDayMs).views;
    };
    EXPECT_NEAR(views(forward), expected, 1e-9 * expected);
    EXPECT_NEAR(views(backward), expected, 1e-9 * expected);
    EXPECT_EQ(forward.as_of_ms, backward.as_of_ms);
    EXPECT_EQ(forward.first_at_ms, backward.first_at_ms);
  }
}

TEST(ProductFeaturesRecord, ComesBackAndRefusesNoise) {
  ProductFeatures features{
      {1.5, 2, 3, 4, 5e9}, {6, 7, 8, 9.25, 1e10}, kNowMs, kNowMs - 5, 10, 11, -1, 13, -14, 15};
  const std::string bytes = EncodeProductFeatures(features);
  EXPECT_EQ(*DecodeProductFeatures(bytes), features);
  EXPECT_EQ(*DecodeProductFeatures(EncodeProductFeatures({})), ProductFeatures{});
  for (size_t length = 0; length < bytes.size(); ++length) {
    const auto decoded = DecodeProductFeatures(bytes.substr(0, length));
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
    }
    if (length < 80) {
      EXPECT_FALSE(decoded.ok());
    }
  }
  Random random(4);
  for (int i = 0; i < 5000; ++i) {
    std::string noise = bytes;
    noise[random.NextBelow(noise.size())] = static_cast<char>(random.NextBelow(256));
    const auto decoded = DecodeProductFeatures(noise);
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), StatusCode::kCorruption);
    }
  }
}

}  // namespace
}  // namespace attune::features
