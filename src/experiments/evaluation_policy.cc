#include "experiments/evaluation_policy.h"

#include <algorithm>
#include <cmath>

namespace attune::experiments {
namespace {

// Propensities are written with few digits.
constexpr double kSumTolerance = 1e-6;

using Table = std::vector<std::vector<double>>;

Table TableFor(const BanditLog& log) {
  return Table(log.positions.size(), std::vector<double>(log.actions.size(), 0.0));
}

// Chances of `target`'s own actions at its own positions.
Table ChancesOf(const BanditLog& target) {
  Table shares = TableFor(target);
  Table propensities = TableFor(target);
  std::vector<double> rows(target.positions.size(), 0.0);
  std::vector<uint8_t> is_fixed(target.positions.size(), 1);
  for (size_t i = 0; i < target.size(); ++i) {
    const uint32_t position = target.position[i];
    shares[position][target.action[i]] += 1;
    rows[position] += 1;
    double& known = propensities[position][target.action[i]];
    if (known == 0) known = target.propensity[i];
    if (known != target.propensity[i]) is_fixed[position] = 0;
  }
  for (size_t position = 0; position < shares.size(); ++position) {
    for (double& share : shares[position]) share /= rows[position];
    double sum = 0;
    for (const double propensity : propensities[position]) sum += propensity;
    if (is_fixed[position] != 0 && std::abs(sum - 1) < kSumTolerance) {
      shares[position] = propensities[position];
    }
  }
  return shares;
}

}  // namespace

EvaluationPolicy EvaluationPolicy::Uniform(const BanditLog& log) {
  EvaluationPolicy policy;
  policy.chances_ = TableFor(log);
  for (auto& of_position : policy.chances_) {
    std::fill(of_position.begin(), of_position.end(), 1.0 / static_cast<double>(log.actions.size()));
  }
  policy.MeasureSupport(log, std::vector<double>(log.positions.size(), 0.0));
  return policy;
}

Result<EvaluationPolicy> EvaluationPolicy::ActingLike(const BanditLog& target, const BanditLog& log) {
  if (target.positions != log.positions) {
    return InvalidArgument("the two logs have different positions", "position");
  }
  const Table chances = ChancesOf(target);
  EvaluationPolicy policy;
  policy.chances_ = TableFor(log);
  std::vector<double> unknown(log.positions.size(), 0.0);  // Of actions that the log does not know at all.
  for (size_t action = 0; action < target.actions.size(); ++action) {
    const auto place = std::lower_bound(log.actions.begin(), log.actions.end(), target.actions[action]);
    const bool is_known = place != log.actions.end() && *place == target.actions[action];
    const auto number = static_cast<size_t>(place - log.actions.begin());
    for (size_t position = 0; position < chances.size(); ++position) {
      (is_known ? policy.chances_[position][number] : unknown[position]) += chances[position][action];
    }
  }
  policy.MeasureSupport(log, unknown);
  return policy;
}

void EvaluationPolicy::MeasureSupport(const BanditLog& log, const std::vector<double>& unknown) {
  Table rows = TableFor(log);
  std::vector<double> rows_at(log.positions.size(), 0.0);
  for (size_t i = 0; i < log.size(); ++i) {
    rows[log.position[i]][log.action[i]] += 1;
    rows_at[log.position[i]] += 1;
  }
  for (size_t position = 0; position < rows.size(); ++position) {
    double missing = unknown[position];
    for (size_t action = 0; action < rows[position].size(); ++action) {
      if (rows[position][action] == 0) missing += chances_[position][action];
    }
    unsupported_ += missing * rows_at[position] / static_cast<double>(log.size());
  }
}

}  // namespace attune::experiments
