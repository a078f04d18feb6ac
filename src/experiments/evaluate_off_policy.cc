#include "experiments/evaluate_off_policy.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "experiments/evaluation_policy.h"
#include "experiments/reward_model.h"
#include "models/csv_table.h"

namespace attune::experiments {
namespace {

struct NamedEstimate {
  const char* name;
  double PolicyValue::* value;
};
constexpr std::array<NamedEstimate, 4> kEstimates = {{{"ips", &PolicyValue::ips},
                                                      {"snips", &PolicyValue::snips},
                                                      {"dr", &PolicyValue::dr},
                                                      {"direct", &PolicyValue::direct}}};

Result<BanditLog> ReadLog(std::string_view csv, const BanditColumns& columns) {
  ASSIGN_OR_RETURN(const models::CsvTable table, models::CsvTable::Read(csv));
  return ReadBanditLog(table, columns);
}

// What the policy that wrote the log earned.
Result<EarnedReward> EarnedBy(const BanditLog& log, const OffPolicyBootstrap& bootstrap) {
  WeightedRewards rows;
  rows.reward = log.reward;
  rows.weight.assign(log.size(), 1);
  rows.expected.assign(log.size(), 0);
  rows.value.assign(log.size(), 0);
  ASSIGN_OR_RETURN(const PolicyValue value, EstimatePolicyValue(rows));
  ASSIGN_OR_RETURN(const PolicyValueInterval interval, BootstrapPolicyValue(rows, bootstrap));
  return EarnedReward{value.ips, interval.low.ips, interval.high.ips, log.size()};
}

WeightedRewards Weigh(const BanditLog& log, const EvaluationPolicy& policy, const RewardModels& models) {
  WeightedRewards rows;
  rows.reward = log.reward;
  for (size_t row = 0; row < log.size(); ++row) {
    const uint32_t position = log.position[row];
    rows.weight.push_back(policy.Chance(position, log.action[row]) / log.propensity[row]);
    rows.expected.push_back(models.Expected(row, position, log.action[row]));
    double value = 0;
    for (uint32_t action = 0; action < log.actions.size(); ++action) {
      value += policy.Chance(position, action) * models.Expected(row, position, action);
    }
    rows.value.push_back(value);
  }
  return rows;
}

double RelativeError(double estimate, double truth) { return std::abs(estimate - truth) / std::abs(truth); }

void WriteEarned(const char* name, const EarnedReward& earned, JsonWriter& json) {
  const std::string key = name;
  json.Key(key).Double(earned.mean).Key(key + "_low").Double(earned.low);
  json.Key(key + "_high").Double(earned.high).Key(key + "_rows").Uint(earned.rows);
}

}  // namespace

Result<OffPolicyEvaluation> EvaluateOffPolicy(std::string_view logs, std::optional<std::string_view> target,
                                              const OffPolicyOptions& options) {
  const auto report = [&](std::string_view stage, double share) {
    if (options.progress) options.progress(stage, share);
  };
  ASSIGN_OR_RETURN(const BanditLog log, ReadLog(logs, options.columns));
  EvaluationPolicy policy = EvaluationPolicy::Uniform(log);
  OffPolicyEvaluation evaluation;
  if (target) {
    const auto target_log = ReadLog(*target, options.columns);
    if (!target_log.ok()) {
      const Status& status = target_log.status();
      return Status(status.code(), "target log: " + status.message(), status.field());
    }
    ASSIGN_OR_RETURN(policy, EvaluationPolicy::ActingLike(*target_log, log));
    ASSIGN_OR_RETURN(evaluation.truth, EarnedBy(*target_log, options.bootstrap));
  }
  report("reward model", 0);
  ASSIGN_OR_RETURN(const RewardModels models, CrossFitRewards(log, options.folds, options.bootstrap.seed));
  const WeightedRewards rows = Weigh(log, policy, models);
  report("bootstrap", 0.5);
  evaluation.actions = log.actions.size();
  evaluation.positions = log.positions.size();
  ASSIGN_OR_RETURN(evaluation.value, EstimatePolicyValue(rows));
  ASSIGN_OR_RETURN(evaluation.interval, BootstrapPolicyValue(rows, options.bootstrap));
  ASSIGN_OR_RETURN(evaluation.logged, EarnedBy(log, options.bootstrap));
  evaluation.weights = DescribeWeights(rows);
  evaluation.unsupported = policy.unsupported();
  evaluation.alarms = OffPolicyAlarms(evaluation.weights, evaluation.unsupported);
  report("bootstrap", 1);
  return evaluation;
}

std::string FormatOffPolicyTable(const OffPolicyEvaluation& evaluation) {
  char line[256];
  std::snprintf(line, sizeof(line),
                "off-policy: %llu rows, %llu actions, %llu positions\n  %-10s %10s   %-24s %s",
                static_cast<unsigned long long>(evaluation.weights.rows),
                static_cast<unsigned long long>(evaluation.actions),
                static_cast<unsigned long long>(evaluation.positions), "", "reward", "95 %",
                evaluation.truth ? "off the truth" : "");
  std::string text = line;
  const auto add = [&](const char* name, double mean, double low, double high) {
    std::snprintf(line, sizeof(line), "\n  %-10s %10.6f   [%.6f, %.6f]", name, mean, low, high);
    text += line;
  };
  add("logged", evaluation.logged.mean, evaluation.logged.low, evaluation.logged.high);
  if (evaluation.truth) add("truth", evaluation.truth->mean, evaluation.truth->low, evaluation.truth->high);
  for (const NamedEstimate& estimate : kEstimates) {
    const double value = evaluation.value.*estimate.value;
    add(estimate.name, value, evaluation.interval.low.*estimate.value,
        evaluation.interval.high.*estimate.value);
    if (!evaluation.truth) continue;
    std::snprintf(line, sizeof(line), "   %6.1f %%", 100 * RelativeError(value, evaluation.truth->mean));
    text += line;
  }
  std::snprintf(line, sizeof(line),
                "\n  effective sample %.0f rows, largest weight %.4g, mean weight %.4f +- %.4f",
                evaluation.weights.effective_sample_size, evaluation.weights.max, evaluation.weights.mean,
                evaluation.weights.mean_error);
  text += line;
  for (const std::string& alarm : evaluation.alarms) text += "\n  alarm: " + alarm;
  return text;
}

void WriteOffPolicyJson(const OffPolicyEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  for (const NamedEstimate& estimate : kEstimates) {
    const std::string name = estimate.name;
    const double value = evaluation.value.*estimate.value;
    json.Key(name).Double(value);
    json.Key(name + "_low").Double(evaluation.interval.low.*estimate.value);
    json.Key(name + "_high").Double(evaluation.interval.high.*estimate.value);
    if (evaluation.truth) {
      json.Key(name + "_relative_error").Double(RelativeError(value, evaluation.truth->mean));
    }
  }
  WriteEarned("logged", evaluation.logged, json);
  if (evaluation.truth) WriteEarned("truth", *evaluation.truth, json);
  json.Key("actions").Uint(evaluation.actions).Key("positions").Uint(evaluation.positions);
  json.Key("effective_sample_size").Double(evaluation.weights.effective_sample_size);
  json.Key("max_weight").Double(evaluation.weights.max);
  json.Key("max_weight_share").Double(evaluation.weights.max_share);
  json.Key("mean_weight").Double(evaluation.weights.mean);
  json.Key("unsupported").Double(evaluation.unsupported);
  json.Key("alarms").BeginArray();
  for (const std::string& alarm : evaluation.alarms) json.String(alarm);
  json.EndArray().EndObject();
}

}  // namespace attune::experiments
