// The session regression against one that holds every matrix, and sparse against dense.

#include "models/session_linear.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "models/sequences_for_tests.h"
#include "models/session_pairs.h"

namespace attune::models {
namespace {

Lists RandomSessions(uint64_t seed, uint32_t product_count, int count) {
  Random random(seed);
  Lists lists(static_cast<size_t>(count));
  for (auto& list : lists) {
    auto product = static_cast<uint32_t>(random.NextBelow(product_count));
    for (uint64_t length = random.NextBelow(7); length > 0; --length) {
      list.push_back(product);
      product = (product + static_cast<uint32_t>(random.NextBelow(4))) % product_count;
    }
  }
  return lists;
}

// X, S and T row by row, as the paper has them.
Eigen::MatrixXd Reference(const Lists& sessions, Eigen::Index products, const SessionLinearOptions& options) {
  Eigen::MatrixXd inputs = Eigen::MatrixXd::Identity(products, products) * options.ridge;
  Eigen::MatrixXd targets = Eigen::MatrixXd::Zero(products, products);
  for (size_t i = 0; i < sessions.size(); ++i) {
    const auto& session = sessions[i];
    const double weight =
        std::exp(-options.ageing * (1 - static_cast<double>(i + 1) / static_cast<double>(sessions.size())));
    Eigen::VectorXd whole = Eigen::VectorXd::Zero(products);
    for (const uint32_t product : session) whole(product) = 1;
    inputs += options.full_share * weight * whole * whole.transpose();
    targets += options.full_share * weight * whole * whole.transpose();
    for (size_t cut = 1; cut < session.size(); ++cut) {
      Eigen::VectorXd past = Eigen::VectorXd::Zero(products);
      Eigen::VectorXd future = Eigen::VectorXd::Zero(products);
      for (size_t p = 0; p < cut; ++p) {
        past(session[p]) += std::exp(-static_cast<double>(cut - 1 - p) / options.cut_tau);
      }
      for (size_t p = cut; p < session.size(); ++p) {
        future(session[p]) += std::exp(-static_cast<double>(p - cut) / options.cut_tau);
      }
      inputs += (1 - options.full_share) * weight * past * past.transpose();
      targets += (1 - options.full_share) * weight * past * future.transpose();
    }
  }
  return inputs.ldlt().solve(targets);
}

double WeightOf(const SessionLinear& model, uint32_t from, uint32_t to) {
  if (from == to) return static_cast<double>(model.repeats[from]);
  for (const Neighbour& neighbour : model.rows.Of(from)) {
    if (neighbour.product == to) return static_cast<double>(neighbour.weight);
  }
  return 0;
}

void ExpectEqual(const SessionLinear& model, const Eigen::MatrixXd& expected) {
  for (Eigen::Index from = 0; from < expected.rows(); ++from) {
    for (Eigen::Index to = 0; to < expected.cols(); ++to) {
      EXPECT_NEAR(WeightOf(model, static_cast<uint32_t>(from), static_cast<uint32_t>(to)), expected(from, to),
                  2e-5)
          << from << " -> " << to;
    }
  }
}

TEST(SessionLinear, SolvesWhatThePaperSays) {
  constexpr uint32_t kProducts = 8;  // Few, so that all pairs meet.
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    for (const double full_share : {0.0, 0.4, 1.0}) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << ", full share " << full_share);
      const Lists sessions = RandomSessions(seed, kProducts, 150);
      SessionLinearOptions options;
      options.full_share = full_share;
      options.ridge = 3;
      const auto dense = TrainSessionLinear(ToSequences(sessions), kProducts, options, {});
      ASSERT_TRUE(dense.ok());
      const Eigen::MatrixXd expected = Reference(sessions, kProducts, options);
      ExpectEqual(*dense, expected);
      // With every product a regressor, the sparse solution is the whole one.
      options.dense_products_max = 0;
      options.regressors_max = kProducts;
      const auto sparse = TrainSessionLinear(ToSequences(sessions), kProducts, options, {});
      ASSERT_TRUE(sparse.ok());
      if (full_share > 0) ExpectEqual(*sparse, expected);
    }
  }
}

TEST(SessionLinear, ThreadsChangeNoBit) {
  const Sequences sessions = ToSequences(RandomSessions(9, 80, 600));
  SessionLinearOptions options;
  options.dense_products_max = 0;
  options.regressors_max = 8;
  options.gram_cells_per_row_max = 12;
  TrainingControl four;
  four.thread_count = 4;
  const auto one_thread = TrainSessionLinear(sessions, 80, options, {});
  const auto four_threads = TrainSessionLinear(sessions, 80, options, four);
  ASSERT_TRUE(one_thread.ok() && four_threads.ok());
  EXPECT_EQ(one_thread->rows, four_threads->rows);
  EXPECT_EQ(one_thread->repeats, four_threads->repeats);
}

TEST(SessionLinear, HoldsItsBounds) {
  SessionLinearOptions options;
  options.dense_products_max = 0;
  options.row_cells_max = 3;
  const auto model = TrainSessionLinear(ToSequences(RandomSessions(2, 30, 400)), 30, options, {});
  ASSERT_TRUE(model.ok());
  for (uint32_t product = 0; product < 30; ++product) EXPECT_LE(model->rows.Of(product).size(), 3u);
}

TEST(SessionLinear, TakesNothingAndOneProduct) {
  const auto nothing = TrainSessionLinear(Sequences(), 0, {}, {});
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(nothing->rows.product_count(), 0u);
  const auto one = TrainSessionLinear(ToSequences({{0, 0, 0}}), 1, {}, {});
  ASSERT_TRUE(one.ok());
  EXPECT_GT(one->repeats[0], 0);
}

TEST(SessionLinear, NamesAnOptionThatIsOutOfRange) {
  const auto field_of = [](const SessionLinearOptions& options) {
    return TrainSessionLinear(Sequences(), 0, options, {}).status().field();
  };
  EXPECT_EQ(field_of({.full_share = 1.5}), "full_share");
  EXPECT_EQ(field_of({.ridge = 0}), "ridge");
  EXPECT_EQ(field_of({.cut_tau = 0}), "cut_tau");
  EXPECT_EQ(field_of({.ageing = -1}), "ageing");
  EXPECT_EQ(field_of({.regressors_max = 0}), "regressors_max");
  EXPECT_EQ(field_of({.gram_cells_per_row_max = 5}), "gram_cells_per_row_max");
}

TEST(SessionLinear, StopsWhenCancelled) {
  const std::atomic<bool> cancelled{true};
  TrainingControl control;
  control.is_cancelled = &cancelled;
  const auto model = TrainSessionLinear(ToSequences(RandomSessions(1, 10, 20)), 10, {}, control);
  EXPECT_EQ(model.status().code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace attune::models
