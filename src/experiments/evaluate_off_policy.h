// What would another policy have earned, from the log of this one?  (`attune evaluate off-policy`)
//
// The log (bandit_log.h) was written by the logging policy.  The evaluated policy (evaluation_policy.h) is
// the one that acts like a second log, `target`, or without one the uniform policy.  Reported: ips, snips,
// direct and dr with intervals (off_policy.h; the reward model is cross-fitted), the weights, and alarms.
//
// With a target log the truth is known: the mean reward that it did earn.  Every estimate is held against it
// as a relative error; the truth is a mean of few rewards too, so its interval stands beside it.
//
// Thread safety: pure function; the bootstrap starts threads of its own and joins them.

#ifndef ATTUNE_EXPERIMENTS_EVALUATE_OFF_POLICY_H_
#define ATTUNE_EXPERIMENTS_EVALUATE_OFF_POLICY_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "experiments/bandit_log.h"
#include "experiments/off_policy.h"

namespace attune::experiments {

struct OffPolicyOptions {
  BanditColumns columns;  // Of both files.
  uint32_t folds = 5;     // Of the reward model.
  OffPolicyBootstrap bootstrap;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

// A mean reward with its bootstrap interval.
struct EarnedReward {
  double mean = 0, low = 0, high = 0;
  uint64_t rows = 0;
};

struct OffPolicyEvaluation {
  uint64_t actions = 0;
  uint64_t positions = 0;
  PolicyValue value;
  PolicyValueInterval interval;
  WeightReport weights;
  double unsupported = 0;
  std::vector<std::string> alarms;
  EarnedReward logged;                // By the logging policy.
  std::optional<EarnedReward> truth;  // By the evaluated one, where a target log tells.
};

// Fails as CsvTable::Read, ReadBanditLog, EvaluationPolicy::ActingLike and CrossFitRewards do; errors of the
// target log say so.
Result<OffPolicyEvaluation> EvaluateOffPolicy(std::string_view logs, std::optional<std::string_view> target,
                                              const OffPolicyOptions& options);

std::string FormatOffPolicyTable(const OffPolicyEvaluation& evaluation);
// {"ips":..,"ips_low":..,"ips_high":..,..,"effective_sample_size":..,"alarms":[..],"truth":..,
//  "ips_relative_error":..}
void WriteOffPolicyJson(const OffPolicyEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_EVALUATE_OFF_POLICY_H_
