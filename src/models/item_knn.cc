#include "models/item_knn.h"

#include <cmath>
#include <utility>
#include <vector>

#include "models/sequence_limits.h"

namespace attune::models {

ItemKnnOptions CosineOptions() { return {}; }

ItemKnnOptions Rp3BetaOptions(double alpha, double beta) {
  ItemKnnOptions options;
  options.basket_exponent = alpha;
  options.row_exponent = alpha;
  options.column_exponent = beta;
  return options;
}

ItemKnnOptions GraphFilterOptions() {
  ItemKnnOptions options;
  options.basket_exponent = 1;
  return options;
}

Result<SparseRows> TrainItemKnn(const Sequences& baskets, uint32_t product_count,
                                const ItemKnnOptions& options) {
  for (const auto& [value, field] : {std::pair{options.basket_exponent, "basket_exponent"},
                                     std::pair{options.row_exponent, "row_exponent"},
                                     std::pair{options.column_exponent, "column_exponent"}}) {
    if (!(value >= 0 && value <= 2)) return InvalidArgument("exponent must be 0 to 2", field);
  }
  if (options.neighbours_max == 0 || options.neighbours_max > kNeighboursMax) {
    return InvalidArgument("neighbours must be 1 to 10000", "neighbours_max");
  }
  const GramEngine gram(baskets, product_count, options.basket_exponent);
  std::vector<double> row_factors(product_count);
  std::vector<double> column_factors(product_count);
  for (uint32_t product = 0; product < product_count; ++product) {
    const double count = gram.CountOf(product);
    row_factors[product] = count > 0 ? std::pow(count, -options.row_exponent) : 0;
    column_factors[product] = count > 0 ? std::pow(count, -options.column_exponent) : 0;
  }
  std::vector<std::vector<Neighbour>> rows(product_count);
  gram.ForEachRow(options.threads, [&](uint32_t, uint32_t product, std::vector<Neighbour>& row) {
    for (Neighbour& neighbour : row) {
      neighbour.weight = static_cast<float>(static_cast<double>(neighbour.weight) * row_factors[product] *
                                            column_factors[neighbour.product]);
    }
    KeepStrongest(row, options.neighbours_max);
    rows[product].assign(row.begin(), row.end());
  });
  return SparseRows(std::move(rows));
}

}  // namespace attune::models
