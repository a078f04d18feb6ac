// Codes are off by half a step at most, no bound is below what it bounds, and the fast loop equals the plain
// one.

#include "models/inner_product_bounds.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.h"

namespace attune::models {
namespace {

std::vector<float> NormalVector(size_t size, Random& random) {
  std::vector<float> vector(size);
  for (float& value : vector) value = static_cast<float>(random.NextNormal());
  return vector;
}

TEST(InnerProductBoundsTest, CodesAreOffByHalfAStepAtMost) {
  Random random(13);
  const std::vector<float> values = NormalVector(16, random);
  std::array<int16_t, 16> codes{};
  const float scale = Encode(values, codes);
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(static_cast<float>(codes[i]) * scale, values[i], 0.51f * scale);
  }
  const std::span<int16_t> two = std::span(codes).first(2);
  EXPECT_EQ(Encode(std::array<float, 2>{}, two), 0);
  EXPECT_EQ(Encode(std::array<float, 2>{std::nanf(""), INFINITY}, two), 0);
  EXPECT_EQ(Encode(std::array<float, 2>{1, std::nanf("")}, two), 0);
  EXPECT_EQ(Encode(std::array<float, 2>{1e-45f, 0}, two), 0);
  EXPECT_EQ(codes[0], 0);
}

struct Rows {
  std::vector<std::vector<float>> vectors;
  CodedHeads heads;
};

Rows MakeRows(size_t count, size_t width, size_t dimensions, Random& random) {
  Rows rows;
  rows.heads = CodedHeads(count, width);
  for (size_t row = 0; row < count; ++row) {
    std::vector<float> vector = NormalVector(dimensions, random);
    if (row == 1) vector.assign(dimensions, -2);  // Every code the largest.
    if (row == 2) vector.assign(dimensions, 0);
    double tail = 0;
    for (size_t i = width; i < dimensions; ++i) tail += static_cast<double>(vector[i] * vector[i]);
    rows.heads.Set(row, std::span<const float>(vector).first(width), static_cast<float>(std::sqrt(tail)));
    rows.vectors.push_back(std::move(vector));
  }
  return rows;
}

CodedQuery EncodeWhole(const std::vector<float>& query, size_t width) {
  double tail = 0;
  for (size_t i = width; i < query.size(); ++i) tail += static_cast<double>(query[i] * query[i]);
  return EncodeQuery(std::span<const float>(query).first(width), static_cast<float>(std::sqrt(tail)));
}

TEST(InnerProductBoundsTest, NoBoundIsBelowWhatItBounds) {
  Random random(17);
  constexpr size_t kDimensions = 24;
  for (const size_t width : {size_t{0}, size_t{4}, size_t{16}, size_t{24}}) {
    const Rows rows = MakeRows(61, width, kDimensions, random);
    std::vector<float> bounds(rows.heads.padded_row_count());
    double allowance = 0;
    for (int i = 0; i < 200; ++i) {
      std::vector<float> query = NormalVector(kDimensions, random);
      if (i == 0) std::fill(query.begin(), query.begin() + static_cast<ptrdiff_t>(width), 0.0f);
      if (i == 1) query = rows.vectors[5];  // The bound of the tail is reached.
      const CodedQuery coded = EncodeWhole(query, width);
      UpperBounds(rows.heads, coded, 0, bounds);
      for (size_t row = 0; row < rows.vectors.size(); ++row) {
        double product = 0;
        for (size_t k = 0; k < kDimensions; ++k) {
          product += static_cast<double>(query[k]) * static_cast<double>(rows.vectors[row][k]);
        }
        const double bound = static_cast<double>(bounds[row]) * static_cast<double>(coded.scale);
        EXPECT_GE(bound, product - 1e-6);
        allowance += bound - product;
      }
    }
    // A full head leaves the rounding of codes only: far below the products' spread of about 5.
    if (width == kDimensions) {
      EXPECT_LT(allowance / (200.0 * 61), 0.1);
    }
  }
}

TEST(InnerProductBoundsTest, FastAndPlainBoundsHaveTheSameBits) {
  if (!HasAvx2()) GTEST_SKIP() << "this processor has no AVX2";
  Random random(11);
  for (const size_t width : {size_t{4}, size_t{16}, size_t{64}, size_t{128}}) {
    const Rows rows = MakeRows(333, width, width + 8, random);
    std::vector<float> query = NormalVector(width + 8, random);
    for (int i = 0; i < 2; ++i) {
      const CodedQuery coded = EncodeWhole(query, width);
      std::vector<float> plain(rows.heads.padded_row_count() - kRowsAbreast);
      std::vector<float> fast(plain.size());
      UpperBoundsPlain(rows.heads, coded, kRowsAbreast, plain);
      UpperBoundsAvx2(rows.heads, coded, kRowsAbreast, fast);
      EXPECT_EQ(plain, fast);
      query.assign(query.size(), 3);  // The largest sums.
    }
  }
}

}  // namespace
}  // namespace attune::models
