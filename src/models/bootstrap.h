// Is one ranking better than another, or was it luck?  The paired bootstrap interval of a mean difference.
//
// Cases (shoppers) are drawn with replacement, both rankings on the same draw, and the mean of a - b is
// taken; the interval holds the middle `confidence` of those means (percentile method).  An interval without
// 0 says that the difference is not explained by which shoppers happened to be in the test.
//
// Deterministic: the same values and seed give the same interval.  Cost: resamples * cases additions.
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_BOOTSTRAP_H_
#define ATTUNE_MODELS_BOOTSTRAP_H_

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"

namespace attune::models {

struct BootstrapOptions {
  uint32_t resamples = 2000;
  double confidence = 0.95;
  uint64_t seed = 1;
};

struct BootstrapInterval {
  double mean_difference = 0;  // mean(a) - mean(b) on the cases themselves.
  double low = 0;
  double high = 0;

  bool excludes_zero() const { return low > 0 || high < 0; }
};

// Fails with InvalidArgument when the spans differ in length or are empty, or an option is out of range
// (resamples in [100, 100 000], confidence in (0, 1)).
Result<BootstrapInterval> PairedBootstrap(std::span<const double> a, std::span<const double> b,
                                          const BootstrapOptions& options = {});

// The ends of the middle `confidence` of the values of resamples; NaNs (a resample without a value) are left
// out, and both ends are NaN when nothing else is there.  REQUIRES: confidence in (0, 1).
std::pair<double, double> PercentileInterval(std::vector<double> values, double confidence);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BOOTSTRAP_H_
