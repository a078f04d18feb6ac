// Are our own tests honest?  Thousands of experiments of which the truth is known.
// (`attune evaluate experiment --simulate a-a`)
//
// One experiment: `shoppers` come one after the other, are put into two equal arms (assignment.h) and buy or
// do not; a buyer spends a log-normal amount.  Two outcomes are tested, `conversion` (0 or 1) and `revenue`
// (0 or the amount: the skewed kind).  Every `look_every` shoppers all tests are asked:
//
//   fixed         the fixed-horizon test (mean_comparison.h), asked at the end only, as it must be
//   peeked        the same test, stopped at the first look at which it says yes, as it must not be
//   always valid  the confidence sequence (confidence_sequence.h), stopped at the first look that excludes 0
//
// A/A: the arms are equal, and every yes is a false positive; alpha is what is promised.  A/B: treated
// shoppers buy more often by the factor 1 + effect, and a yes is a find.  The theory's power of the fixed
// test stands beside its measured one.
//
// Deterministic: experiment i draws from its own seed, so the result depends on neither threads nor order.
// Thread safety: pure function; it starts threads of its own and joins them.

#ifndef ATTUNE_EXPERIMENTS_SIMULATE_EXPERIMENTS_H_
#define ATTUNE_EXPERIMENTS_SIMULATE_EXPERIMENTS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/status.h"

namespace attune::experiments {

struct SimulationOptions {
  uint64_t experiments = 10'000;
  uint64_t shoppers = 10'000;  // Of one experiment, both arms.
  uint64_t look_every = 100;   // Shoppers.
  double alpha = 0.05;
  double conversion = 0.05;  // Share of shoppers who buy.
  double effect =
      0.25;  // Of the A/B experiments: relative change of conversion, in (-1, 1 / conversion - 1].
  // A buyer's spend: exp(N(mu, sigma)), a median of 40 and a mean of 55.
  double spend_mu = 3.688879454113936;
  double spend_sigma = 0.8;
  uint64_t seed = 1;
  uint32_t threads = 1;
  std::function<void(std::string_view stage, double share)> progress = nullptr;
};

// Shares of experiments in which a test said yes, of one outcome.
struct OutcomeRates {
  double fixed = 0;
  double peeked = 0;
  double always_valid = 0;
};

struct OutcomeResult {
  OutcomeRates false_positive;  // A/A.
  OutcomeRates power;           // A/B.
  double power_theory = 0;      // Of the fixed test.
  // A/B: shoppers after which the always-valid test stopped, all of them where it did not; mean.
  double shoppers_always_valid = 0;
};

struct SimulationResult {
  SimulationOptions options;
  OutcomeResult conversion;
  OutcomeResult revenue;
  double sample_ratio_alarms = 0;  // Share of the A/A experiments at whose end the sample ratio alarms.
};

// kInvalidArgument for options out of range.
Result<SimulationResult> SimulateExperiments(const SimulationOptions& options);

std::string FormatSimulationTable(const SimulationResult& result);
// {"experiments":..,"false_positive_rate":..,"false_positive_rate_always_valid":..,..,"revenue":{..}}
// The keys at the top are of the conversion.
void WriteSimulationJson(const SimulationResult& result, JsonWriter& json);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_SIMULATE_EXPERIMENTS_H_
