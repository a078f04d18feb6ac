// How well a score finds the shoppers whom a treatment moves: the Qini curve of a randomised experiment.
//
// Rows in descending order of score.  After the first k of them, with n_t and n_c treated and untreated rows
// and Y_t and Y_c the sums of their outcomes:
//
//   curve(k)  = Y_t(k) - Y_c(k) n_t(k) / n_c(k)                     incremental outcomes (Radcliffe 2007)
//   qini      = (area(score) - area(random)) / (area(perfect) - area(random))
//   uplift@p  = mean outcome of treated minus untreated rows among the first p % of all rows
//
// `random` is the straight line to the end of the curve; `perfect` is the curve of the order by y for treated
// and by -y for untreated rows, which nobody can know.  This is scikit-uplift's qini_auc_score with
// negative_effect=True, one of several normalisations in use; uplift@p is its uplift_at_k, strategy 'first'.
// 0 is no better than random, 1 is out of reach, below 0 is worse than random.
//
// Rows of equal score are one step, so the order of rows does not matter; a share that ends within such rows
// takes the part of each of them that is needed.  Areas are by trapezoids.
//
// The interval is the percentile bootstrap over rows, with each end moved away from the figure by the factor
// `widening`.  With 1 it holds how lucky the measured rows are, for scores that owe nothing to them; for
// cross-fitted scores that is too little (kCrossFitWidening in uplift_learner.h).
//
// Radcliffe, "Using control groups to target on predicted lift", Direct Marketing Analytics Journal 2007.
// Thread safety: immutable after Create; Bootstrap starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_QINI_H_
#define ATTUNE_MODELS_QINI_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/status.h"

namespace attune::models {

// A finished randomised experiment, a row a shopper.
struct UpliftRows {
  std::vector<uint8_t> is_treated;
  std::vector<double> outcome;

  size_t size() const { return outcome.size(); }
};

struct UpliftFigures {
  static constexpr std::array<double, 3> kShares = {0.1, 0.2, 0.3};
  double qini = 0;
  std::array<double, kShares.size()> uplift_at = {};  // Of kShares.
};

struct UpliftInterval {
  UpliftFigures low;
  UpliftFigures high;
};

struct QiniBootstrapOptions {
  uint32_t resamples = 1000;  // In [100, 100 000].
  double confidence = 0.95;   // In (0, 1).
  double widening = 1;        // At least 1.
  uint64_t seed = 1;
  uint32_t threads = 1;  // The result does not depend on it.
};

class QiniMeasure {
 public:
  // kInvalidArgument when the lengths differ, a score or an outcome is not finite, an arm is empty, or all
  // orders are worth the same (every outcome is 0), for then there is nothing to normalise by.
  static Result<QiniMeasure> Create(const UpliftRows& rows, std::span<const double> scores);

  UpliftFigures Figures() const;
  // Percentiles of the figures over resamples.  A resample in which a figure has no value (an arm is empty in
  // it) is left out.  kInvalidArgument for options out of range.
  Result<UpliftInterval> Bootstrap(const QiniBootstrapOptions& options) const;

 private:
  // An order of the rows, best first, in groups of equal value.
  struct Order {
    std::vector<uint32_t> rows;
    std::vector<uint32_t> ends;  // Of the groups, in `rows`.
  };
  QiniMeasure(const UpliftRows& rows, std::span<const double> scores);
  static Order OrderBy(std::span<const double> values);
  double AreaOf(const Order& order, std::span<const uint32_t> weights) const;
  double EndOf(std::span<const uint32_t> weights) const;
  double UpliftAt(double share, std::span<const uint32_t> weights) const;
  // Of the rows taken `weights` times each; NaN where there is no value.
  UpliftFigures FiguresOf(std::span<const uint32_t> weights) const;

  const UpliftRows rows_;
  Order by_score_;
  Order perfect_;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_QINI_H_
