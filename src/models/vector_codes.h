// A vector as small integers times one scale.
//
//   values  ~  scale * codes,   |values[i] - scale * codes[i]| <= scale / 2
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_VECTOR_CODES_H_
#define ATTUNE_MODELS_VECTOR_CODES_H_

#include <algorithm>
#include <cmath>
#include <span>

#include "base/status.h"

namespace attune::models {

// Writes `values` as codes of at most `code_max`; returns the scale (0 for a zero vector and for one that is
// not finite: then all codes are 0).  REQUIRES: as many codes as values; code_max is a whole number that Code
// holds.
template <class Code>
float EncodeVector(std::span<const float> values, float code_max, std::span<Code> codes) {
  CHECK(values.size() == codes.size());
  std::fill(codes.begin(), codes.end(), Code{0});
  float largest = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) return 0;  // std::max would pass over a NaN.
    largest = std::max(largest, std::abs(value));
  }
  const float scale = largest / code_max;
  if (!(scale > 0)) return 0;  // Zero, or too small to be divided by.
  for (size_t i = 0; i < values.size(); ++i) {
    codes[i] = static_cast<Code>(std::clamp(std::nearbyint(values[i] / scale), -code_max, code_max));
  }
  return scale;
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_VECTOR_CODES_H_
