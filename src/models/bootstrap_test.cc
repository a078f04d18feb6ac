// The interval covers what it should, and only that.

#include "models/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"

namespace attune::models {
namespace {

TEST(Bootstrap, AgreesWithTheNormalIntervalOnManyCases) {
  Random random(3);
  std::vector<double> a;
  std::vector<double> b;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < 5000; ++i) {
    b.push_back(random.NextUnit());
    a.push_back(b.back() + 0.01 + 0.2 * random.NextNormal());
    sum += a.back() - b.back();
    squares += (a.back() - b.back()) * (a.back() - b.back());
  }
  const double mean = sum / 5000;
  const double standard_error = std::sqrt((squares / 5000 - mean * mean) / 5000);
  const auto interval = PairedBootstrap(a, b, {.resamples = 2000, .confidence = 0.95, .seed = 5});
  ASSERT_TRUE(interval.ok());
  EXPECT_NEAR(interval->mean_difference, mean, 1e-12);
  EXPECT_NEAR(interval->low, mean - 1.96 * standard_error, 0.15 * standard_error);
  EXPECT_NEAR(interval->high, mean + 1.96 * standard_error, 0.15 * standard_error);
}

TEST(Bootstrap, SaysNothingOfRankingsThatDifferByLuck) {
  Random random(11);
  int excluded = 0;
  for (int experiment = 0; experiment < 200; ++experiment) {
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 200; ++i) {
      a.push_back(random.NextUnit());
      b.push_back(random.NextUnit());
    }
    const auto interval = PairedBootstrap(a, b, {.resamples = 400, .confidence = 0.95, .seed = 1});
    ASSERT_TRUE(interval.ok());
    excluded += interval->excludes_zero();
  }
  // 5 % of 200 is 10, with a standard deviation of 3.
  EXPECT_GE(excluded, 1);
  EXPECT_LE(excluded, 22);
}

TEST(Bootstrap, SameSeedSameInterval) {
  const std::vector<double> a = {1, 0, 1, 1, 0, 1};
  const std::vector<double> b = {0, 0, 1, 0, 0, 1};
  const auto first = PairedBootstrap(a, b, {.seed = 9});
  const auto second = PairedBootstrap(a, b, {.seed = 9});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->low, second->low);
  EXPECT_EQ(first->high, second->high);
  EXPECT_FALSE(first->excludes_zero());
  const auto same = PairedBootstrap(a, a);
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->low, 0);
  EXPECT_EQ(same->high, 0);
}

TEST(Bootstrap, RefusesWhatItCannotCompare) {
  const std::vector<double> two = {1, 2};
  const std::vector<double> three = {1, 2, 3};
  EXPECT_EQ(PairedBootstrap(two, three).status().field(), "b");
  EXPECT_EQ(PairedBootstrap({}, {}).status().field(), "a");
  EXPECT_EQ(PairedBootstrap(two, two, {.resamples = 1}).status().field(), "resamples");
  EXPECT_EQ(PairedBootstrap(two, two, {.confidence = 1}).status().field(), "confidence");
  EXPECT_EQ(PairedBootstrap(two, two, {.confidence = std::nan("")}).status().field(), "confidence");
}

}  // namespace
}  // namespace attune::models
