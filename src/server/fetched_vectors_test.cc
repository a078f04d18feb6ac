#include "server/fetched_vectors.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "storage/memory_storage.h"

namespace attune::server {
namespace {

class FetchedVectorsTest : public ::testing::Test {
 protected:
  void Commit() {
    ASSERT_TRUE(engine_.Commit(batch_, storage::Durability::kSynced).ok());
    batch_.Clear();
  }
  std::vector<uint32_t> Products(uint64_t model) const {
    std::vector<uint32_t> products;
    const auto kept = KeptVectors::Open(&engine_, model);
    EXPECT_TRUE(kept.ok());
    EXPECT_TRUE(kept->ForEach([&](uint32_t product, std::span<const float> vector) {
                      EXPECT_EQ(vector.size(), kept->dimensions());
                      products.push_back(product);
                      return true;
                    })
                    .ok());
    return products;
  }

  VirtualClock clock_{1};
  storage::MemoryStorage engine_{&clock_};
  storage::WriteBatch batch_;
};

TEST_F(FetchedVectorsTest, ReadsBackAsWritten) {
  const FetchedVector vector{7, 9, {0.5F, -1, 1e-30F}};
  const auto read = DecodeFetchedVector(EncodeFetchedVector(vector));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, vector);
}

TEST_F(FetchedVectorsTest, OtherBytesAreCorruption) {
  EXPECT_EQ(DecodeFetchedVector("").status().code(), StatusCode::kCorruption);
  EXPECT_EQ(DecodeFetchedVector("\xff\xff").status().code(), StatusCode::kCorruption);
  EXPECT_EQ(DecodeFetchedVector(EncodeFetchedVector({7, 9, {std::stof("inf")}})).status().code(),
            StatusCode::kCorruption);
  const std::string whole = EncodeFetchedVector({7, 9, {1, 2}});
  EXPECT_EQ(DecodeFetchedVector(whole.substr(0, whole.size() - 1)).status().code(), StatusCode::kCorruption);
}

TEST_F(FetchedVectorsTest, AModelSeesItsOwnByProduct) {
  PutFetchedVector(ProductIndex(300), {1, 9, {1, 0}}, batch_);
  PutFetchedVector(ProductIndex(2), {1, 9, {0, 1}}, batch_);
  PutFetchedVector(ProductIndex(1), {2, 9, {0, 1, 2}}, batch_);
  PutVectorsChanged(77, batch_);
  Commit();
  EXPECT_EQ(Products(1), (std::vector<uint32_t>{2, 300}));
  EXPECT_EQ(Products(2), (std::vector<uint32_t>{1}));
  EXPECT_EQ(KeptVectors::Open(&engine_, 3)->dimensions(), 0u);
  EXPECT_EQ(*VectorsChangedAtMs(engine_), 77);
  DeleteFetchedVector(ProductIndex(2), batch_);
  Commit();
  EXPECT_EQ(Products(1), (std::vector<uint32_t>{300}));
}

TEST_F(FetchedVectorsTest, AnEmptyStoreHasNone) {
  EXPECT_EQ(*VectorsChangedAtMs(engine_), 0);
  EXPECT_TRUE(Products(1).empty());
}

}  // namespace
}  // namespace attune::server
