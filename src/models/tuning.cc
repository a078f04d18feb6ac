#include "models/tuning.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <map>
#include <utility>

#include "base/random.h"

namespace attune::models {
namespace {

// Of a range: coarse enough to leave a wrong magnitude at once, fine enough to stop where noise begins.
constexpr double kFirstStep = 1.0 / 4;
constexpr double kLastStep = 1.0 / 32;

// Places are in [0, 1] of each range.
using Point = std::vector<double>;

double ValueAt(const SettingRange& range, double place) {
  double value = range.least + place * (range.most - range.least);
  if (range.scale == SettingScale::kLogarithmic) {
    value = range.least * std::exp(place * std::log(range.most / range.least));
  }
  if (range.is_whole) value = std::round(value);
  return std::clamp(value, range.least, range.most);
}

double PlaceOf(const SettingRange& range, double value) {
  return range.scale == SettingScale::kLogarithmic
             ? std::log(value / range.least) / std::log(range.most / range.least)
             : (value - range.least) / (range.most - range.least);
}

Status CheckRanges(std::span<const SettingRange> ranges, std::span<const double> start) {
  if (ranges.empty() || ranges.size() != start.size()) {
    return InvalidArgument("give a start for every setting", "settings");
  }
  for (size_t i = 0; i < ranges.size(); ++i) {
    const SettingRange& range = ranges[i];
    const bool has_scale = range.scale == SettingScale::kLinear || range.least > 0;
    if (!(range.least < range.most) || !has_scale) return InvalidArgument("the range is empty", range.name);
    if (!(start[i] >= range.least && start[i] <= range.most)) {
      return InvalidArgument("the start is outside of the range", range.name);
    }
  }
  return {};
}

class Search {
 public:
  Search(std::span<const SettingRange> ranges, std::span<const double> start,
         const TuningObjective& objective, const TuningOptions& options)
      : ranges_(ranges), start_(start), objective_(objective), options_(options), random_(options.seed) {
    if (options_.clock != nullptr) started_micros_ = options_.clock->SteadyMicros();
  }

  Result<TuningResult> Run() {
    for (size_t i = 0; i < ranges_.size(); ++i) start_places_.push_back(PlaceOf(ranges_[i], start_[i]));
    Point point = start_places_;
    ASSIGN_OR_RETURN(double at_point, MeasureAt(point));
    while (!is_over_) {
      const uint64_t trials_before = result_.trials;
      RETURN_IF_ERROR(Climb(std::move(point), at_point));
      point.assign(ranges_.size(), 0);
      for (double& place : point) place = random_.NextUnit();
      ASSIGN_OR_RETURN(at_point, MeasureAt(point));
      // Few whole numbers: every point is known.
      if (result_.trials == trials_before) break;
    }
    result_.seconds = Seconds();
    return std::move(result_);
  }

 private:
  double Seconds() const {
    return options_.clock == nullptr
               ? 0
               : static_cast<double>(options_.clock->SteadyMicros() - started_micros_) / 1e6;
  }

  double SpentShare() const {
    double share = 0;
    if (options_.trials_max > 0) {
      share = static_cast<double>(result_.trials) / static_cast<double>(options_.trials_max);
    }
    if (options_.seconds_max > 0) share = std::max(share, Seconds() / options_.seconds_max);
    return std::min(share, 1.0);
  }

  void Report() const {
    if (!options_.progress) return;
    char stage[64];
    std::snprintf(stage, sizeof(stage), "tuning, trial %llu: %.5f to %.5f",
                  static_cast<unsigned long long>(result_.trials), result_.start_objective,
                  result_.best_objective);
    options_.progress(stage, SpentShare());
  }

  Result<double> MeasureAt(const Point& point) {
    std::vector<double> values(ranges_.size());
    for (size_t i = 0; i < ranges_.size(); ++i) {
      // What was not moved stays what it was, not what its place rounds to.
      values[i] = point[i] == start_places_[i] ? start_[i] : ValueAt(ranges_[i], point[i]);
    }
    return Measure(std::move(values));
  }

  // -infinity when the budget is spent, and then is_over_.
  Result<double> Measure(std::vector<double> values) {
    const auto known = measured_.find(values);
    if (known != measured_.end()) return known->second;
    if (is_over_ || (result_.trials > 0 && SpentShare() >= 1)) {
      is_over_ = true;
      return -HUGE_VAL;
    }
    ASSIGN_OR_RETURN(const std::optional<double> measured, objective_(values));
    if (!measured) {
      is_over_ = true;
      return -HUGE_VAL;
    }
    if (result_.trials == 0 || *measured > result_.best_objective) {
      result_.best_objective = *measured;
      result_.best = values;
    }
    if (result_.trials == 0) result_.start_objective = *measured;
    ++result_.trials;
    measured_.emplace(std::move(values), *measured);
    Report();
    return *measured;
  }

  // Moves one place; true when that helped.
  Result<bool> Move(size_t setting, double step, Point& point, double& at_point) {
    for (const double way : {step, -step}) {
      Point moved = point;
      moved[setting] = std::clamp(moved[setting] + way, 0.0, 1.0);
      if (moved[setting] == point[setting]) continue;
      ASSIGN_OR_RETURN(const double at_moved, MeasureAt(moved));
      if (at_moved <= at_point) continue;
      point = std::move(moved);
      at_point = at_moved;
      return true;
    }
    return false;
  }

  Status Leap(const Point& before, Point& point, double& at_point) {
    Point leapt = point;
    for (size_t i = 0; i < leapt.size(); ++i) leapt[i] = std::clamp(2 * point[i] - before[i], 0.0, 1.0);
    ASSIGN_OR_RETURN(const double at_leapt, MeasureAt(leapt));
    if (at_leapt <= at_point) return {};
    point = std::move(leapt);
    at_point = at_leapt;
    return {};
  }

  Status Climb(Point point, double at_point) {
    for (double step = kFirstStep; step >= kLastStep && !is_over_;) {
      const Point before = point;
      bool has_moved = false;
      for (size_t setting = 0; setting < ranges_.size() && !is_over_; ++setting) {
        ASSIGN_OR_RETURN(const bool helped, Move(setting, step, point, at_point));
        has_moved = has_moved || helped;
      }
      if (has_moved) {
        RETURN_IF_ERROR(Leap(before, point, at_point));
      } else {
        step /= 2;
      }
    }
    return {};
  }

  const std::span<const SettingRange> ranges_;
  const std::span<const double> start_;
  const TuningObjective& objective_;
  const TuningOptions& options_;
  Random random_;
  Point start_places_;
  int64_t started_micros_ = 0;
  std::map<std::vector<double>, double> measured_;
  TuningResult result_;
  bool is_over_ = false;
};

}  // namespace

Result<TuningResult> SearchSettings(std::span<const SettingRange> ranges, std::span<const double> start,
                                    const TuningObjective& objective, const TuningOptions& options) {
  RETURN_IF_ERROR(CheckRanges(ranges, start));
  if (options.trials_max == 0 && !(options.seconds_max > 0)) {
    return InvalidArgument("give a number of trials, or seconds", "tuning");
  }
  if (options.seconds_max > 0 && options.clock == nullptr) {
    return InvalidArgument("seconds need a clock", "tuning");
  }
  return Search(ranges, start, objective, options).Run();
}

}  // namespace attune::models
