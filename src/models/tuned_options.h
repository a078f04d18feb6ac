// Tuned options of a model beside its defaults: which fields may move and how far, and what that gained.
//
//   ASSIGN_OR_RETURN(auto tuned, TuneOptions(NextItemOptions(), NextItemSettings(), on_validation_cut,
//   tuning)); tuned.report.AddFigure("recall@10", of_defaults, of_tuned);   // on the test part, once
//
// A setting is a range (tuning.h) and the field that it moves; lists of them are in tunable_settings.h.
//
// Thread safety: pure functions and values.

#ifndef ATTUNE_MODELS_TUNED_OPTIONS_H_
#define ATTUNE_MODELS_TUNED_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "models/tuning.h"

namespace attune::models {

using SettingField = std::variant<double*, float*, uint32_t*, int64_t*>;

double ValueOf(SettingField field);
void SetValue(SettingField field, double value);

template <class Options>
struct TunableSetting {
  SettingRange range;
  SettingField (*field)(Options&);
};

struct TuningReport {
  // A setting, or a figure of the test part.
  struct Pair {
    std::string name;
    double of_defaults = 0;
    double of_tuned = 0;
  };

  uint64_t trials = 0;
  double seconds = 0;
  // The objective on the validation cut.
  double validation_of_defaults = 0;
  double validation_of_tuned = 0;
  std::vector<Pair> settings;
  std::vector<Pair> figures;

  void AddFigure(std::string name, double of_defaults, double of_tuned);
  // Of the figure that the defaults stand worst in; 1 without figures.
  double defaults_over_tuned() const;
};

template <class Options>
struct TunedOptions {
  Options options;
  TuningReport report;
};

// Fails as SearchSettings does.
template <class Options>
Result<TunedOptions<Options>> TuneOptions(
    const Options& defaults, std::span<const TunableSetting<Options>> settings,
    const std::function<Result<std::optional<double>>(const Options&)>& objective,
    const TuningOptions& tuning) {
  TunedOptions<Options> tuned = {defaults, {}};
  std::vector<SettingRange> ranges;
  std::vector<double> start;
  for (const TunableSetting<Options>& setting : settings) {
    ranges.push_back(setting.range);
    start.push_back(ValueOf(setting.field(tuned.options)));
  }
  const auto set_all = [&](std::span<const double> values, Options& options) {
    for (size_t i = 0; i < settings.size(); ++i) SetValue(settings[i].field(options), values[i]);
  };
  const auto of_values = [&](std::span<const double> values) {
    Options options = defaults;
    set_all(values, options);
    return objective(options);
  };
  ASSIGN_OR_RETURN(const TuningResult result, SearchSettings(ranges, start, of_values, tuning));
  // Nothing was measured: the first trial could not be afforded.
  const std::vector<double>& best = result.best.empty() ? start : result.best;
  set_all(best, tuned.options);
  tuned.report.trials = result.trials;
  tuned.report.seconds = result.seconds;
  tuned.report.validation_of_defaults = result.start_objective;
  tuned.report.validation_of_tuned = result.best_objective;
  for (size_t i = 0; i < settings.size(); ++i) {
    tuned.report.settings.push_back({ranges[i].name, start[i], best[i]});
  }
  return tuned;
}

// A table for people; of the settings only those that moved.
std::string FormatTuning(const TuningReport& report);
// Members of an object that is open: "tuned":{"recall@10":..,"trials":..,"seconds":..,
// "validation_of_defaults":..,"validation":..,"settings":{"gap":..,..}},"defaults_over_tuned":..
void WriteTuning(const TuningReport& report, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TUNED_OPTIONS_H_
