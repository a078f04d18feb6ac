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

#ifndef ATTUNE_MODELS_CODE_SCAN_H_
#define ATTUNE_MODELS_CODE_SCAN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/processor.h"

namespace attune::models {

// Rows are padded with zeros to a multiple of this.
inline constexpr size_t kCodeWidth = 32;

inline constexpr size_t PaddedCodeWidth(size_t dimensions) {
  return (dimensions + kCodeWidth - 1) / kCodeWidth * kCodeWidth;
}

// Numbers of the widest rows, those of image encoders: ScanAvx2 keeps its query on the stack, in two bytes a
// number.
inline constexpr size_t kScanWidthMax = 1024;

// Largest magnitude of a code; small enough that no pair of products overflows 16 bits.
inline constexpr float kByteCodeMax = 127;

// scores[i] = scales[i] * (codes of row i . query).  REQUIRES: query.size() is a multiple of kCodeWidth,
// at most kScanWidthMax.
void ScanPlain(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
               std::span<float> scores);
// The same bits.  REQUIRES: HasAvx2().
void ScanAvx2(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
              std::span<float> scores);

// The one that this processor can do.
inline void Scan(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
                 std::span<float> scores) {
  HasAvx2() ? ScanAvx2(codes, scales, query, scores) : ScanPlain(codes, scales, query, scores);
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_CODE_SCAN_H_
