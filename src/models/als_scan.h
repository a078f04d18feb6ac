// Which rows of a table of 8-bit vectors have the largest inner product with a query: an exact scan over
// integers.
//
//   approximate score of row i = scale[i] * (sum over k of codes[i][k] * query[k])
//
// The sum is an integer and so is the same whichever way it is added up; the one multiplication is rounded
// the same way everywhere.  So ScanPlain and ScanAvx2 give equal bits, and which of them runs shows in time
// only. 100 000 rows of 64: see docs/models/als.md.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_ALS_SCAN_H_
#define ATTUNE_MODELS_ALS_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace attune::models {

// Rows are padded with zeros to a multiple of this.
inline constexpr size_t kAlsCodeWidth = 32;

inline constexpr size_t PaddedCodeWidth(size_t dimensions) {
  return (dimensions + kAlsCodeWidth - 1) / kAlsCodeWidth * kAlsCodeWidth;
}

// Largest magnitude of a code; small enough that no pair of products overflows 16 bits.
inline constexpr float kAlsCodeMax = 127;

// Writes `values` as codes of at most kAlsCodeMax, padded; returns the scale (0 for a zero vector
// and for one that is not finite: then all codes are 0).
float Encode(std::span<const float> values, std::span<int8_t> codes);

// scores[i] = scales[i] * (codes of row i . query).  REQUIRES: query.size() is a multiple of kAlsCodeWidth.
void ScanPlain(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
               std::span<float> scores);
// The same bits.  REQUIRES: HasAvx2().
void ScanAvx2(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
              std::span<float> scores);
bool HasAvx2();

// The one that this processor can do.
inline void Scan(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
                 std::span<float> scores) {
  HasAvx2() ? ScanAvx2(codes, scales, query, scores) : ScanPlain(codes, scales, query, scores);
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ALS_SCAN_H_
