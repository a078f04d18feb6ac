#include "models/symmetric_tiles.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cstring>

#include "models/processor.h"

namespace attune::models {
namespace {

constexpr uint32_t kTile = SymmetricTiles::kTile;
constexpr size_t kTileCells = size_t{kTile} * kTile;

// The left factor is packed in strips of 4 rows and the right one in strips of 16, each strip column by
// column, so that the inner loop reads both in order: 4 x 16 sums stay in registers.
constexpr uint32_t kLeftStrip = 4;
constexpr uint32_t kRightStrip = 16;

typedef float Float8 __attribute__((vector_size(32)));

// cell(row, column) -> strips.
template <uint32_t kStrip, class Cell>
void Pack(const Cell& cell, float* out) {
  for (uint32_t strip = 0; strip < kTile; strip += kStrip) {
    for (uint32_t column = 0; column < kTile; ++column) {
      for (uint32_t row = strip; row < strip + kStrip; ++row) *out++ = cell(row, column);
    }
  }
}

// Always inlined: each of the two functions below compiles it for its own registers.
__attribute__((always_inline)) inline void AddTileProduct(const float* left, const float* right,
                                                          float* target) {
  for (uint32_t row = 0; row < kTile; row += kLeftStrip) {
    for (uint32_t column = 0; column < kTile; column += kRightStrip) {
      const float* a = left + size_t{row} * kTile;
      const float* b = right + size_t{column} * kTile;
      Float8 sums[kLeftStrip][2] = {};
      for (uint32_t k = 0; k < kTile; ++k, a += kLeftStrip, b += kRightStrip) {
        Float8 low;
        Float8 high;
        std::memcpy(&low, b, sizeof(low));
        std::memcpy(&high, b + 8, sizeof(high));
        for (uint32_t i = 0; i < kLeftStrip; ++i) {
          sums[i][0] += a[i] * low;
          sums[i][1] += a[i] * high;
        }
      }
      for (uint32_t i = 0; i < kLeftStrip; ++i) {
        for (uint32_t half = 0; half < 2; ++half) {
          float* to = target + size_t{row + i} * kTile + column + half * 8;
          Float8 there;
          std::memcpy(&there, to, sizeof(there));
          there += sums[i][half];
          std::memcpy(to, &there, sizeof(there));
        }
      }
    }
  }
}

}  // namespace

void AddTileProductPlain(const float* left, const float* right, float* target) {
  AddTileProduct(left, right, target);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) void AddTileProductAvx2(const float* left, const float* right,
                                                        float* target) {
  AddTileProduct(left, right, target);
}
#else
void AddTileProductAvx2(const float* left, const float* right, float* target) {
  AddTileProduct(left, right, target);
}
#endif

SymmetricTiles::SymmetricTiles(uint32_t size) : size_(size), tile_count_((size + kTile - 1) / kTile) {
  cells_.assign(size_t{tile_count_} * (tile_count_ + 1) / 2 * kTileCells, 0);
  // What is past the end is a unit matrix: its inverse is itself.
  for (uint32_t i = size; i < tile_count_ * kTile; ++i) {
    Tile(i / kTile, i / kTile)[size_t{i % kTile} * kTile + i % kTile] = 1;
  }
}

uint64_t SymmetricTiles::BytesFor(uint32_t size) {
  const uint64_t tiles = (uint64_t{size} + kTile - 1) / kTile;
  return (tiles * (tiles + 1) / 2 + 2 * tiles) * kTileCells * sizeof(float);
}

float SymmetricTiles::Get(uint32_t row, uint32_t column) const {
  const uint32_t high = std::max(row, column);
  const uint32_t low = std::min(row, column);
  return Tile(high / kTile, low / kTile)[size_t{high % kTile} * kTile + low % kTile];
}

void SymmetricTiles::Set(uint32_t row, uint32_t column, float value) {
  const uint32_t high = std::max(row, column);
  const uint32_t low = std::min(row, column);
  Tile(high / kTile, low / kTile)[size_t{high % kTile} * kTile + low % kTile] = value;
}

void SymmetricTiles::CopyRows(uint32_t tile, std::span<float> out) const {
  const size_t width = size_t{tile_count_} * kTile;
  for (uint32_t j = 0; j < tile_count_; ++j) {
    for (uint32_t row = 0; row < kTile; ++row) {
      float* to = out.data() + row * width + size_t{j} * kTile;
      if (j < tile) {
        std::copy_n(Tile(tile, j) + size_t{row} * kTile, kTile, to);
        continue;
      }
      const float* below = Tile(j, tile);
      for (uint32_t column = 0; column < kTile; ++column) {
        const bool is_above = j == tile && column < row;  // Of the diagonal tile the lower half counts.
        to[column] = is_above ? below[size_t{row} * kTile + column] : below[size_t{column} * kTile + row];
      }
    }
  }
}

Status SymmetricTiles::InvertDiagonal(uint32_t k, std::vector<float>& inverse) const {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> tile(Tile(k, k), kTile, kTile);
  const Eigen::MatrixXd wide = tile.cast<double>();
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> solver(wide);
  if (solver.info() != Eigen::Success) return InvalidArgument("the matrix is not positive definite");
  const Eigen::MatrixXd solved = solver.solve(Eigen::MatrixXd::Identity(kTile, kTile));
  inverse.resize(kTileCells);
  Eigen::Map<Matrix>(inverse.data(), kTile, kTile) = (0.5 * (solved + solved.transpose())).cast<float>();
  return {};
}

void SymmetricTiles::SweepPanel(uint32_t i, uint32_t k, std::span<const float> packed_inverse,
                                std::span<float> left, std::span<float> right) {
  float* tile = i > k ? Tile(i, k) : Tile(k, i);
  const auto cell = [&](uint32_t row, uint32_t column) {
    return i > k ? tile[size_t{row} * kTile + column] : tile[size_t{column} * kTile + row];
  };
  Pack<kLeftStrip>(cell, left.data());
  Pack<kRightStrip>(cell, right.data());
  std::vector<float> swept(kTileCells, 0);
  const auto multiply = HasAvx2() ? AddTileProductAvx2 : AddTileProductPlain;
  multiply(left.data(), packed_inverse.data(), swept.data());
  Pack<kLeftStrip>([&](uint32_t row, uint32_t column) { return -swept[size_t{row} * kTile + column]; },
                   left.data());
  if (i > k) {
    std::copy(swept.begin(), swept.end(), tile);
    return;
  }
  for (uint32_t row = 0; row < kTile; ++row) {
    for (uint32_t column = 0; column < kTile; ++column) {
      tile[size_t{column} * kTile + row] = swept[size_t{row} * kTile + column];
    }
  }
}

Status SymmetricTiles::Invert(const TrainingControl& control) {
  const auto multiply = HasAvx2() ? AddTileProductAvx2 : AddTileProductPlain;
  std::vector<float> left(size_t{tile_count_} * kTileCells);
  std::vector<float> right(left.size());
  std::vector<float> inverse;
  std::vector<float> packed_inverse(kTileCells);
  const auto part = [](std::vector<float>& all, size_t i) {
    return std::span(all).subspan(i * kTileCells, kTileCells);
  };
  const size_t lower_tiles = size_t{tile_count_} * (tile_count_ + 1) / 2;
  for (uint32_t k = 0; k < tile_count_; ++k) {
    control.Report("inverting", static_cast<double>(k) / tile_count_);
    RETURN_IF_ERROR(InvertDiagonal(k, inverse));
    Pack<kRightStrip>([&](uint32_t row, uint32_t column) { return inverse[size_t{row} * kTile + column]; },
                      packed_inverse.data());
    ForEachTrainingBlock(tile_count_, 1, control, [&](size_t begin, size_t, size_t) {
      if (begin != k)
        SweepPanel(static_cast<uint32_t>(begin), k, packed_inverse, part(left, begin), part(right, begin));
    });
    ForEachTrainingBlock(tile_count_, 1, control, [&](size_t begin, size_t, size_t) {
      // The longest rows first, so that no thread is left with one at the end.
      const auto i = static_cast<uint32_t>(tile_count_ - 1 - begin);
      for (uint32_t j = 0; j <= i && i != k; ++j) {
        if (j != k) multiply(part(left, i).data(), part(right, j).data(), Tile(i, j));
      }
    });
    RETURN_IF_ERROR(control.Check());
    std::transform(inverse.begin(), inverse.end(), Tile(k, k), [](float value) { return -value; });
  }
  ForEachTrainingBlock(lower_tiles, 1, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin * kTileCells; i < end * kTileCells; ++i) cells_[i] = -cells_[i];
  });
  return control.Check();
}

}  // namespace attune::models
