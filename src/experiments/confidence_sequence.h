// An interval for the difference of two means that may be looked at after every shopper.
//
// A confidence sequence holds the true difference at all times at once with probability 1 - alpha, so an
// experiment may be stopped, or prolonged, at any look for any reason:
//
//   difference  +-  standard_error sqrt( (y + 1) / y  log((y + 1) / alpha^2) )          y = n rho^2
//
// n: shoppers so far.  It is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and
// Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences" (Annals of Statistics
// 2024), which comes from a mixture of likelihood ratios over a normal prior: the mSPRT of Robbins (1970) and
// of Johari, Koomen, Pekelis and Walsh, "Always valid inference" (Operations Research 2022).
//
// rho decides when the interval is narrow.  It is narrowest at the planned number of shoppers where
// y = log(y + 1) - 2 log(alpha) there; before, it is wide, which also keeps the first looks honest, when
// means of few outcomes are far from normal.  At the plan it is about 1.5 times as wide as an interval that
// may be looked at once.
//
// Thread safety: immutable.

#ifndef ATTUNE_EXPERIMENTS_CONFIDENCE_SEQUENCE_H_
#define ATTUNE_EXPERIMENTS_CONFIDENCE_SEQUENCE_H_

#include <cmath>
#include <cstdint>

#include "base/status.h"
#include "experiments/mean_comparison.h"

namespace attune::experiments {

class ConfidenceSequence {
 public:
  // kInvalidArgument unless 0 < alpha < 1 and planned_shoppers > 0 (both arms together).
  static Result<ConfidenceSequence> Create(double alpha, uint64_t planned_shoppers);

  // Half the width of the interval, in units of the outcome.
  double Margin(const MeanDifference& measured) const;
  // 0 is not in the interval: the arms differ.
  bool Excludes0(const MeanDifference& measured) const {
    return std::abs(measured.difference) > Margin(measured);
  }

 private:
  ConfidenceSequence(double alpha, double rho_squared) : alpha_(alpha), rho_squared_(rho_squared) {}

  double alpha_;
  double rho_squared_;
};

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_CONFIDENCE_SEQUENCE_H_
