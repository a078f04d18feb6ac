// What would another policy have earned?  Estimates from a log of draws with known chances.
//
// For row i: reward r, weight w = (chance of its action under the evaluated policy) / (its propensity), and
// of a reward model that never saw the row, q = what it expects of the row's action and v = what it expects
// of the evaluated policy, the sum over actions of chance times expectation.
//
//   ips    = mean(w r)                      unbiased; one heavy row can carry it (Horvitz, Thompson 1952)
//   snips  = sum(w r) / sum(w)              a little bias, far less variance (Swaminathan, Joachims 2015)
//   direct = mean(v)                        only as good as the model
//   dr     = mean(v + w (r - q))            unbiased too, and narrow where the model is good (Dudik et al.
//   2014)
//
// These are the InverseProbabilityWeighting, SelfNormalized..., DirectMethod and DoublyRobust of the Open
// Bandit Pipeline.  Intervals: percentile bootstrap over rows, all estimates on the same draws.
//
//   effective_sample_size = sum(w)^2 / sum(w^2)        rows of equal weight that would tell as much (Kish)
//
// Thread safety: pure functions; BootstrapPolicyValue starts threads of its own and joins them.

#ifndef ATTUNE_EXPERIMENTS_OFF_POLICY_H_
#define ATTUNE_EXPERIMENTS_OFF_POLICY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace attune::experiments {

// One entry a row in each.
struct WeightedRewards {
  std::vector<double> reward;
  std::vector<double> weight;    // At least 0.
  std::vector<double> expected;  // q: of the row's action.
  std::vector<double> value;     // v: of the evaluated policy.

  size_t size() const { return reward.size(); }
};

struct PolicyValue {
  double ips = 0;
  double snips = 0;  // NaN when every weight is 0.
  double direct = 0;
  double dr = 0;
};

struct PolicyValueInterval {
  PolicyValue low;
  PolicyValue high;
};

struct WeightReport {
  double mean = 0;        // 1 but for luck, when the propensities are those of the log.
  double mean_error = 0;  // Standard error of it.
  double max = 0;
  double max_share = 0;  // Of the sum of all weights.
  double effective_sample_size = 0;
  uint64_t rows = 0;
};

struct OffPolicyBootstrap {
  uint32_t resamples = 2000;  // In [100, 100 000].
  double confidence = 0.95;   // In (0, 1).
  uint64_t seed = 1;
  uint32_t threads = 1;  // The result does not depend on it.
};

// kInvalidArgument when the lists are empty or differ in length.
Result<PolicyValue> EstimatePolicyValue(const WeightedRewards& rows);
// Fails as EstimatePolicyValue, and with kInvalidArgument for options out of range.
Result<PolicyValueInterval> BootstrapPolicyValue(const WeightedRewards& rows,
                                                 const OffPolicyBootstrap& options);

// REQUIRES: rows.
WeightReport DescribeWeights(const WeightedRewards& rows);

// One row carries more than this share of all weight: its reward decides the estimate.
inline constexpr double kMaxWeightShare = 0.01;
// The effective sample is smaller than this share of the rows.
inline constexpr double kEffectiveShareMin = 0.1;
// The policy shows what the log never does more often than this.
inline constexpr double kUnsupportedMax = 0.01;
// The mean weight is this many standard errors from what the policy's support makes it.
inline constexpr double kMeanWeightErrors = 4;

// Why an estimate should not be believed, in sentences; empty when nothing speaks against it.
std::vector<std::string> OffPolicyAlarms(const WeightReport& weights, double unsupported);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_OFF_POLICY_H_
