// Patterns of orders against worked examples, and against the normal equations solved another way.

#include "models/order_patterns.h"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <Eigen/LU>
#include <cmath>

#include "base/clock.h"
#include "base/random.h"
#include "models/limits.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr uint64_t kSeed = 7'019;
constexpr int64_t kNowMs = 1'700'000'000'000;

OrderPatterns LearnOrDie(const OrderHistory& history) {
  auto patterns = history.Learn(kNowMs, {});
  EXPECT_TRUE(patterns.ok());
  return std::move(*patterns);
}

std::vector<float> FollowingOf(const OrderPatterns& patterns, std::span<const Neighbour> vector,
                               uint32_t products) {
  SparseAccumulator scores;
  patterns.AddFollowing(vector, products, scores);
  std::vector<float> all;
  for (uint32_t product = 0; product < products; ++product) all.push_back(scores.ScoreOf(product));
  return all;
}

TEST(OrderPatterns, TogetherIsTheCosineOverOrders) {
  OrderHistory history(4);
  history.Add({}, {0, 1}, kNowMs - 3);
  history.Add({}, {0, 1, 2}, kNowMs - 2);
  history.Add({}, {0}, kNowMs - 1);
  const OrderPatterns patterns = LearnOrDie(history);
  SparseAccumulator scores;
  const std::vector<Neighbour> own = {{0, 5}, {2, 1}};
  patterns.AddTogether(own, 4, scores);
  // Products 0, 1, 2 are in 3, 2, 1 orders; 0 and 1 in 2 together, 1 and 2 in one.
  EXPECT_NEAR(scores.ScoreOf(1), 2 / std::sqrt(6.0) + 1 / std::sqrt(2.0), 1e-6);
  EXPECT_NEAR(scores.LargestPartOf(1), 2 / std::sqrt(6.0), 1e-6);
  EXPECT_NEAR(scores.ScoreOf(0), 1 / std::sqrt(3.0), 1e-6);  // By product 2; never by itself.
  EXPECT_EQ(scores.ScoreOf(3), 0);
}

// W = (X'DX + 3I)^-1 X'DY of a few products, with the inverse made whole.
TEST(OrderPatterns, FollowingSolvesTheNormalEquations) {
  RecordProperty("seed", static_cast<int>(kSeed));
  constexpr uint32_t kProducts = 12;
  Random random(kSeed);
  OrderHistory history(kProducts);
  Eigen::MatrixXd gram = 3 * Eigen::MatrixXd::Identity(kProducts, kProducts);
  Eigen::MatrixXd targets = Eigen::MatrixXd::Zero(kProducts, kProducts);
  for (int i = 200; i-- > 0;) {
    Eigen::VectorXd x = Eigen::VectorXd::Zero(kProducts);
    Eigen::VectorXd y = Eigen::VectorXd::Zero(kProducts);
    std::vector<Neighbour> before;
    std::vector<uint32_t> order;
    for (uint32_t product = 0; product < kProducts; ++product) {
      if (random.NextBelow(3) == 0) {
        const auto weight = static_cast<float>(1 + random.NextBelow(4));
        before.push_back({product, weight});
        x(product) = static_cast<double>(weight);
      }
      if (random.NextBelow(4) == 0) order.push_back(product);
    }
    for (const uint32_t product : order) y(product) = 1 / std::sqrt(static_cast<double>(order.size()));
    const double age_days = i;
    if (x.norm() > 0) x /= x.norm();
    gram += std::exp(-age_days / 120) * x * x.transpose();
    targets += std::exp(-age_days / 120) * x * y.transpose();
    history.Add(before, order, kNowMs - int64_t{i} * kDayMs);
  }
  const Eigen::MatrixXd expected = gram.inverse() * targets;
  const OrderPatterns patterns = LearnOrDie(history);
  for (uint32_t product = 0; product < kProducts; ++product) {
    const std::vector<Neighbour> one = {{product, 7}};  // Of any length: it is scaled to 1.
    const std::vector<float> got = FollowingOf(patterns, one, kProducts);
    for (uint32_t to = 0; to < kProducts; ++to) EXPECT_NEAR(got[to], expected(product, to), 2e-5);
  }
}

TEST(OrderPatterns, FindsWhatFollows) {
  OrderHistory history(4);
  history.Add({}, {0, 2}, kNowMs - 200);
  for (int i = 100; i-- > 0;) history.Add({{0, 1}}, {1}, kNowMs - i);
  for (int i = 100; i-- > 0;) history.Add({{2, 1}}, {2}, kNowMs);
  const OrderPatterns patterns = LearnOrDie(history);
  const std::vector<Neighbour> zero = {{0, 1}};
  const std::vector<float> after_zero = FollowingOf(patterns, zero, 4);
  EXPECT_GT(after_zero[1], 0.9F);
  EXPECT_NEAR(after_zero[0], 0, 1e-6);
  const std::vector<Neighbour> two = {{2, 1}};
  EXPECT_GT(FollowingOf(patterns, two, 4)[2], 0.9F);  // Again.
}

TEST(OrderPatterns, KnowsOnlyTheLatestOrders) {
  OrderHistory history(3);
  history.Add({}, {0, 1}, kNowMs - 2);
  for (size_t i = 0; i < kOrderPatternOrdersMax; ++i) history.Add({}, {2}, kNowMs - 1);
  SparseAccumulator scores;
  const std::vector<Neighbour> own = {{0, 1}};
  LearnOrDie(history).AddTogether(own, 3, scores);
  EXPECT_EQ(scores.ScoreOf(1), 0);
}

TEST(OrderPatterns, WithoutOrdersSayNothing) {
  const OrderPatterns patterns = LearnOrDie(OrderHistory(3));
  const std::vector<Neighbour> own = {{0, 1}};
  for (const float score : FollowingOf(patterns, own, 3)) EXPECT_EQ(score, 0);
  for (const float score : FollowingOf(OrderPatterns(), own, 3)) EXPECT_EQ(score, 0);
}

TEST(OrderPatterns, SavedTheyScoreTheSame) {
  OrderHistory history(5);
  Random random(kSeed + 1);
  for (int i = 50; i-- > 0;) {
    history.Add({{static_cast<uint32_t>(random.NextBelow(5)), 1}},
                {static_cast<uint32_t>(random.NextBelow(5))}, kNowMs - i);
  }
  const OrderPatterns patterns = LearnOrDie(history);
  SectionWriter out;
  patterns.Save(out);
  SectionReader in("patterns", out.bytes());
  const auto loaded = OrderPatterns::Load(in);
  ASSERT_TRUE(loaded.ok() && in.Finish().ok());
  const std::vector<Neighbour> own = {{0, 1}, {3, 2}};
  EXPECT_EQ(FollowingOf(patterns, own, 5), FollowingOf(*loaded, own, 5));
}

TEST(OrderPatterns, DamagedBytesAreRefused) {
  OrderHistory history(5);
  for (int i = 9; i-- > 0;) history.Add({{1, 1}}, {1, 2}, kNowMs - i);
  SectionWriter out;
  LearnOrDie(history).Save(out);
  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    SectionReader in("patterns", std::string_view(out.bytes()).substr(0, cut));
    const auto loaded = OrderPatterns::Load(in);
    EXPECT_FALSE(loaded.ok() && in.Finish().ok());
  }
}

TEST(OrderPatterns, ACancelledTrainingStops) {
  OrderHistory history(2);
  history.Add({{0, 1}}, {1}, kNowMs);
  std::atomic<bool> is_cancelled = true;
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(history.Learn(kNowMs, control).status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace attune::models
