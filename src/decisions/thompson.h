// Thompson sampling with known chances: each arm draws a rate from what is believed of it, and the largest
// draws win.
//
//   believed of an arm with s successes in n trials: Beta(a + s, b + n - s); the draw that wins slot k is the
//   k-th largest
//
// To know the chances exactly, beliefs are histograms: kBins bins of equal width on the arcsine scale
// x = sin^2(pi t / 2), where a Beta has about the same width wherever it lies, and uniform in t within a bin.
// Then the chance that arm i wins slot k,
//
//   sum over bins of  p_i * integral of  P(exactly k others draw more than t) dt,
//
// is an integral of polynomials of degree below 16 for at most 16 arms, and eight Gauss-Legendre points give
// it without error.  What is drawn and what is computed are the same histograms, so the chances are those of
// the policy, not an approximation to them.
//
// Thompson, "On the likelihood that one unknown probability exceeds another", Biometrika 1933.
//
// Cost: kBins * 8 * arms * slot for each slot; 10-20 us for sixteen arms and one slot.
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_THOMPSON_H_
#define ATTUNE_DECISIONS_THOMPSON_H_

#include <cstddef>
#include <span>
#include <vector>

#include "base/random.h"

namespace attune::decisions {

// Beta(a, b); both positive.
struct RateBelief {
  double a = 1;
  double b = 1;
};

struct ThompsonChoice {
  std::vector<size_t> winners;  // Arms, by slot.
  std::vector<double> chances;  // That this arm wins this slot.
};

// REQUIRES: slots <= arms.size() <= kThompsonPoolMax.
ThompsonChoice ChooseByThompson(std::span<const RateBelief> arms, size_t slots, Random& random);

// The chance that `arm` wins `slot` (from 0).  REQUIRES: as above.
double ThompsonChance(std::span<const RateBelief> arms, size_t arm, size_t slot);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_THOMPSON_H_
