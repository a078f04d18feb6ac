// The inverse against one in double, over the edges of tiles; and the same bits from every path.

#include "models/symmetric_tiles.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <atomic>

#include "base/random.h"
#include "models/processor.h"

namespace attune::models {
namespace {

// Like a Gram matrix with a ridge: positive definite, some rows much larger than others.
Eigen::MatrixXd RandomPositiveDefinite(uint32_t size, uint64_t seed) {
  Random random(seed);
  Eigen::MatrixXd factor(size, size + 5);
  for (Eigen::Index i = 0; i < factor.rows(); ++i) {
    const double length = random.NextBelow(10) == 0 ? 20 : 1;
    for (Eigen::Index j = 0; j < factor.cols(); ++j) {
      factor(i, j) = random.NextBelow(4) == 0 ? length * random.NextNormal() : 0;
    }
  }
  return factor * factor.transpose() / size + 2 * Eigen::MatrixXd::Identity(size, size);
}

SymmetricTiles TilesOf(const Eigen::MatrixXd& matrix) {
  const auto size = static_cast<uint32_t>(matrix.rows());
  SymmetricTiles tiles(size);
  for (uint32_t i = 0; i < size; ++i) {
    for (uint32_t j = 0; j <= i; ++j) tiles.Set(i, j, static_cast<float>(matrix(i, j)));
  }
  return tiles;
}

TrainingControl Threads(int count) {
  TrainingControl control;
  control.thread_count = count;
  return control;
}

TEST(SymmetricTilesTest, TheInverseIsThatOfDoubles) {
  for (const uint32_t size : {1u, 7u, 255u, 256u, 257u, 700u}) {
    SCOPED_TRACE(size);
    const Eigen::MatrixXd matrix = RandomPositiveDefinite(size, size);
    const Eigen::MatrixXd expected = matrix.inverse();
    SymmetricTiles tiles = TilesOf(matrix);
    ASSERT_TRUE(tiles.Invert(Threads(2)).ok());
    double worst = 0;
    for (uint32_t i = 0; i < size; ++i) {
      for (uint32_t j = 0; j < size; ++j) {
        worst = std::max(worst, std::abs(static_cast<double>(tiles.Get(i, j)) - expected(i, j)));
        EXPECT_EQ(tiles.Get(i, j), tiles.Get(j, i));
      }
    }
    EXPECT_LT(worst, 2e-4 * expected.cwiseAbs().maxCoeff());
  }
}

TEST(SymmetricTilesTest, CopiedRowsAreTheRows) {
  const SymmetricTiles tiles = TilesOf(RandomPositiveDefinite(600, 4));
  const size_t width = size_t{tiles.tile_count()} * SymmetricTiles::kTile;
  std::vector<float> rows(width * SymmetricTiles::kTile);
  for (uint32_t tile = 0; tile < tiles.tile_count(); ++tile) {
    tiles.CopyRows(tile, rows);
    for (uint32_t i = 0; i < SymmetricTiles::kTile && tile * SymmetricTiles::kTile + i < 600; ++i) {
      for (uint32_t j = 0; j < 600; ++j) {
        ASSERT_EQ(rows[i * width + j], tiles.Get(tile * SymmetricTiles::kTile + i, j));
      }
    }
  }
}

TEST(SymmetricTilesTest, ThreadsChangeNoBit) {
  const Eigen::MatrixXd matrix = RandomPositiveDefinite(600, 9);
  SymmetricTiles one = TilesOf(matrix);
  SymmetricTiles four = TilesOf(matrix);
  ASSERT_TRUE(one.Invert(Threads(1)).ok() && four.Invert(Threads(4)).ok());
  for (uint32_t i = 0; i < 600; ++i) {
    for (uint32_t j = 0; j <= i; ++j) ASSERT_EQ(one.Get(i, j), four.Get(i, j));
  }
}

TEST(SymmetricTilesTest, WideAndNarrowRegistersGiveTheSameBits) {
  if (!HasAvx2()) GTEST_SKIP() << "this processor has no AVX2";
  Random random(5);
  constexpr size_t kCells = size_t{SymmetricTiles::kTile} * SymmetricTiles::kTile;
  std::vector<float> left(kCells);
  std::vector<float> right(kCells);
  for (float& value : left) value = static_cast<float>(random.NextNormal());
  for (float& value : right) value = static_cast<float>(random.NextNormal());
  std::vector<float> plain(kCells, 0.5f);
  std::vector<float> fast(kCells, 0.5f);
  AddTileProductPlain(left.data(), right.data(), plain.data());
  AddTileProductAvx2(left.data(), right.data(), fast.data());
  EXPECT_EQ(plain, fast);
}

TEST(SymmetricTilesTest, WhatHasNoInverseIsRefusedAndCancellingStops) {
  SymmetricTiles zero(300);
  EXPECT_EQ(zero.Invert({}).code(), StatusCode::kInvalidArgument);
  SymmetricTiles tiles = TilesOf(RandomPositiveDefinite(300, 2));
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(tiles.Invert(control).code(), StatusCode::kUnavailable);
}

TEST(SymmetricTilesTest, TheBytesAreThoseOfTheLowerHalf) {
  EXPECT_LT(SymmetricTiles::BytesFor(25'600), 1'400'000'000u);
  EXPECT_GT(SymmetricTiles::BytesFor(25'600), uint64_t{25'600} * 25'600 * 2);
}

}  // namespace
}  // namespace attune::models
