// Scores to probabilities: the rising step function that fits outcomes best.
//
//   Fit: the non-decreasing f that minimises sum of w * (outcome - f(score))^2, by pooling adjacent violators
//   (Ayer et al. 1955; Zadrozny and Elkan 2002 for scores of classifiers)
//
//   scores 1 2 3 4, outcomes 0 1 0 1  =>  f(1) = 0, f(2) = f(3) = 1/2, f(4) = 1
//
// Between the middles of two steps f runs straight, so that two products seldom have the same probability;
// outside it is that of the first or the last step.  Fitted on held-out data: a model that has seen the rows
// is surer of them than it should be.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_ISOTONIC_H_
#define ATTUNE_MODELS_ISOTONIC_H_

#include <span>
#include <vector>

#include "base/status.h"

namespace attune::models {

class SectionReader;
class SectionWriter;

struct ScoredOutcome {
  float score = 0;
  float outcome = 0;  // 0 or 1.
  float weight = 1;
};

class IsotonicCurve {
 public:
  // Answers 0 everywhere.
  IsotonicCurve() = default;

  static IsotonicCurve Fit(std::vector<ScoredOutcome> rows);

  // In [0, 1], not falling with the score.
  double At(float score) const;
  bool empty() const { return scores_.empty(); }

  void Save(SectionWriter& out) const;
  static IsotonicCurve Load(SectionReader& in);

 private:
  std::vector<float> scores_;  // Rising: the middle of each step.
  std::vector<float> values_;  // Rising.
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ISOTONIC_H_
