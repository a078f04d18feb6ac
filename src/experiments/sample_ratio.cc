#include "experiments/sample_ratio.h"

#include <cmath>

#include "base/status.h"

namespace attune::experiments {

double SampleRatioPValue(uint64_t control, uint64_t treatment, double treatment_share) {
  CHECK(treatment_share > 0 && treatment_share < 1);
  const auto total = static_cast<double>(control + treatment);
  if (total <= 0) return 1;
  const double expected = total * treatment_share;
  const double off = static_cast<double>(treatment) - expected;
  const double chi_squared = off * off / expected + off * off / (total - expected);
  return std::erfc(std::sqrt(chi_squared / 2));
}

}  // namespace attune::experiments
