#include "models/sparse_ridge.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "models/sequence_limits.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr size_t kColumnBlock = 16;
constexpr int32_t kNotANeighbour = -1;

Status CheckOptions(const SparseRidgeOptions& options) {
  for (const auto& [value, field] : {std::pair{options.basket_exponent, "basket_exponent"},
                                     std::pair{options.row_exponent, "row_exponent"},
                                     std::pair{options.column_exponent, "column_exponent"}}) {
    if (!(value >= 0 && value <= 2)) return InvalidArgument("exponent must be 0 to 2", field);
  }
  if (!(options.ridge >= 0.01 && options.ridge <= 1e6))
    return InvalidArgument("ridge must be 0.01 to 1e6", "ridge");
  if (!(options.dropout >= 0 && options.dropout <= 0.9)) {
    return InvalidArgument("must be 0 to 0.9", "dropout");
  }
  if (options.neighbours_max == 0 || options.neighbours_max > kRidgeNeighboursMax) {
    return InvalidArgument("neighbours must be 1 to 500", "neighbours_max");
  }
  if (options.gram_cells_per_row_max < options.neighbours_max) {
    return InvalidArgument("must be at least neighbours_max", "gram_cells_per_row_max");
  }
  if (options.row_cells_max == 0 || options.row_cells_max > kModelProductsMax) {
    return InvalidArgument("must be 1 to 20000000", "row_cells_max");
  }
  return {};
}

bool ByProduct(const Neighbour& a, const Neighbour& b) { return a.product < b.product; }

// G without its diagonal, rows by product.
using GramRows = std::vector<std::vector<Neighbour>>;

GramRows MakeGramRows(const GramEngine& gram, const SparseRidgeOptions& options) {
  GramRows rows(gram.product_count());
  gram.ForEachRow(options.threads, [&](uint32_t, uint32_t product, std::vector<Neighbour>& row) {
    if (row.size() > options.gram_cells_per_row_max) {
      const auto similarity = [&](const Neighbour& n) {
        return n.weight / std::sqrt(gram.DiagonalOf(n.product));
      };
      const auto cut = row.begin() + static_cast<std::ptrdiff_t>(options.gram_cells_per_row_max);
      std::nth_element(row.begin(), cut, row.end(), [&](const Neighbour& a, const Neighbour& b) {
        const float similarity_a = similarity(a);
        const float similarity_b = similarity(b);
        return similarity_a != similarity_b ? similarity_a > similarity_b : a.product < b.product;
      });
      row.erase(cut, row.end());
      std::sort(row.begin(), row.end(), ByProduct);
    }
    rows[product].assign(row.begin(), row.end());
  });
  return rows;
}

// Solves for one product after the other; owned by one thread.
class ColumnSolver {
 public:
  ColumnSolver(const GramEngine& gram, const GramRows& rows, float ridge, const SparseRidgeOptions& options)
      : gram_(gram),
        rows_(rows),
        ridge_(ridge),
        diagonal_factor_(static_cast<float>(1 / (1 - options.dropout))),
        neighbours_max_(options.neighbours_max),
        place_(gram.product_count(), kNotANeighbour) {}

  // The regressors of `product` with their coefficients, by product.
  std::vector<Neighbour> Solve(uint32_t product) {
    ChooseNeighbours(product);
    const auto count = static_cast<Eigen::Index>(chosen_.size());
    if (count == 0) return {};
    matrix_.setZero(count, count);
    Eigen::VectorXf right(count);
    for (Eigen::Index i = 0; i < count; ++i) {
      const Neighbour& neighbour = chosen_[static_cast<size_t>(i)];
      matrix_(i, i) = diagonal_factor_ * gram_.DiagonalOf(neighbour.product) + ridge_;
      right(i) = neighbour.weight;
      FillColumn(i, rows_[neighbour.product]);
    }
    for (const Neighbour& neighbour : chosen_) place_[neighbour.product] = kNotANeighbour;
    solver_.compute(matrix_.topLeftCorner(count, count));
    Eigen::VectorXf solution(count);
    if (solver_.info() == Eigen::Success) {
      solution = solver_.solve(right);
    } else {
      // Only possible where gram_cells_per_row_max cut the matrix: each neighbour on its own is always
      // solvable.
      solution = right.cwiseQuotient(matrix_.diagonal().head(count));
    }
    std::vector<Neighbour> column;
    for (Eigen::Index i = 0; i < count; ++i) {
      if (std::isfinite(solution(i)) && solution(i) != 0) {
        column.push_back({chosen_[static_cast<size_t>(i)].product, solution(i)});
      }
    }
    return column;
  }

 private:
  // Sets chosen_ (by product, with G[a, product]) and place_.
  void ChooseNeighbours(uint32_t product) {
    candidates_.clear();
    for (const Neighbour& n : rows_[product]) {
      candidates_.push_back({n.product, n.weight / std::sqrt(gram_.DiagonalOf(n.product) + ridge_)});
    }
    KeepStrongest(candidates_, neighbours_max_);
    std::sort(candidates_.begin(), candidates_.end(), ByProduct);
    chosen_.clear();
    auto at = rows_[product].begin();
    for (const Neighbour& candidate : candidates_) {
      at = std::lower_bound(at, rows_[product].end(), candidate, ByProduct);
      place_[candidate.product] = static_cast<int32_t>(chosen_.size());
      chosen_.push_back(*at);
    }
  }

  // Puts G[., column's product] below the diagonal.  A long row is searched for the neighbours, a short one
  // walked.
  void FillColumn(Eigen::Index column, const std::vector<Neighbour>& row) {
    constexpr size_t kSearchFactor = 12;
    if (row.size() > kSearchFactor * chosen_.size()) {
      auto at = row.begin();
      for (size_t i = static_cast<size_t>(column) + 1; i < chosen_.size() && at != row.end(); ++i) {
        at = std::lower_bound(at, row.end(), chosen_[i], ByProduct);
        if (at != row.end() && at->product == chosen_[i].product) {
          matrix_(static_cast<Eigen::Index>(i), column) = at->weight;
        }
      }
      return;
    }
    for (const Neighbour& neighbour : row) {
      const int32_t place = place_[neighbour.product];
      if (place > column) matrix_(place, column) = neighbour.weight;
    }
  }

  const GramEngine& gram_;
  const GramRows& rows_;
  const float ridge_;
  const float diagonal_factor_;
  const uint32_t neighbours_max_;
  std::vector<int32_t> place_;  // By product: where it stands in chosen_.
  std::vector<Neighbour> candidates_;
  std::vector<Neighbour> chosen_;
  Eigen::MatrixXf matrix_;  // The lower half of G[N, N] + ridge I.
  Eigen::LLT<Eigen::MatrixXf, Eigen::Lower> solver_;
};

}  // namespace

Result<SparseRows> TrainSparseRidge(const Sequences& baskets, uint32_t product_count,
                                    const SparseRidgeOptions& options, const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  const GramEngine gram(baskets, product_count, options.basket_exponent);
  const auto ridge = static_cast<float>(options.ridge * gram.mean_weight());
  std::vector<std::vector<Neighbour>> columns(product_count);
  {
    const GramRows gram_rows = MakeGramRows(gram, options);
    RETURN_IF_ERROR(control.Check());
    std::vector<ColumnSolver> solvers(WorkerCount(options.threads),
                                      ColumnSolver(gram, gram_rows, ridge, options));
    ForEachBlock(product_count, kColumnBlock, options.threads,
                 [&](uint32_t worker, size_t begin, size_t end) {
                   for (size_t product = begin; product < end && !control.IsCancelled(); ++product) {
                     columns[product] = solvers[worker].Solve(static_cast<uint32_t>(product));
                   }
                 });
  }
  RETURN_IF_ERROR(control.Check());
  std::vector<double> row_factors(product_count);
  std::vector<double> column_factors(product_count);
  for (uint32_t product = 0; product < product_count; ++product) {
    const double count = std::max<uint32_t>(gram.CountOf(product), 1);
    row_factors[product] = std::pow(count, -options.row_exponent);
    column_factors[product] = std::pow(count, -options.column_exponent);
  }
  std::vector<std::vector<Neighbour>> rows(product_count);
  for (uint32_t to = 0; to < product_count; ++to) {
    for (const Neighbour& from : columns[to]) {
      const double weight = static_cast<double>(from.weight) * row_factors[from.product] * column_factors[to];
      rows[from.product].push_back({to, static_cast<float>(weight)});
    }
    std::vector<Neighbour>().swap(columns[to]);
  }
  for (auto& row : rows) KeepStrongest(row, options.row_cells_max);
  return SparseRows(std::move(rows));
}

}  // namespace attune::models
