// The fast scan equals the plain one.

#include "models/code_scan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace attune::models {
namespace {

TEST(CodeScanTest, FastScanAndPlainScanGiveTheSameBits) {
  if (!HasAvx2()) GTEST_SKIP() << "this processor has no AVX2";
  Random random(11);
  for (const size_t width : {size_t{32}, size_t{64}, size_t{128}, size_t{512}, kScanWidthMax}) {
    constexpr size_t kRows = 333;
    std::vector<int8_t> codes(kRows * width);
    std::vector<int8_t> query(width);
    std::vector<float> scales(kRows);
    for (int8_t& code : codes) code = static_cast<int8_t>(static_cast<int>(random.NextBelow(255)) - 127);
    for (int8_t& code : query) code = static_cast<int8_t>(static_cast<int>(random.NextBelow(255)) - 127);
    for (float& scale : scales) scale = static_cast<float>(random.NextUnit());
    std::fill(codes.begin(), codes.begin() + static_cast<ptrdiff_t>(width),
              int8_t{-127});  // The largest sums.
    std::vector<float> plain(kRows);
    std::vector<float> fast(kRows);
    ScanPlain(codes, scales, query, plain);
    ScanAvx2(codes, scales, query, fast);
    EXPECT_EQ(plain, fast);
  }
}

}  // namespace
}  // namespace attune::models
