#include "experiments/off_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <tuple>

#include "base/hash.h"
#include "base/random.h"
#include "models/bootstrap.h"
#include "models/sparse_parallel.h"

namespace attune::experiments {
namespace {

constexpr uint32_t kResamplesMin = 100;
constexpr uint32_t kResamplesMax = 100'000;

struct Sums {
  double weighted_rewards = 0;
  double weights = 0;
  double values = 0;
  double corrections = 0;  // w (r - q)

  void Add(const WeightedRewards& rows, size_t row) {
    weighted_rewards += rows.weight[row] * rows.reward[row];
    weights += rows.weight[row];
    values += rows.value[row];
    corrections += rows.weight[row] * (rows.reward[row] - rows.expected[row]);
  }

  PolicyValue Estimates(size_t count) const {
    const auto n = static_cast<double>(count);
    const double snips = weights > 0 ? weighted_rewards / weights : std::numeric_limits<double>::quiet_NaN();
    return {weighted_rewards / n, snips, values / n, (values + corrections) / n};
  }
};

template <class... Values>
std::string Sentence(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof(text), format, values...);
  return text;
}

}  // namespace

Result<PolicyValue> EstimatePolicyValue(const WeightedRewards& rows) {
  if (rows.size() == 0) return InvalidArgument("no rows to estimate from", "logs");
  if (rows.weight.size() != rows.size() || rows.expected.size() != rows.size() ||
      rows.value.size() != rows.size()) {
    return InvalidArgument("lists of rows differ in length", "weight");
  }
  Sums sums;
  for (size_t row = 0; row < rows.size(); ++row) sums.Add(rows, row);
  return sums.Estimates(rows.size());
}

Result<PolicyValueInterval> BootstrapPolicyValue(const WeightedRewards& rows,
                                                 const OffPolicyBootstrap& options) {
  RETURN_IF_ERROR(EstimatePolicyValue(rows).status());
  if (options.resamples < kResamplesMin || options.resamples > kResamplesMax) {
    return InvalidArgument("resamples must be 100 to 100000", "resamples");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    return InvalidArgument("confidence must lie between 0 and 1", "confidence");
  }
  std::vector<PolicyValue> drawn(options.resamples);
  models::ForEachBlock(drawn.size(), 16, options.threads, [&](uint32_t, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      Random random(MixHash64(options.seed, i));
      Sums sums;
      for (size_t draw = 0; draw < rows.size(); ++draw) sums.Add(rows, random.NextBelow(rows.size()));
      drawn[i] = sums.Estimates(rows.size());
    }
  });
  PolicyValueInterval interval;
  for (double PolicyValue::* const estimate :
       {&PolicyValue::ips, &PolicyValue::snips, &PolicyValue::direct, &PolicyValue::dr}) {
    std::vector<double> values;
    for (const PolicyValue& one : drawn) values.push_back(one.*estimate);
    std::tie(interval.low.*estimate, interval.high.*estimate) =
        models::PercentileInterval(std::move(values), options.confidence);
  }
  return interval;
}

WeightReport DescribeWeights(const WeightedRewards& rows) {
  CHECK(rows.size() > 0);
  WeightReport report;
  report.rows = rows.size();
  const auto count = static_cast<double>(rows.size());
  double sum = 0, squares = 0;
  for (const double weight : rows.weight) {
    sum += weight;
    squares += weight * weight;
    report.max = std::max(report.max, weight);
  }
  report.mean = sum / count;
  report.mean_error = std::sqrt(std::max(0.0, squares / count - report.mean * report.mean) / count);
  report.max_share = sum > 0 ? report.max / sum : 0;
  report.effective_sample_size = squares > 0 ? sum * sum / squares : 0;
  return report;
}

std::vector<std::string> OffPolicyAlarms(const WeightReport& weights, double unsupported) {
  std::vector<std::string> alarms;
  if (weights.max_share > kMaxWeightShare) {
    alarms.push_back(Sentence("one row carries %.1f %% of all weight (weight %.4g)", 100 * weights.max_share,
                              weights.max));
  }
  if (weights.effective_sample_size < kEffectiveShareMin * static_cast<double>(weights.rows)) {
    alarms.push_back(Sentence("%llu rows tell as much as %.0f would without weights",
                              static_cast<unsigned long long>(weights.rows), weights.effective_sample_size));
  }
  if (unsupported > kUnsupportedMax) {
    alarms.push_back(
        Sentence("%.1f %% of the evaluated policy is never shown by the log", 100 * unsupported));
  }
  const double off = std::abs(weights.mean - (1 - unsupported));
  if (off > kMeanWeightErrors * weights.mean_error && off > 1e-6) {
    alarms.push_back(Sentence("weights average %.4f +- %.4f where %.4f is due: are these the propensities?",
                              weights.mean, weights.mean_error, 1 - unsupported));
  }
  return alarms;
}

}  // namespace attune::experiments
