#include "experiments/simulate_experiments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "experiments/assignment.h"
#include "experiments/confidence_sequence.h"
#include "experiments/mean_comparison.h"
#include "experiments/sample_ratio.h"
#include "models/sparse_parallel.h"

namespace attune::experiments {
namespace {

// Experiments between two reports of progress.
constexpr uint64_t kExperimentsPerReport = 200;
constexpr double kTreatmentShare = 0.5;

// What the three tests said of one outcome of one experiment.
struct Verdicts {
  bool fixed = false;
  bool peeked = false;
  bool always_valid = false;
  uint64_t stopped_at = 0;
};

class OutcomeTests {
 public:
  void Add(bool is_treated, double outcome) { arms_[is_treated ? 1 : 0].Add(outcome); }

  void Look(double alpha, const ConfidenceSequence& sequence, uint64_t shoppers, bool is_end) {
    const auto measured = CompareMeans(arms_[0], arms_[1]);
    const bool is_significant = measured && TwoSidedPValue(*measured) < alpha;
    verdicts_.peeked = verdicts_.peeked || is_significant;
    if (is_end) verdicts_.fixed = is_significant;
    if (verdicts_.always_valid) return;
    verdicts_.always_valid = measured && sequence.Excludes0(*measured);
    verdicts_.stopped_at = shoppers;
  }

  const Verdicts& verdicts() const { return verdicts_; }
  const ArmOutcomes& arm(size_t i) const { return arms_[i]; }

 private:
  std::array<ArmOutcomes, 2> arms_;  // Control, treatment.
  Verdicts verdicts_;
};

struct Experiment {
  Verdicts conversion;
  Verdicts revenue;
  bool has_sample_ratio_alarm = false;
};

Experiment Run(const SimulationOptions& options, const ConfidenceSequence& sequence, uint64_t number,
               double effect) {
  const Assignment assignment("simulated " + std::to_string(options.seed) + "/" + std::to_string(number),
                              kTreatmentShare);
  Random random(MixHash64(options.seed, number));
  OutcomeTests conversion, revenue;
  for (uint64_t shopper = 1; shopper <= options.shoppers; ++shopper) {
    char id[sizeof(shopper)];
    std::memcpy(id, &shopper, sizeof(shopper));
    const bool is_treated = assignment.IsTreated({id, sizeof(id)});
    const bool buys = random.NextUnit() < options.conversion * (is_treated ? 1 + effect : 1);
    const double spend = buys ? std::exp(options.spend_mu + options.spend_sigma * random.NextNormal()) : 0.0;
    conversion.Add(is_treated, buys ? 1 : 0);
    revenue.Add(is_treated, spend);
    const bool is_end = shopper == options.shoppers;
    if (!is_end && shopper % options.look_every != 0) continue;
    conversion.Look(options.alpha, sequence, shopper, is_end);
    revenue.Look(options.alpha, sequence, shopper, is_end);
  }
  const double ratio_p =
      SampleRatioPValue(conversion.arm(0).count(), conversion.arm(1).count(), kTreatmentShare);
  return {conversion.verdicts(), revenue.verdicts(), ratio_p < kSampleRatioAlarm};
}

OutcomeRates RatesOf(const std::vector<Experiment>& experiments, Verdicts Experiment::* outcome) {
  const auto share = [&](bool Verdicts::* test) {
    const auto yes = std::count_if(experiments.begin(), experiments.end(),
                                   [&](const Experiment& one) { return (one.*outcome).*test; });
    return static_cast<double>(yes) / static_cast<double>(experiments.size());
  };
  return {share(&Verdicts::fixed), share(&Verdicts::peeked), share(&Verdicts::always_valid)};
}

OutcomeResult Summarize(const std::vector<Experiment>& equal, const std::vector<Experiment>& different,
                        Verdicts Experiment::* outcome) {
  OutcomeResult result;
  result.false_positive = RatesOf(equal, outcome);
  result.power = RatesOf(different, outcome);
  for (const Experiment& one : different) {
    result.shoppers_always_valid += static_cast<double>((one.*outcome).stopped_at);
  }
  result.shoppers_always_valid /= static_cast<double>(different.size());
  return result;
}

// A buyer's mean and mean square are given; shoppers buy with `rate`.
struct SpendMoments {
  double mean = 1;
  double mean_square = 1;

  double MeanAt(double rate) const { return rate * mean; }
  double VarianceAt(double rate) const { return rate * mean_square - rate * mean * rate * mean; }
};

double TheoryPower(const SimulationOptions& options, const SpendMoments& moments) {
  const double treated = options.conversion * (1 + options.effect);
  const double arm = static_cast<double>(options.shoppers) / 2;
  const double variance = (moments.VarianceAt(options.conversion) + moments.VarianceAt(treated)) / arm;
  return FixedHorizonPower(moments.MeanAt(treated) - moments.MeanAt(options.conversion), std::sqrt(variance),
                           options.alpha);
}

Status CheckOptions(const SimulationOptions& options) {
  if (options.experiments == 0) return InvalidArgument("must be positive", "experiments");
  if (options.look_every == 0) return InvalidArgument("must be positive", "look_every");
  if (options.shoppers < 4) return InvalidArgument("must be at least 4", "shoppers");
  if (!(options.conversion > 0 && options.conversion < 1)) {
    return InvalidArgument("must lie between 0 and 1", "conversion");
  }
  if (!(options.effect > -1 && options.conversion * (1 + options.effect) < 1)) {
    return InvalidArgument("must leave the treated arm a conversion between 0 and 1", "effect");
  }
  return {};
}

std::string Row(const char* name, const OutcomeRates& rates) {
  char line[160];
  std::snprintf(line, sizeof(line), "\n  %-26s %8.4f %8.4f %12.4f", name, rates.fixed, rates.always_valid,
                rates.peeked);
  return line;
}

void WriteOutcome(const OutcomeResult& outcome, JsonWriter& json) {
  json.Key("false_positive_rate").Fixed(outcome.false_positive.fixed, 6);
  json.Key("false_positive_rate_always_valid").Fixed(outcome.false_positive.always_valid, 6);
  json.Key("false_positive_rate_peeked").Fixed(outcome.false_positive.peeked, 6);
  json.Key("power").Fixed(outcome.power.fixed, 6).Key("power_theory").Fixed(outcome.power_theory, 6);
  json.Key("power_always_valid").Fixed(outcome.power.always_valid, 6);
  json.Key("shoppers_always_valid").Fixed(outcome.shoppers_always_valid, 1);
}

}  // namespace

Result<SimulationResult> SimulateExperiments(const SimulationOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(const ConfidenceSequence sequence,
                   ConfidenceSequence::Create(options.alpha, options.shoppers));
  std::vector<Experiment> equal(options.experiments), different(options.experiments);
  for (uint64_t first = 0; first < options.experiments; first += kExperimentsPerReport) {
    const uint64_t count = std::min(kExperimentsPerReport, options.experiments - first);
    models::ForEachBlock(count, 4, options.threads, [&](uint32_t, size_t begin, size_t end) {
      for (uint64_t i = first + begin; i < first + end; ++i) {
        equal[i] = Run(options, sequence, i, 0);
        different[i] = Run(options, sequence, i, options.effect);
      }
    });
    if (options.progress) {
      options.progress("experiments",
                       static_cast<double>(first + count) / static_cast<double>(options.experiments));
    }
  }
  SimulationResult result;
  result.options = options;
  result.conversion = Summarize(equal, different, &Experiment::conversion);
  result.revenue = Summarize(equal, different, &Experiment::revenue);
  result.conversion.power_theory = TheoryPower(options, {});
  const double sigma_squared = options.spend_sigma * options.spend_sigma;
  result.revenue.power_theory = TheoryPower(options, {std::exp(options.spend_mu + sigma_squared / 2),
                                                      std::exp(2 * options.spend_mu + 2 * sigma_squared)});
  const auto alarms = std::count_if(equal.begin(), equal.end(),
                                    [](const Experiment& one) { return one.has_sample_ratio_alarm; });
  result.sample_ratio_alarms = static_cast<double>(alarms) / static_cast<double>(options.experiments);
  return result;
}

std::string FormatSimulationTable(const SimulationResult& result) {
  const SimulationOptions& options = result.options;
  const double error =
      std::sqrt(options.alpha * (1 - options.alpha) / static_cast<double>(options.experiments));
  char line[512];
  std::snprintf(
      line, sizeof(line),
      "experiment: %llu A/A and %llu A/B experiments of %llu shoppers, a look every %llu; alpha %.3g "
      "(+- %.4f by the luck of %llu experiments)\n"
      "  %-26s %8s %8s %12s",
      static_cast<unsigned long long>(options.experiments),
      static_cast<unsigned long long>(options.experiments), static_cast<unsigned long long>(options.shoppers),
      static_cast<unsigned long long>(options.look_every), options.alpha, error,
      static_cast<unsigned long long>(options.experiments), "share that said yes", "fixed", "always",
      "fixed,peeked");
  std::string text = line;
  text += Row("A/A conversion", result.conversion.false_positive);
  text += Row("A/A revenue", result.revenue.false_positive);
  std::snprintf(line, sizeof(line), "A/B conversion %+.0f %%", 100 * options.effect);
  text += Row(line, result.conversion.power);
  std::snprintf(line, sizeof(line), "A/B revenue %+.0f %%", 100 * options.effect);
  text += Row(line, result.revenue.power);
  std::snprintf(line, sizeof(line),
                "\n  by theory the fixed test finds %.4f (conversion) and %.4f (revenue)"
                "\n  the always-valid test stops after %.0f and %.0f shoppers on average"
                "\n  sample ratio alarms in A/A: %.4f (p < %.3f)",
                result.conversion.power_theory, result.revenue.power_theory,
                result.conversion.shoppers_always_valid, result.revenue.shoppers_always_valid,
                result.sample_ratio_alarms, kSampleRatioAlarm);
  return text + line;
}

void WriteSimulationJson(const SimulationResult& result, JsonWriter& json) {
  json.BeginObject();
  json.Key("experiments").Uint(result.options.experiments).Key("shoppers").Uint(result.options.shoppers);
  json.Key("look_every").Uint(result.options.look_every).Key("alpha").Fixed(result.options.alpha, 6);
  json.Key("effect").Fixed(result.options.effect, 6);
  WriteOutcome(result.conversion, json);
  json.Key("sample_ratio_alarm_rate").Fixed(result.sample_ratio_alarms, 6);
  json.Key("revenue").BeginObject();
  WriteOutcome(result.revenue, json);
  json.EndObject().EndObject();
}

}  // namespace attune::experiments
