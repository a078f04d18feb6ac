#include "models/code_scan.h"

#include <algorithm>
#include <cmath>

#include "base/status.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace attune::models {

void ScanPlain(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
               std::span<float> scores) {
  const size_t width = query.size();
  for (size_t row = 0; row < scales.size(); ++row) {
    const int8_t* code = codes.data() + row * width;
    int32_t sum = 0;
    for (size_t k = 0; k < width; ++k) sum += int32_t{code[k]} * int32_t{query[k]};
    scores[row] = scales[row] * static_cast<float>(sum);
  }
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) void ScanAvx2(std::span<const int8_t> codes, std::span<const float> scales,
                                              std::span<const int8_t> query, std::span<float> scores) {
  const size_t width = query.size();
  // The query as 16-bit lanes, once.
  constexpr size_t kWordsMax = kScanWidthMax / 16;
  __m256i words[kWordsMax];
  const size_t word_count = width / 16;
  CHECK(word_count <= kWordsMax);
  for (size_t k = 0; k < word_count; ++k) {
    words[k] = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(query.data() + k * 16)));
  }
  for (size_t row = 0; row < scales.size(); ++row) {
    const int8_t* code = codes.data() + row * width;
    __m256i sum = _mm256_setzero_si256();
    for (size_t k = 0; k < word_count; ++k) {
      const __m256i lanes =
          _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(code + k * 16)));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(lanes, words[k]));
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4e));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xb1));
    scores[row] = scales[row] * static_cast<float>(_mm_cvtsi128_si32(half));
  }
}

#else

void ScanAvx2(std::span<const int8_t> codes, std::span<const float> scales, std::span<const int8_t> query,
              std::span<float> scores) {
  ScanPlain(codes, scales, query, scores);
}

#endif

}  // namespace attune::models
