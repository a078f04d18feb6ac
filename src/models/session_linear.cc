#include "models/session_linear.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

#include "models/session_pairs.h"
#include "models/sparse_ridge.h"

namespace attune::models {
namespace {

constexpr size_t kColumnBlock = 16;
constexpr int32_t kNotARegressor = -1;
constexpr uint32_t kDenseProductsMax = 25'000;  // 7.5 GB while training.

Status CheckOptions(const SessionLinearOptions& options) {
  if (!(options.full_share >= 0 && options.full_share <= 1)) {
    return InvalidArgument("share must be 0 to 1", "full_share");
  }
  if (!(options.ridge >= 0.01 && options.ridge <= 1e6)) {
    return InvalidArgument("ridge must be 0.01 to 1e6", "ridge");
  }
  if (!(options.cut_tau >= 0.01 && options.cut_tau <= 1000)) {
    return InvalidArgument("tau must be 0.01 to 1000", "cut_tau");
  }
  if (!(options.ageing >= 0 && options.ageing <= 100)) {
    return InvalidArgument("ageing must be 0 to 100", "ageing");
  }
  if (options.dense_products_max > kDenseProductsMax) {
    return InvalidArgument("must be at most 25000", "dense_products_max");
  }
  if (options.regressors_max == 0 || options.regressors_max > kRidgeNeighboursMax) {
    return InvalidArgument("regressors must be 1 to 500", "regressors_max");
  }
  if (options.gram_cells_per_row_max < options.regressors_max) {
    return InvalidArgument("must be at least regressors_max", "gram_cells_per_row_max");
  }
  if (options.row_cells_max == 0) return InvalidArgument("must be at least 1", "row_cells_max");
  return {};
}

bool ByProduct(const Neighbour& a, const Neighbour& b) { return a.product < b.product; }

// A without its diagonal, rows by product, each cut to its largest cells.
struct InputMatrix {
  std::vector<std::vector<Neighbour>> rows;
  std::vector<float> diagonal;
};

InputMatrix MakeInputs(const SessionPairs& pairs, uint32_t cells_max, const TrainingControl& control) {
  InputMatrix inputs;
  inputs.rows.resize(pairs.product_count());
  inputs.diagonal.resize(pairs.product_count());
  std::vector<PairSums> sums(static_cast<size_t>(std::max(control.thread_count, 1)),
                             PairSums(pairs.product_count()));
  ForEachTrainingBlock(pairs.product_count(), kColumnBlock, control,
                       [&](size_t begin, size_t end, size_t thread) {
                         for (size_t i = begin; i < end; ++i) {
                           const auto product = static_cast<uint32_t>(i);
                           pairs.AddInputs(product, sums[thread]);
                           std::vector<Neighbour> row;
                           for (const uint32_t other : sums[thread].touched()) {
                             if (other != product) row.push_back({other, sums[thread].Of(other)});
                           }
                           inputs.diagonal[i] = sums[thread].Of(product);
                           sums[thread].Clear();
                           KeepStrongest(row, cells_max);
                           std::sort(row.begin(), row.end(), ByProduct);
                           inputs.rows[i].assign(row.begin(), row.end());
                         }
                       });
  return inputs;
}

// Solves for one product after the other; owned by one thread.
class ColumnSolver {
 public:
  ColumnSolver(const SessionPairs& pairs, const InputMatrix& inputs, const SessionLinearOptions& options)
      : pairs_(pairs),
        inputs_(inputs),
        ridge_(static_cast<float>(options.ridge)),
        regressors_max_(options.regressors_max),
        sums_(pairs.product_count()),
        place_(pairs.product_count(), kNotARegressor) {}

  // Column `product` of B; its own cell is put into `repeat`.
  std::vector<Neighbour> Solve(uint32_t product, float& repeat) {
    ChooseRegressors(product);
    const auto count = static_cast<Eigen::Index>(chosen_.size());
    matrix_.setZero(count, count);
    Eigen::VectorXf right(count);
    for (Eigen::Index i = 0; i < count; ++i) {
      const Neighbour& regressor = chosen_[static_cast<size_t>(i)];
      matrix_(i, i) = inputs_.diagonal[regressor.product] + ridge_;
      right(i) = regressor.weight;
      for (const Neighbour& cell : inputs_.rows[regressor.product]) {
        const int32_t place = place_[cell.product];
        if (place > i) matrix_(place, i) = cell.weight;
      }
    }
    for (const Neighbour& regressor : chosen_) place_[regressor.product] = kNotARegressor;
    solver_.compute(matrix_.topLeftCorner(count, count));
    Eigen::VectorXf solution(count);
    if (solver_.info() == Eigen::Success) {
      solution = solver_.solve(right);
    } else {
      // Only possible where gram_cells_per_row_max cut the matrix: each regressor alone is always solvable.
      solution = right.cwiseQuotient(matrix_.diagonal().head(count));
    }
    std::vector<Neighbour> column;
    for (Eigen::Index i = 0; i < count; ++i) {
      if (!std::isfinite(solution(i)) || solution(i) == 0) continue;
      const uint32_t regressor = chosen_[static_cast<size_t>(i)].product;
      if (regressor == product) {
        repeat = solution(i);
      } else {
        column.push_back({regressor, solution(i)});
      }
    }
    return column;
  }

 private:
  // Sets chosen_ (by product, with R[a, product]) and place_; `product` itself is always one of them.
  void ChooseRegressors(uint32_t product) {
    pairs_.AddTargets(product, sums_);
    candidates_.clear();
    for (const uint32_t other : sums_.touched()) {
      if (other == product) continue;
      candidates_.push_back({other, sums_.Of(other) / std::sqrt(inputs_.diagonal[other] + ridge_)});
    }
    KeepStrongest(candidates_, regressors_max_);
    chosen_.clear();
    for (const Neighbour& candidate : candidates_) {
      chosen_.push_back({candidate.product, sums_.Of(candidate.product)});
    }
    chosen_.push_back({product, sums_.Of(product)});
    sums_.Clear();
    std::sort(chosen_.begin(), chosen_.end(), ByProduct);
    for (size_t i = 0; i < chosen_.size(); ++i) place_[chosen_[i].product] = static_cast<int32_t>(i);
  }

  const SessionPairs& pairs_;
  const InputMatrix& inputs_;
  const float ridge_;
  const uint32_t regressors_max_;
  PairSums sums_;
  std::vector<int32_t> place_;  // By product: where it stands in chosen_.
  std::vector<Neighbour> candidates_;
  std::vector<Neighbour> chosen_;
  Eigen::MatrixXf matrix_;  // The lower half of A[N, N] + ridge I.
  Eigen::LLT<Eigen::MatrixXf, Eigen::Lower> solver_;
};

struct Columns {
  std::vector<std::vector<Neighbour>> cells;  // By target, without the diagonal.
  std::vector<float> repeats;
};

Columns SolveSparse(const SessionPairs& pairs, const SessionLinearOptions& options,
                    const TrainingControl& control) {
  Columns columns;
  columns.cells.resize(pairs.product_count());
  columns.repeats.resize(pairs.product_count());
  const InputMatrix inputs = MakeInputs(pairs, options.gram_cells_per_row_max, control);
  std::vector<ColumnSolver> solvers(static_cast<size_t>(std::max(control.thread_count, 1)),
                                    ColumnSolver(pairs, inputs, options));
  ForEachTrainingBlock(
      pairs.product_count(), kColumnBlock, control, [&](size_t begin, size_t end, size_t thread) {
        for (size_t product = begin; product < end; ++product) {
          columns.cells[product] =
              solvers[thread].Solve(static_cast<uint32_t>(product), columns.repeats[product]);
        }
      });
  return columns;
}

Columns SolveDense(const SessionPairs& pairs, const SessionLinearOptions& options) {
  const auto count = static_cast<Eigen::Index>(pairs.product_count());
  Eigen::MatrixXf inputs = Eigen::MatrixXf::Zero(count, count);
  Eigen::MatrixXf solution = Eigen::MatrixXf::Zero(count, count);
  PairSums sums(pairs.product_count());
  for (Eigen::Index column = 0; column < count; ++column) {
    pairs.AddInputs(static_cast<uint32_t>(column), sums);
    for (const uint32_t other : sums.touched()) inputs(other, column) = sums.Of(other);
    sums.Clear();
    inputs(column, column) += static_cast<float>(options.ridge);
    pairs.AddTargets(static_cast<uint32_t>(column), sums);
    for (const uint32_t other : sums.touched()) solution(other, column) = sums.Of(other);
    sums.Clear();
  }
  // A is positive semi-definite and the ridge is added: the factor exists.
  Eigen::LLT<Eigen::Ref<Eigen::MatrixXf>> factor(inputs);
  factor.solveInPlace(solution);
  Columns columns;
  columns.cells.resize(pairs.product_count());
  for (Eigen::Index column = 0; column < count; ++column) {
    columns.repeats.push_back(solution(column, column));
    for (Eigen::Index from = 0; from < count; ++from) {
      const float weight = solution(from, column);
      if (from == column || weight == 0 || !std::isfinite(weight)) continue;
      columns.cells[static_cast<size_t>(column)].push_back({static_cast<uint32_t>(from), weight});
    }
  }
  return columns;
}

}  // namespace

Result<SessionLinear> TrainSessionLinear(const Sequences& sessions, uint32_t product_count,
                                         const SessionLinearOptions& options,
                                         const TrainingControl& control) {
  RETURN_IF_ERROR(CheckOptions(options));
  const SessionPairs pairs(sessions, product_count, options);
  Columns columns = product_count <= options.dense_products_max ? SolveDense(pairs, options)
                                                                : SolveSparse(pairs, options, control);
  RETURN_IF_ERROR(control.Check());
  std::vector<std::vector<Neighbour>> rows(product_count);
  for (uint32_t to = 0; to < product_count; ++to) {
    for (const Neighbour& from : columns.cells[to]) rows[from.product].push_back({to, from.weight});
    std::vector<Neighbour>().swap(columns.cells[to]);
  }
  for (auto& row : rows) KeepStrongest(row, options.row_cells_max);
  return SessionLinear{SparseRows(std::move(rows)), std::move(columns.repeats)};
}

}  // namespace attune::models
