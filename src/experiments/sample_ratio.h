// Did the arms get the shares of shoppers that were asked for?  (sample ratio mismatch)
//
//   chi^2 = sum over arms (count - expected)^2 / expected,    one degree of freedom for two arms
//
// A mismatch says that shoppers were lost on one side (a redirect, a crash, a bot filter), and that no result
// of the experiment can be trusted.  It is looked for often, so the alarm stands at p < 0.001.
//
// Thread safety: pure functions.

#ifndef ATTUNE_EXPERIMENTS_SAMPLE_RATIO_H_
#define ATTUNE_EXPERIMENTS_SAMPLE_RATIO_H_

#include <cstdint>

namespace attune::experiments {

inline constexpr double kSampleRatioAlarm = 0.001;

// p, in [0, 1]; 1 when nobody is counted.  REQUIRES: 0 < treatment_share < 1.
double SampleRatioPValue(uint64_t control, uint64_t treatment, double treatment_share);

}  // namespace attune::experiments

#endif  // ATTUNE_EXPERIMENTS_SAMPLE_RATIO_H_
