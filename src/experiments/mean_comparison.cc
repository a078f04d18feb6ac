#include "experiments/mean_comparison.h"

#include <cmath>
#include <numbers>

#include "base/status.h"

namespace attune::experiments {
namespace {

// P(Z > z) of a standard normal Z.
double UpperTail(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }

// The z with P(Z > z) = tail, by bisection: exact to the last bits, and called once a question.
double UpperQuantile(double tail) {
  double low = -40, high = 40;
  for (int step = 0; step < 200; ++step) {
    const double middle = (low + high) / 2;
    (UpperTail(middle) > tail ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

std::optional<MeanDifference> CompareMeans(const ArmOutcomes& control, const ArmOutcomes& treatment) {
  if (control.count() < 2 || treatment.count() < 2) return std::nullopt;
  const double variance = control.variance() / static_cast<double>(control.count()) +
                          treatment.variance() / static_cast<double>(treatment.count());
  if (!(variance > 0)) return std::nullopt;
  return MeanDifference{treatment.mean() - control.mean(), std::sqrt(variance),
                        control.count() + treatment.count()};
}

double TwoSidedPValue(const MeanDifference& measured) {
  return 2 * UpperTail(std::abs(measured.difference) / measured.standard_error);
}

double FixedHorizonPower(double difference, double standard_error, double alpha) {
  CHECK(alpha > 0 && alpha < 1 && standard_error > 0);
  const double limit = UpperQuantile(alpha / 2);
  const double shift = std::abs(difference) / standard_error;
  return UpperTail(limit - shift) + UpperTail(limit + shift);
}

}  // namespace attune::experiments
