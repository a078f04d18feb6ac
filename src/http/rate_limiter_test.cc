#include "http/rate_limiter.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace attune::http {
namespace {

TEST(RateLimiterTest, BurstThenRefillThenSaysWhen) {
  VirtualClock clock(0);
  RateLimiter limiter(clock);
  const Rate rate{2, 5};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limiter.Take(RateSource::kKey, "k", rate), 0);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "k", rate), 1);
  clock.Advance(500);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "k", rate), 0);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "k", rate), 1);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "slow", {0.1, 1}), 0);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "slow", {0.1, 1}), 10);
}

TEST(RateLimiterTest, SourcesDoNotShareBuckets) {
  VirtualClock clock(0);
  RateLimiter limiter(clock);
  const Rate rate{1, 1};
  EXPECT_EQ(limiter.Take(RateSource::kKey, "a", rate), 0);
  EXPECT_EQ(limiter.Take(RateSource::kAddress, "a", rate), 0);
  EXPECT_EQ(limiter.Take(RateSource::kStore, "a", rate), 0);
  EXPECT_EQ(limiter.Take(RateSource::kKey, "b", rate), 0);
  EXPECT_NE(limiter.Take(RateSource::kKey, "a", rate), 0);
}

TEST(RateLimiterTest, NoRateMeansNoLimit) {
  VirtualClock clock(0);
  RateLimiter limiter(clock);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(limiter.Take(RateSource::kKey, "k", {}), 0);
}

TEST(RateLimiterTest, AgreesWithOneExactBucketPerSource) {
  VirtualClock clock(1'000);
  RateLimiter limiter(clock, 4'096);
  const Rate rate{3, 4};
  struct Bucket {
    double tokens = 4;
    int64_t at = 0;
  };
  std::map<std::string, Bucket> exact;
  Random random(3);
  for (int i = 0; i < 20'000; ++i) {
    clock.Advance(static_cast<int64_t>(random.NextBelow(20)));
    const std::string name = "s" + std::to_string(random.NextBelow(20));
    auto [entry, is_new] = exact.try_emplace(name, Bucket{4, clock.NowMs()});
    Bucket& bucket = entry->second;
    bucket.tokens = std::min(4.0, bucket.tokens + static_cast<double>(clock.NowMs() - bucket.at) / 1e3 * 3);
    bucket.at = clock.NowMs();
    // At the very edge of a token the two may round differently.
    if (std::abs(bucket.tokens - 1) < 1e-6) continue;
    const bool passes = bucket.tokens >= 1;
    if (passes) bucket.tokens -= 1;
    ASSERT_EQ(limiter.Take(RateSource::kKey, name, rate) == 0, passes) << i;
  }
}

TEST(RateLimiterTest, AFloodOfSourcesForgetsTheIdleAndKeepsTheBusy) {
  VirtualClock clock(0);
  RateLimiter limiter(clock, 64);
  const Rate rate{0.001, 1};
  EXPECT_EQ(limiter.Take(RateSource::kKey, "busy", rate), 0);
  for (int i = 0; i < 10'000; ++i) {
    clock.Advance(1);
    limiter.Take(RateSource::kKey, "flood" + std::to_string(i), rate);
    EXPECT_NE(limiter.Take(RateSource::kKey, "busy", rate), 0) << i;
  }
}

TEST(RateLimiterTest, AnIpv6NetworkIsOneSource) {
  EXPECT_EQ(AddressForRate("2001:db8:1:2::1"), AddressForRate("2001:db8:1:2:ffff::9"));
  EXPECT_NE(AddressForRate("2001:db8:1:2::1"), AddressForRate("2001:db8:1:3::1"));
  EXPECT_EQ(AddressForRate("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(AddressForRate("::nonsense"), "::nonsense");
}

}  // namespace
}  // namespace attune::http
