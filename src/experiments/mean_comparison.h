// Do two arms of an experiment have the same mean?  Answered once, at the end that was fixed beforehand.
//
//   difference     = mean(treatment) - mean(control)
//   standard_error = sqrt(s_t^2 / n_t + s_c^2 / n_c)                 s^2: sample variances (Welch 1947)
//   p              = 2 (1 - Phi(|difference| / standard_error))
//
// The normal distribution stands for Student's: arms of experiments hold hundreds of shoppers and more, where
// they agree.  Looked at again and again until it says yes, this test says yes by luck far more often than
// alpha; for that there is confidence_sequence.h.
//
// Thread safety: value types and pure functions.

#ifndef ATTUNE_EXPERIMENTS_MEAN_COMPARISON_H_
#define ATTUNE_EXPERIMENTS_MEAN_COMPARISON_H_

#include <cstdint>
#include <optional>

namespace attune::experiments {

// The outcomes of an arm so far, without keeping them (Welford 1962: no cancellation).
class ArmOutcomes {
 public:
  void Add(double outcome) {
    ++count_;
    const double off = outcome - mean_;
    mean_ += off / static_cast<double>(count_);
    squares_ += off * (outcome - mean_);
  }

  uint64_t count() const { return count_; }
  double mean() const { return mean_; }
  // Sample variance; 0 with fewer than two outcomes.
  double variance() const { return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1); }

 private:
  uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // Sum of squared distances from the mean.
};

struct MeanDifference {
  double difference = 0;      // Treatment minus control.
  double standard_error = 0;  // Positive.
  uint64_t shoppers = 0;      // In both arms.
};

// Nothing when there is nothing to tell yet: an arm with fewer than two shoppers, or all outcomes of both
// arms equal within their arm.
std::optional<MeanDifference> CompareMeans(const ArmOutcomes& control, const ArmOutcomes& treatment);

// p of the fixed-horizon test, in [0, 1].
double TwoSidedPValue(const MeanDifference& measured);

// How often the fixed-horizon test finds a true difference that is `difference` / `standard_error` errors
// large, at significance alpha.  REQUIRES: 0 < alpha < 1, standard_error > 0.
double FixedHorizonPower(double difference, double standard_error, double alpha);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_MEAN_COMPARISON_H_
