#include "models/isotonic.h"

#include <algorithm>
#include <cmath>

#include "models/model_file.h"

namespace attune::models {
namespace {

struct Step {
  double weight = 0;
  double outcomes = 0;  // Weighted.
  double scores = 0;    // Weighted: their mean is the middle of the step.

  double mean() const { return outcomes / weight; }
};

}  // namespace

IsotonicCurve IsotonicCurve::Fit(std::vector<ScoredOutcome> rows) {
  std::sort(rows.begin(), rows.end(),
            [](const ScoredOutcome& a, const ScoredOutcome& b) { return a.score < b.score; });
  std::vector<Step> steps;
  for (size_t i = 0; i < rows.size();) {
    Step step;
    const float score = rows[i].score;
    for (; i < rows.size() && rows[i].score == score; ++i) {
      const double weight = static_cast<double>(rows[i].weight);
      step.weight += weight;
      step.outcomes += weight * static_cast<double>(rows[i].outcome);
      step.scores += weight * static_cast<double>(score);
    }
    if (!(step.weight > 0)) continue;
    while (!steps.empty() && steps.back().mean() >= step.mean()) {
      step.weight += steps.back().weight;
      step.outcomes += steps.back().outcomes;
      step.scores += steps.back().scores;
      steps.pop_back();
    }
    steps.push_back(step);
  }
  IsotonicCurve curve;
  for (const Step& step : steps) {
    const auto middle = static_cast<float>(step.scores / step.weight);
    if (!curve.scores_.empty() && middle <= curve.scores_.back()) continue;  // Closer than a float tells.
    curve.scores_.push_back(middle);
    curve.values_.push_back(static_cast<float>(std::clamp(step.mean(), 0.0, 1.0)));
  }
  return curve;
}

double IsotonicCurve::At(float score) const {
  if (scores_.empty()) return 0;
  const auto above =
      static_cast<size_t>(std::upper_bound(scores_.begin(), scores_.end(), score) - scores_.begin());
  if (above == 0) return static_cast<double>(values_.front());
  if (above == scores_.size()) return static_cast<double>(values_.back());
  const auto low = static_cast<double>(scores_[above - 1]);
  const double share = (static_cast<double>(score) - low) / (static_cast<double>(scores_[above]) - low);
  const auto from = static_cast<double>(values_[above - 1]);
  return from + share * (static_cast<double>(values_[above]) - from);
}

void IsotonicCurve::Save(SectionWriter& out) const {
  out.PutArray(scores_);
  out.PutArray(values_);
}

IsotonicCurve IsotonicCurve::Load(SectionReader& in) {
  IsotonicCurve curve;
  curve.scores_ = in.TakeArray<float>();
  curve.values_ = in.TakeArray<float>();
  in.Require(curve.scores_.size() == curve.values_.size());
  in.Require(std::is_sorted(curve.scores_.begin(), curve.scores_.end()));
  in.Require(std::is_sorted(curve.values_.begin(), curve.values_.end()));
  return curve;
}

}  // namespace attune::models
