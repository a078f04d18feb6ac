// Looks for better settings of a model than its defaults: a pattern search within named ranges.
//
//   objective(values)   larger is better; measured on a validation cut, never on a test part
//
//   1. From the start, each setting in the order given moves up by a step of its range, or down when up does
//      not help; what helps is kept at once.  A range on the logarithmic scale is walked by factors.
//   2. After a pass that helped, one leap: the way of the whole pass once more (Hooke and Jeeves 1961).
//   3. After one that did not, the step is halved, from a quarter of the ranges to a 32nd.
//   4. After the last step the same again from a point drawn by the seed, while the budget lasts.
//
// The best point of all wins; the start wins ties, so that nothing is changed for nothing.  A point is never
// measured twice.  The settings that matter most should stand first: a small budget ends early in the list.
//
// With a limit of trials alone the result depends on nothing but the arguments; with one of seconds on the
// machine, too.  Thread safety: pure function; objective and progress are called on the caller's thread.

#ifndef ATTUNE_MODELS_TUNING_H_
#define ATTUNE_MODELS_TUNING_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace attune::models {

enum class SettingScale : uint8_t { kLinear = 1, kLogarithmic = 2 };

// Both ends included.
struct SettingRange {
  std::string name;
  double least = 0;
  double most = 1;
  SettingScale scale = SettingScale::kLinear;
  bool is_whole = false;  // Only whole numbers.
};

struct TuningOptions {
  uint64_t trials_max = 0;       // With the start; 0: only seconds_max ends the search.
  double seconds_max = 0;        // No trial begins later; 0: only trials_max ends the search.
  const Clock* clock = nullptr;  // REQUIRED with seconds_max.
  uint64_t seed = 1;
  // What is best so far, and how much of the budget is spent, in [0, 1].
  std::function<void(std::string_view stage, double share)> progress = {};
};

struct TuningResult {
  uint64_t trials = 0;
  double seconds = 0;  // 0 without a clock.
  double start_objective = 0;
  double best_objective = 0;
  std::vector<double> best;  // By range.
};

// Nothing: the trial can not be afforded, and the search ends with what it has.
using TuningObjective = std::function<Result<std::optional<double>>(std::span<const double> values)>;

// Fails with InvalidArgument, naming the setting, when the start is outside of its range or a range is empty,
// and without a limit; and as the objective does.
Result<TuningResult> SearchSettings(std::span<const SettingRange> ranges, std::span<const double> start,
                                    const TuningObjective& objective, const TuningOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TUNING_H_
