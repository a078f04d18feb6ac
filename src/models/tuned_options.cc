#include "models/tuned_options.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <type_traits>
#include <utility>

namespace attune::models {

double ValueOf(SettingField field) {
  return std::visit([](const auto* value) { return static_cast<double>(*value); }, field);
}

void SetValue(SettingField field, double value) {
  std::visit(
      [value](auto* target) {
        using Target = std::remove_reference_t<decltype(*target)>;
        *target = static_cast<Target>(std::is_integral_v<Target> ? std::round(value) : value);
      },
      field);
}

void TuningReport::AddFigure(std::string name, double of_defaults, double of_tuned) {
  figures.push_back({std::move(name), of_defaults, of_tuned});
}

double TuningReport::defaults_over_tuned() const {
  double least = HUGE_VAL;
  for (const Pair& figure : figures) {
    // Nothing over nothing is as good as the other.
    least = std::min(least, figure.of_tuned > 0 ? figure.of_defaults / figure.of_tuned : 1.0);
  }
  return figures.empty() ? 1 : least;
}

std::string FormatTuning(const TuningReport& report) {
  char line[160];
  std::string text;
  const auto add = [&](int length) {
    text.append(line, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(line) - 1)));
  };
  add(std::snprintf(line, sizeof(line), "%llu trials in %.0f s; on the validation cut %.5f, tuned %.5f\n",
                    static_cast<unsigned long long>(report.trials), report.seconds,
                    report.validation_of_defaults, report.validation_of_tuned));
  add(std::snprintf(line, sizeof(line), "  %-32s %10s %10s %8s\n", "", "defaults", "tuned", "ratio"));
  for (const TuningReport::Pair& figure : report.figures) {
    const double ratio = figure.of_tuned > 0 ? figure.of_defaults / figure.of_tuned : 1;
    add(std::snprintf(line, sizeof(line), "  %-32s %10.4f %10.4f %8.3f\n", figure.name.c_str(),
                      figure.of_defaults, figure.of_tuned, ratio));
  }
  for (const TuningReport::Pair& setting : report.settings) {
    if (setting.of_defaults == setting.of_tuned) continue;
    add(std::snprintf(line, sizeof(line), "  %-32s %10.4g %10.4g\n", setting.name.c_str(),
                      setting.of_defaults, setting.of_tuned));
  }
  return text;
}

void WriteTuning(const TuningReport& report, JsonWriter& json) {
  json.Key("tuned").BeginObject();
  for (const TuningReport::Pair& figure : report.figures) json.Key(figure.name).Fixed(figure.of_tuned, 6);
  json.Key("trials").Uint(report.trials).Key("seconds").Fixed(report.seconds, 1);
  json.Key("validation_of_defaults").Fixed(report.validation_of_defaults, 6);
  json.Key("validation").Fixed(report.validation_of_tuned, 6);
  json.Key("settings").BeginObject();
  for (const TuningReport::Pair& setting : report.settings) json.Key(setting.name).Fixed(setting.of_tuned, 6);
  json.EndObject().EndObject();
  json.Key("defaults_over_tuned").Fixed(report.defaults_over_tuned(), 4);
}

}  // namespace attune::models
