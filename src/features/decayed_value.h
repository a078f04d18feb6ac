// Arithmetic of values that fade: each contribution w made at time t counts w * 2^(-(now - t) / half_life).
//
//   {8, as_of = Jan 1}, half-life 30 days:  on Jan 31 it is 4; adding 1 on Jan 31 gives {5, as_of = Jan 31}
//
// A contribution older than as_of is faded first and then added, so the order of additions does not matter
// (up to rounding), and adding -w at the same time takes a contribution back.
//
// Units: milliseconds.  Thread safety: pure functions.

#ifndef ATTUNE_FEATURES_DECAYED_VALUE_H_
#define ATTUNE_FEATURES_DECAYED_VALUE_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "features/shopper_profile.h"

namespace attune::features {

// 2^(-age / half_life); at most 1: a negative age counts as 0.  REQUIRES: half_life_ms > 0.
inline double DecayFactor(int64_t age_ms, int64_t half_life_ms) {
  if (age_ms <= 0) return 1;
  return std::exp2(-static_cast<double>(age_ms) / static_cast<double>(half_life_ms));
}

// The value at `now_ms`; before as_of it is the value as of then.
inline double ValueAt(const DecayedValue& value, int64_t now_ms, int64_t half_life_ms) {
  if (value.value == 0) return 0;
  return value.value * DecayFactor(now_ms - value.as_of_ms, half_life_ms);
}

// Adds `weight` made at `at_ms`.  The result is rounded to a 32-bit float, which is what the record keeps.
inline void AddDecayed(double weight, int64_t at_ms, int64_t half_life_ms, DecayedValue& value) {
  double sum = weight;
  if (value.value != 0) {
    const int64_t age_ms = at_ms - value.as_of_ms;
    sum = age_ms >= 0 ? value.value * DecayFactor(age_ms, half_life_ms) + weight
                      : value.value + weight * DecayFactor(-age_ms, half_life_ms);
    at_ms = std::max(at_ms, value.as_of_ms);
  }
  value.value = static_cast<double>(static_cast<float>(sum));
  value.as_of_ms = at_ms;
}

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_DECAYED_VALUE_H_
