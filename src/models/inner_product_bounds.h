// Upper bounds of the inner products of one vector with many, from 12-bit codes of their first coordinates:
// the cheap look that tells which few of a large table deserve a precise one.
//
//   x . y  =  head x . head y  +  tail x . tail y
//          <= s_x s_y (codes of x . codes of y)  +  error  +  |tail x| |tail y|
//   error  =  s_x s_y |codes of y|_1 / 2  +  s_y |head x|_1 / 2          a code is off by half a step at most
//
// Where the coordinates are those of the table's principal axes, a short head holds most of each vector and
// the bound is tight (FEXIPRO: Li, Chan, Yiu, Mamoulis, SIGMOD 2017).
//
// Codes lie eight rows abreast, two coordinates at a time, so that one register holds a step of eight rows
// and nothing is added across its lanes:
//
//   group 0:  r0[0,1] r1[0,1] ... r7[0,1]   r0[2,3] ... r7[2,3]   ...      group 1:  r8[0,1] ...
//
// Sums are of integers, and the arithmetic behind them is the same operations in the same order, never fused:
// UpperBoundsPlain and UpperBoundsAvx2 give equal bits.
//
// Thread safety: CodedHeads is immutable once filled; functions are pure.

#ifndef ATTUNE_MODELS_INNER_PRODUCT_BOUNDS_H_
#define ATTUNE_MODELS_INNER_PRODUCT_BOUNDS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/processor.h"

namespace attune::models {

inline constexpr size_t kRowsAbreast = 8;
inline constexpr size_t kCoordinatesAbreast = 2;

// Coordinates of a head at most, and the largest magnitude of a code: no sum of products overflows 32 bits.
inline constexpr size_t kHeadWidthMax = 256;
inline constexpr float kCodeMax = 2047;
static_assert(kHeadWidthMax * 2047 * 2047 < size_t{1} << 31);

// Writes `values` as codes of at most kCodeMax; returns the scale (0 for a zero vector and for one that is
// not finite: then all codes are 0).  REQUIRES: as many codes as values.
float Encode(std::span<const float> values, std::span<int16_t> codes);

// The heads of a table's vectors.
class CodedHeads {
 public:
  CodedHeads() = default;
  // `width`: coordinates of a head, a multiple of kCoordinatesAbreast, at most kHeadWidthMax.
  CodedHeads(size_t rows, size_t width);

  // REQUIRES: row < rows; head.size() == width; tail_length = |tail| >= 0.
  void Set(size_t row, std::span<const float> head, float tail_length);

  size_t width() const { return width_; }
  // Rows, filled up with zero vectors to a multiple of kRowsAbreast.
  size_t padded_row_count() const { return scales_.size(); }
  std::span<const int16_t> codes() const { return codes_; }
  std::span<const float> scales() const { return scales_; }
  std::span<const float> half_sums() const { return half_sums_; }        // |head|_1 / 2.
  std::span<const float> tail_lengths() const { return tail_lengths_; }  // |tail|.
  size_t memory_bytes() const { return codes_.size() * sizeof(int16_t) + 3 * scales_.size() * sizeof(float); }

 private:
  size_t width_ = 0;
  std::vector<int16_t> codes_;
  std::vector<float> scales_;
  std::vector<float> half_sums_;
  std::vector<float> tail_lengths_;
};

struct CodedQuery {
  std::vector<int16_t> codes;
  float scale = 1;          // Above 0.
  float half_code_sum = 0;  // |codes|_1 / 2.
  float tail_length = 0;    // |tail| over the scale.
};

// REQUIRES: head.size() is a multiple of kCoordinatesAbreast.
CodedQuery EncodeQuery(std::span<const float> head, float tail_length);

// bounds[i]: no inner product of row begin + i with the query is above bounds[i] * query.scale.
// REQUIRES: query.codes.size() == heads.width(); begin and bounds.size() are multiples of kRowsAbreast.
void UpperBoundsPlain(const CodedHeads& heads, const CodedQuery& query, size_t begin,
                      std::span<float> bounds);
// The same bits.  REQUIRES: HasAvx2() (processor.h).
void UpperBoundsAvx2(const CodedHeads& heads, const CodedQuery& query, size_t begin, std::span<float> bounds);

// The one that this processor can do.
inline void UpperBounds(const CodedHeads& heads, const CodedQuery& query, size_t begin,
                        std::span<float> bounds) {
  HasAvx2() ? UpperBoundsAvx2(heads, query, begin, bounds) : UpperBoundsPlain(heads, query, begin, bounds);
}

}  // namespace attune::models

#endif  // ATTUNE_MODELS_INNER_PRODUCT_BOUNDS_H_
