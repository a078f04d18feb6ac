// The policy that is asked about: a chance for every action at every position, whoever the shopper is.
//
//   Uniform   every action of the log alike
//   ActingLike(target)   the policy that acts like the one that wrote `target`, on average over its shoppers:
//       where each action of a position has one propensity in all its rows, and these add up to 1, they are
//       the policy itself; elsewhere it is the share of the position's rows that show the action.  A policy
//       that looks at the shopper, or learns on the way, is only known by these averages.
//
// What the log never shows cannot be judged by weighting: `unsupported` is the chance, averaged over the
// log's rows, that the policy shows such an action.  Its rewards are missing from ips, and are those of a
// rescaled policy in snips.
//
// Thread safety: plain value.

#ifndef ATTUNE_EXPERIMENTS_EVALUATION_POLICY_H_
#define ATTUNE_EXPERIMENTS_EVALUATION_POLICY_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "experiments/bandit_log.h"

namespace attune::experiments {

// Chances by the log's own numbers of positions and actions.
class EvaluationPolicy {
 public:
  static EvaluationPolicy Uniform(const BanditLog& log);
  // kInvalidArgument when the two logs have different positions.
  static Result<EvaluationPolicy> ActingLike(const BanditLog& target, const BanditLog& log);

  // REQUIRES: both below the log's counts.
  double Chance(uint32_t position, uint32_t action) const { return chances_[position][action]; }
  double unsupported() const { return unsupported_; }

 private:
  void MeasureSupport(const BanditLog& log, const std::vector<double>& unknown);

  std::vector<std::vector<double>> chances_;  // By position, then action.
  double unsupported_ = 0;
};

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_EVALUATION_POLICY_H_
