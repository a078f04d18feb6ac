// Rows keep their order and their bytes; bytes that are not ours are refused.

#include "models/sparse_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/hash.h"
#include "base/random.h"

namespace attune::models {
namespace {

std::vector<std::vector<Neighbour>> RandomRows(uint64_t seed, uint32_t product_count) {
  Random random(seed);
  std::vector<std::vector<Neighbour>> rows(product_count);
  for (uint32_t product = 0; product < product_count; ++product) {
    for (uint32_t other = 0; other < product_count; ++other) {
      // Few different weights, so that ties are common.
      if (other != product && random.NextBelow(3) == 0) {
        rows[product].push_back({other, static_cast<float>(random.NextBelow(5)) - 1});
      }
    }
  }
  return rows;
}

void Rechecksum(std::string& bytes) {
  const uint64_t checksum = StableHash64(std::string_view(bytes).substr(0, bytes.size() - 8));
  for (size_t i = 0; i < 8; ++i) bytes[bytes.size() - 8 + i] = static_cast<char>(checksum >> (8 * i));
}

TEST(SparseRows, StrongestFirstAndTiesByIndex) {
  const SparseRows rows({{{1, 2}, {3, 5}, {2, 5}}, {}, {{0, -1}}, {}});
  ASSERT_EQ(rows.Of(0).size(), 3u);
  EXPECT_EQ(rows.Of(0)[0], (Neighbour{2, 5}));
  EXPECT_EQ(rows.Of(0)[1], (Neighbour{3, 5}));
  EXPECT_EQ(rows.Of(0)[2], (Neighbour{1, 2}));
  EXPECT_TRUE(rows.Of(1).empty());
  EXPECT_TRUE(rows.Of(4).empty()) << "a product newer than the model has no neighbours";
  EXPECT_DOUBLE_EQ(rows.Norm(), std::sqrt(4.0 + 25 + 25 + 1));
}

TEST(SparseRows, BytesReadBackAreTheSameRows) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const SparseRows rows(RandomRows(seed, static_cast<uint32_t>(seed)));
    const auto read = SparseRows::Parse(rows.Serialize("viewed_next"), "viewed_next");
    ASSERT_TRUE(read.ok()) << read.status().message();
    EXPECT_EQ(*read, rows);
    EXPECT_EQ(read->Serialize("viewed_next"), rows.Serialize("viewed_next"));
  }
}

TEST(SparseRows, TheWorkedExampleOfTheFormat) {
  const SparseRows rows({{{1, 1.5F}}, {}});
  const std::string bytes = rows.Serialize("ab");
  const std::string body = bytes.substr(0, bytes.size() - 8);
  EXPECT_EQ(body, std::string("ATTNROWS"
                              "\x01\0\0\0"
                              "\x02\0\0\0"
                              "ab"
                              "\x02\0\0\0"
                              "\x01\0\0\0\0\0\0\0"
                              "\x01\0\0\0\0\0\0\0"
                              "\x01\0\0\0"
                              "\0\0\xc0\x3f",
                              8 + 4 + 4 + 2 + 4 + 8 + 8 + 4 + 4));
}

TEST(SparseRows, EveryCutAndEveryFlippedBitIsRefused) {
  const std::string bytes = SparseRows(RandomRows(7, 5)).Serialize("m");
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(SparseRows::Parse(bytes.substr(0, length), "m").status().code(), StatusCode::kCorruption);
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string wrong = bytes;
    wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(SparseRows::Parse(wrong, "m").status().code(), StatusCode::kCorruption);
  }
  EXPECT_FALSE(SparseRows::Parse(bytes + "x", "m").ok());
  EXPECT_FALSE(SparseRows::Parse(bytes, "another").ok());
  EXPECT_FALSE(SparseRows::Parse(bytes, "n").ok());
}

TEST(SparseRows, WrongContentUnderARightChecksumIsRefused) {
  const std::string bytes = SparseRows(RandomRows(7, 6)).Serialize("m");
  Random random(23);
  int accepted = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string wrong = bytes;
    for (uint64_t i = random.NextBelow(4) + 1; i > 0; --i) {
      wrong[random.NextBelow(wrong.size() - 8)] = static_cast<char>(random.NextBelow(256));
    }
    Rechecksum(wrong);
    const auto read = SparseRows::Parse(wrong, "m");
    if (!read.ok()) {
      EXPECT_EQ(read.status().code(), StatusCode::kCorruption);
      continue;
    }
    ++accepted;  // A changed weight that keeps the order is a valid model; its invariants must hold.
    for (uint32_t product = 0; product < read->product_count(); ++product) {
      for (const Neighbour& n : read->Of(product)) {
        EXPECT_LT(n.product, read->product_count());
        EXPECT_NE(n.product, product);
        EXPECT_TRUE(std::isfinite(n.weight));
      }
    }
  }
  EXPECT_LT(accepted, 2000);
}

}  // namespace
}  // namespace attune::models
