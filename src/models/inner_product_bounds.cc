#include "models/inner_product_bounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "base/status.h"
#include "models/vector_codes.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace attune::models {
namespace {

// The bounds themselves are rounded; a hundredth of what is allowed for covers that.
constexpr float kBoundSlack = 1.01f;

constexpr size_t kStepCodes = kRowsAbreast * kCoordinatesAbreast;

float BoundOf(const CodedHeads& heads, const CodedQuery& query, size_t row, int32_t sum) {
  const float scale = heads.scales()[row];
  const float allowed =
      (heads.half_sums()[row] + scale * query.half_code_sum) + heads.tail_lengths()[row] * query.tail_length;
  return scale * static_cast<float>(sum) + kBoundSlack * allowed;
}

}  // namespace

float Encode(std::span<const float> values, std::span<int16_t> codes) {
  return EncodeVector(values, kCodeMax, codes);
}

CodedHeads::CodedHeads(size_t rows, size_t width) : width_(width) {
  CHECK(width % kCoordinatesAbreast == 0 && width <= kHeadWidthMax);
  const size_t padded = (rows + kRowsAbreast - 1) / kRowsAbreast * kRowsAbreast;
  codes_.assign(padded * width, 0);
  scales_.assign(padded, 0);
  half_sums_.assign(padded, 0);
  tail_lengths_.assign(padded, 0);
}

void CodedHeads::Set(size_t row, std::span<const float> head, float tail_length) {
  CHECK(head.size() == width_);
  std::vector<int16_t> codes(width_);
  scales_[row] = Encode(head, codes);
  half_sums_[row] = 0;
  for (const float value : head) half_sums_[row] += std::abs(value) / 2;
  tail_lengths_[row] = tail_length;
  const size_t group = row / kRowsAbreast * kRowsAbreast * width_;
  for (size_t i = 0; i < width_; ++i) {
    codes_[group + i / kCoordinatesAbreast * kStepCodes + row % kRowsAbreast * kCoordinatesAbreast +
           i % kCoordinatesAbreast] = codes[i];
  }
}

CodedQuery EncodeQuery(std::span<const float> head, float tail_length) {
  CodedQuery query;
  query.codes.resize(head.size());
  query.scale = Encode(head, query.codes);
  for (const int16_t code : query.codes) query.half_code_sum += std::abs(static_cast<float>(code)) / 2;
  // A query that is all tail has no code; any scale is right for it.
  if (!(query.scale > 0)) query.scale = tail_length > 0 ? tail_length : 1;
  query.tail_length = tail_length / query.scale;
  return query;
}

void UpperBoundsPlain(const CodedHeads& heads, const CodedQuery& query, size_t begin,
                      std::span<float> bounds) {
  const size_t width = heads.width();
  for (size_t i = 0; i < bounds.size(); ++i) {
    const size_t row = begin + i;
    const int16_t* const group = heads.codes().data() + row / kRowsAbreast * kRowsAbreast * width;
    int32_t sum = 0;
    for (size_t k = 0; k < width; ++k) {
      const size_t step = k / kCoordinatesAbreast * kStepCodes;
      const int16_t code = group[step + row % kRowsAbreast * kCoordinatesAbreast + k % kCoordinatesAbreast];
      sum += int32_t{code} * int32_t{query.codes[k]};
    }
    bounds[i] = BoundOf(heads, query, row, sum);
  }
}

#if defined(__x86_64__)

namespace {

__attribute__((target("avx2"))) inline __m256i SumsOfGroup(const int16_t* codes, const int32_t* query,
                                                           size_t steps) {
  __m256i sums = _mm256_setzero_si256();
  for (size_t step = 0; step < steps; ++step) {
    const __m256i own = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes + step * kStepCodes));
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(own, _mm256_set1_epi32(query[step])));
  }
  return sums;
}

}  // namespace

__attribute__((target("avx2"))) void UpperBoundsAvx2(const CodedHeads& heads, const CodedQuery& query,
                                                     size_t begin, std::span<float> bounds) {
  const size_t width = heads.width();
  const size_t steps = width / kCoordinatesAbreast;
  static thread_local std::vector<int32_t> words;  // The query's codes, two in one.
  words.resize(steps);
  if (steps > 0) std::memcpy(words.data(), query.codes.data(), width * sizeof(int16_t));
  const __m256 half_code_sum = _mm256_set1_ps(query.half_code_sum);
  const __m256 tail_length = _mm256_set1_ps(query.tail_length);
  const __m256 slack = _mm256_set1_ps(kBoundSlack);
  for (size_t i = 0; i < bounds.size(); i += kRowsAbreast) {
    const size_t row = begin + i;
    const __m256i sums = SumsOfGroup(heads.codes().data() + row * width, words.data(), steps);
    const __m256 scales = _mm256_loadu_ps(heads.scales().data() + row);
    __m256 allowed = _mm256_mul_ps(scales, half_code_sum);
    allowed = _mm256_add_ps(_mm256_loadu_ps(heads.half_sums().data() + row), allowed);
    allowed = _mm256_add_ps(allowed,
                            _mm256_mul_ps(_mm256_loadu_ps(heads.tail_lengths().data() + row), tail_length));
    const __m256 scores = _mm256_mul_ps(scales, _mm256_cvtepi32_ps(sums));
    _mm256_storeu_ps(bounds.data() + i, _mm256_add_ps(scores, _mm256_mul_ps(slack, allowed)));
  }
}

#else

void UpperBoundsAvx2(const CodedHeads& heads, const CodedQuery& query, size_t begin,
                     std::span<float> bounds) {
  UpperBoundsPlain(heads, query, begin, bounds);
}

#endif

}  // namespace attune::models
