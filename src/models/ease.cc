#include "models/ease.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/sequence_limits.h"
#include "models/symmetric_tiles.h"

namespace attune::models {
namespace {

constexpr uint32_t kTile = SymmetricTiles::kTile;

Status CheckOptions(uint32_t product_count, const EaseOptions& options) {
  for (const auto& [value, field] : {std::pair{options.basket_exponent, "basket_exponent"},
                                     std::pair{options.row_exponent, "row_exponent"},
                                     std::pair{options.column_exponent, "column_exponent"}}) {
    if (!(value >= 0 && value <= 2)) return InvalidArgument("exponent must be 0 to 2", field);
  }
  // Below one basket single precision has no digits to spare.
  if (!(options.ridge >= 1 && options.ridge <= 1e6)) return InvalidArgument("must be 1 to 1e6", "ridge");
  if (!(options.dropout >= 0 && options.dropout <= 0.9)) {
    return InvalidArgument("must be 0 to 0.9", "dropout");
  }
  if (options.row_cells_max == 0 || options.row_cells_max > kNeighboursMax) {
    return InvalidArgument("must be 1 to 10000", "row_cells_max");
  }
  if (product_count > kEaseProductsMax) return InvalidArgument("must be at most 25600", "product_count");
  return {};
}

// Fills `matrix` with what is inverted.
void FillMatrix(const GramEngine& gram, const EaseOptions& options, uint32_t threads,
                SymmetricTiles& matrix) {
  const auto ridge = static_cast<float>(options.ridge * gram.mean_weight());
  const auto diagonal_factor = static_cast<float>(1 / (1 - options.dropout));
  gram.ForEachRow(threads, [&](uint32_t, uint32_t product, std::vector<Neighbour>& row) {
    for (const Neighbour& neighbour : row) {
      if (neighbour.product < product) matrix.Set(product, neighbour.product, neighbour.weight);
    }
    matrix.Set(product, product, diagonal_factor * gram.DiagonalOf(product) + ridge);
  });
}

}  // namespace

uint64_t EaseBytes(uint32_t product_count, uint32_t row_cells_max) {
  // A row is kept twice for a moment, when SparseRows is made of them.
  const uint64_t kept =
      2 * sizeof(Neighbour) * uint64_t{product_count} * std::min(row_cells_max, product_count);
  return SymmetricTiles::BytesFor(product_count) + kept;
}

Result<SparseRows> TrainEase(const Sequences& baskets, uint32_t product_count, const EaseOptions& options,
                             const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(product_count, options));
  const GramEngine gram(baskets, product_count, options.basket_exponent);
  SymmetricTiles matrix(product_count);
  const auto threads = static_cast<uint32_t>(std::max(control.thread_count, 1));
  FillMatrix(gram, options, threads, matrix);
  RETURN_IF_ERROR(matrix.Invert(control));

  std::vector<double> row_factors(product_count);
  std::vector<double> column_factors(product_count);  // With the division by P[b, b].
  for (uint32_t product = 0; product < product_count; ++product) {
    const double count = std::max<uint32_t>(gram.CountOf(product), 1);
    row_factors[product] = std::pow(count, -options.row_exponent);
    column_factors[product] =
        -std::pow(count, -options.column_exponent) / static_cast<double>(matrix.Get(product, product));
  }
  std::vector<std::vector<Neighbour>> rows(product_count);
  const size_t width = size_t{matrix.tile_count()} * kTile;
  ForEachTrainingBlock(matrix.tile_count(), 1, control, [&](size_t tile, size_t, size_t) {
    std::vector<float> cells(width * kTile);
    matrix.CopyRows(static_cast<uint32_t>(tile), cells);
    std::vector<Neighbour> row;
    const auto first = static_cast<uint32_t>(tile * kTile);
    for (uint32_t from = first; from < std::min(first + kTile, product_count); ++from) {
      row.clear();
      for (uint32_t to = 0; to < product_count; ++to) {
        const auto cell = static_cast<double>(cells[(from - first) * width + to]);
        const auto weight = static_cast<float>(cell * row_factors[from] * column_factors[to]);
        if (to != from && weight != 0 && std::isfinite(weight)) row.push_back({to, weight});
      }
      KeepStrongest(row, options.row_cells_max);
      rows[from].assign(row.begin(), row.end());
    }
  });
  RETURN_IF_ERROR(control.Check());
  return SparseRows(std::move(rows));
}

}  // namespace attune::models
