#include "experiments/confidence_sequence.h"

namespace attune::experiments {

Result<ConfidenceSequence> ConfidenceSequence::Create(double alpha, uint64_t planned_shoppers) {
  if (!(alpha > 0 && alpha < 1)) return InvalidArgument("must lie between 0 and 1", "alpha");
  if (planned_shoppers == 0) return InvalidArgument("must be positive", "planned_shoppers");
  // The right side is far flatter than the left, so repeating it converges: 60 steps are past the last bit.
  double y = 1 - 2 * std::log(alpha);
  for (int step = 0; step < 60; ++step) y = std::log1p(y) - 2 * std::log(alpha);
  return ConfidenceSequence(alpha, y / static_cast<double>(planned_shoppers));
}

double ConfidenceSequence::Margin(const MeanDifference& measured) const {
  const double y = static_cast<double>(measured.shoppers) * rho_squared_;
  return measured.standard_error * std::sqrt((y + 1) / y * (std::log1p(y) - 2 * std::log(alpha_)));
}

}  // namespace attune::experiments
