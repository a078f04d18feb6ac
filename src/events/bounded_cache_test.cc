// A bounded cache never passes its capacity, keeps what is asked for, and agrees with a map.

#include "events/bounded_cache.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>

#include "base/random.h"

namespace attune::events {
namespace {

TEST(BoundedCacheTest, WhatIsAskedForStays) {
  BoundedCache<int, std::string> cache(3);
  cache.Put(1, "a");
  cache.Put(2, "b");
  cache.Put(3, "c");
  for (int key = 4; key < 100; ++key) {
    ASSERT_NE(cache.Find(2), nullptr) << key;
    EXPECT_EQ(*cache.Find(2), "b");
    cache.Put(key, "x");
    EXPECT_EQ(cache.size(), 3u);
    EXPECT_NE(cache.Find(key), nullptr);
  }
  EXPECT_EQ(cache.Find(1), nullptr);
  EXPECT_EQ(cache.Find(3), nullptr);
}

TEST(BoundedCacheTest, AnErasedPlaceIsUsedAgain) {
  BoundedCache<int, std::string> cache(2);
  cache.Put(1, "a");
  cache.Put(2, "b");
  cache.Erase(1);
  cache.Erase(7);
  EXPECT_EQ(cache.Find(1), nullptr);
  cache.Put(3, "c");
  EXPECT_EQ(*cache.Find(2), "b");
  EXPECT_EQ(*cache.Find(3), "c");
  cache.Put(3, "d");
  EXPECT_EQ(*cache.Find(3), "d");
  EXPECT_EQ(cache.size(), 2u);
}

TEST(BoundedCacheTest, AgreesWithAMapUnderRandomUse) {
  constexpr size_t kCapacity = 50;
  Random random(5);
  BoundedCache<uint64_t, uint64_t> cache(kCapacity);
  std::map<uint64_t, uint64_t> truth;
  for (uint64_t step = 0; step < 100'000; ++step) {
    const uint64_t key = random.NextBelow(120);
    const uint64_t what = random.NextBelow(10);
    if (what == 0) {
      cache.Erase(key);
      truth.erase(key);
    } else if (what < 5) {
      cache.Put(key, step);
      truth[key] = step;
    } else if (const uint64_t* found = cache.Find(key)) {
      ASSERT_TRUE(truth.contains(key));
      ASSERT_EQ(*found, truth[key]);
    }
    ASSERT_LE(cache.size(), kCapacity);
  }
}

}  // namespace
}  // namespace attune::events
