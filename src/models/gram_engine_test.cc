// The Gram engine, item-kNN and sparse ridge against dense, obvious versions on random baskets.

#include "models/gram_engine.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <set>

#include "base/random.h"
#include "models/ease.h"
#include "models/item_knn.h"
#include "models/sparse_ridge.h"

namespace attune::models {
namespace {

using Basket = std::vector<uint32_t>;

std::vector<Basket> RandomBaskets(uint64_t seed, uint32_t product_count, int count) {
  Random random(seed);
  std::vector<Basket> baskets(static_cast<size_t>(count));
  for (Basket& basket : baskets) {
    for (uint64_t size = random.NextBelow(8); size > 0; --size) {
      // Small indexes are the bestsellers.
      basket.push_back(static_cast<uint32_t>(random.NextBelow(random.NextBelow(product_count) + 1)));
    }
  }
  return baskets;
}

Sequences ToSequences(const std::vector<Basket>& baskets) {
  Sequences sequences;
  for (const Basket& basket : baskets) sequences.Add(basket);
  return sequences;
}

struct Dense {
  Eigen::MatrixXd gram;
  std::vector<double> counts;

  Dense(const std::vector<Basket>& baskets, uint32_t product_count, double exponent)
      : gram(Eigen::MatrixXd::Zero(product_count, product_count)), counts(product_count, 0) {
    for (const Basket& basket : baskets) {
      const std::set<uint32_t> products(basket.begin(), basket.end());
      for (const uint32_t a : products) {
        counts[a] += 1;
        for (const uint32_t b : products)
          gram(a, b) += std::pow(static_cast<double>(products.size()), -exponent);
      }
    }
  }
};

double WeightOf(const SparseRows& rows, uint32_t from, uint32_t to) {
  for (const Neighbour& n : rows.Of(from)) {
    if (n.product == to) return static_cast<double>(n.weight);
  }
  return 0;
}

TEST(GramEngine, AgreesWithTheDenseProduct) {
  constexpr uint32_t kProducts = 25;
  for (const double exponent : {0.0, 0.3, 1.0}) {
    const auto baskets = RandomBaskets(2, kProducts, 80);
    const Dense dense(baskets, kProducts, exponent);
    const GramEngine gram(ToSequences(baskets), kProducts, exponent);
    std::vector<std::vector<Neighbour>> rows(kProducts);
    gram.ForEachRow(3, [&](uint32_t worker, uint32_t product, std::vector<Neighbour>& row) {
      EXPECT_LT(worker, 3u);
      rows[product] = row;
    });
    for (uint32_t a = 0; a < kProducts; ++a) {
      EXPECT_EQ(gram.CountOf(a), dense.counts[a]);
      EXPECT_NEAR(static_cast<double>(gram.DiagonalOf(a)), dense.gram(a, a), 1e-5);
      std::vector<double> row(kProducts, 0);
      uint32_t last = 0;
      for (const Neighbour& n : rows[a]) {
        EXPECT_TRUE(n.product > last || &n == &rows[a][0]);
        last = n.product;
        row[n.product] = static_cast<double>(n.weight);
      }
      for (uint32_t b = 0; b < kProducts; ++b) EXPECT_NEAR(row[b], a == b ? 0 : dense.gram(a, b), 1e-5);
    }
  }
}

TEST(GramEngine, EmptyInputHasEmptyRows) {
  const GramEngine gram(Sequences(), 3, 0.5);
  int visits = 0;
  gram.ForEachRow(1, [&](uint32_t, uint32_t, std::vector<Neighbour>& row) {
    ++visits;
    EXPECT_TRUE(row.empty());
  });
  EXPECT_EQ(visits, 3);
  GramEngine(Sequences(), 0, 0).ForEachRow(2, [](uint32_t, uint32_t, std::vector<Neighbour>&) { FAIL(); });
}

TEST(ItemKnn, AgreesWithItsFormula) {
  constexpr uint32_t kProducts = 25;
  const auto baskets = RandomBaskets(5, kProducts, 90);
  ItemKnnOptions free;
  free.basket_exponent = 0.4;
  free.row_exponent = 0.45;
  free.column_exponent = 0.3;
  for (const ItemKnnOptions& options :
       {CosineOptions(), Rp3BetaOptions(0.6, 0.3), GraphFilterOptions(), free}) {
    const Dense dense(baskets, kProducts, options.basket_exponent);
    const auto rows = TrainItemKnn(ToSequences(baskets), kProducts, options);
    ASSERT_TRUE(rows.ok());
    for (uint32_t a = 0; a < kProducts; ++a) {
      for (uint32_t b = 0; b < kProducts; ++b) {
        const double expected = a == b || dense.gram(a, b) == 0
                                    ? 0
                                    : dense.gram(a, b) / std::pow(dense.counts[a], options.row_exponent) /
                                          std::pow(dense.counts[b], options.column_exponent);
        EXPECT_NEAR(WeightOf(*rows, a, b), expected, 1e-5);
      }
    }
  }
}

TEST(ItemKnn, CosineOfTheSameBasketsIsOne) {
  const auto rows = TrainItemKnn(ToSequences({{0, 1}, {0, 1}, {2}}), 3, CosineOptions());
  ASSERT_TRUE(rows.ok());
  EXPECT_FLOAT_EQ(static_cast<float>(WeightOf(*rows, 0, 1)), 1);
  EXPECT_TRUE(rows->Of(2).empty()) << "always alone";
}

// Ridge regression of every product on all others, by the normal equations.
Eigen::MatrixXd DenseRidge(const Dense& dense, double ridge) {
  const Eigen::Index n = dense.gram.rows();
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index b = 0; b < n; ++b) {
    std::vector<Eigen::Index> others;
    for (Eigen::Index a = 0; a < n; ++a) {
      if (a != b && dense.gram(a, b) > 0) others.push_back(a);
    }
    const auto m = static_cast<Eigen::Index>(others.size());
    if (m == 0) continue;
    Eigen::MatrixXd left = Eigen::MatrixXd::Identity(m, m) * ridge;
    Eigen::VectorXd right(m);
    for (Eigen::Index i = 0; i < m; ++i) {
      right(i) = dense.gram(others[static_cast<size_t>(i)], b);
      for (Eigen::Index j = 0; j < m; ++j) {
        left(i, j) += dense.gram(others[static_cast<size_t>(i)], others[static_cast<size_t>(j)]);
      }
    }
    const Eigen::VectorXd solution = left.fullPivLu().solve(right);
    for (Eigen::Index i = 0; i < m; ++i) result(others[static_cast<size_t>(i)], b) = solution(i);
  }
  return result;
}

TEST(SparseRidge, WithAllNeighboursItIsRidgeRegression) {
  constexpr uint32_t kProducts = 25;
  for (const double exponent : {0.0, 0.2}) {
    const auto baskets = RandomBaskets(6, kProducts, 120);
    const Sequences sequences = ToSequences(baskets);
    SparseRidgeOptions options;
    options.basket_exponent = exponent;
    options.ridge = 4;
    options.row_exponent = 0.2;
    options.column_exponent = 0.1;
    const Dense dense(baskets, kProducts, exponent);
    const Eigen::MatrixXd expected =
        DenseRidge(dense, 4 * GramEngine(sequences, kProducts, exponent).mean_weight());
    const auto rows = TrainSparseRidge(sequences, kProducts, options);
    ASSERT_TRUE(rows.ok());
    for (uint32_t a = 0; a < kProducts; ++a) {
      for (uint32_t b = 0; b < kProducts; ++b) {
        const double scale =
            std::pow(std::max(dense.counts[a], 1.0), -0.2) * std::pow(std::max(dense.counts[b], 1.0), -0.1);
        EXPECT_NEAR(WeightOf(*rows, a, b), expected(a, b) * scale, 2e-4);
      }
    }
  }
}

TEST(Ease, IsRidgeRegressionOnAllOthers) {
  constexpr uint32_t kProducts = 25;
  const auto baskets = RandomBaskets(7, kProducts, 120);
  const Sequences sequences = ToSequences(baskets);
  const Dense dense(baskets, kProducts, 0.2);
  Eigen::MatrixXd gram = dense.gram;
  gram.diagonal().array() /= 1 - 0.3;
  gram.diagonal().array() += 4 * GramEngine(sequences, kProducts, 0.2).mean_weight();
  const Eigen::MatrixXd inverse = gram.inverse();
  const auto rows = TrainEase(
      sequences, kProducts,
      {.basket_exponent = 0.2, .ridge = 4, .dropout = 0.3, .row_exponent = 0.2, .column_exponent = 0.1}, {});
  ASSERT_TRUE(rows.ok());
  for (uint32_t a = 0; a < kProducts; ++a) {
    for (uint32_t b = 0; b < kProducts; ++b) {
      const double scale =
          std::pow(std::max(dense.counts[a], 1.0), -0.2) * std::pow(std::max(dense.counts[b], 1.0), -0.1);
      const double expected = a == b ? 0 : -inverse(a, b) / inverse(b, b) * scale;
      EXPECT_NEAR(WeightOf(*rows, a, b), expected, 1e-5);
    }
  }
}

TEST(Ease, SparseRidgeOnAllNeighboursIsNearIt) {
  // Where every product shares a basket with every other, they are the same regression.
  auto baskets = RandomBaskets(8, 12, 200);
  Basket all;
  for (uint32_t product = 0; product < 12; ++product) all.push_back(product);
  baskets.push_back(all);
  const auto ease = TrainEase(ToSequences(baskets), 12, {.ridge = 5, .dropout = 0.2}, {});
  const auto sparse = TrainSparseRidge(ToSequences(baskets), 12, {.ridge = 5, .dropout = 0.2});
  ASSERT_TRUE(ease.ok() && sparse.ok());
  for (uint32_t a = 0; a < 12; ++a) {
    for (uint32_t b = 0; b < 12; ++b) EXPECT_NEAR(WeightOf(*ease, a, b), WeightOf(*sparse, a, b), 1e-4);
  }
}

TEST(Ease, ThreadsChangeNoBitAndLimitsHold) {
  const Sequences baskets = ToSequences(RandomBaskets(10, 300, 2'000));
  TrainingControl control;
  const EaseOptions options = {.ridge = 3, .row_cells_max = 20};
  const auto one = TrainEase(baskets, 300, options, control);
  control.thread_count = 4;
  const auto four = TrainEase(baskets, 300, options, control);
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_EQ(*one, *four);
  for (uint32_t a = 0; a < 300; ++a) EXPECT_LE(one->Of(a).size(), 20u);
  EXPECT_TRUE(TrainEase(Sequences(), 0, {}, {}).ok());
}

TEST(SparseRidge, ExplainsAwayWhatGoesThroughAnother) {
  // 0 and 2 are each bought with 1; together only through it.
  std::vector<Basket> baskets;
  for (int i = 0; i < 40; ++i) baskets.push_back({0, 1, 2});
  for (int i = 0; i < 60; ++i) baskets.push_back({1, 2});
  for (int i = 0; i < 60; ++i) baskets.push_back({0, 3});
  const auto ridge = TrainSparseRidge(ToSequences(baskets), 4, {.ridge = 1});
  const auto cosine = TrainItemKnn(ToSequences(baskets), 4, CosineOptions());
  ASSERT_TRUE(ridge.ok() && cosine.ok());
  EXPECT_GT(WeightOf(*cosine, 0, 2), 0.3);
  EXPECT_LT(WeightOf(*ridge, 0, 2), 0.05);
  EXPECT_GT(WeightOf(*ridge, 1, 2), 0.9);
}

TEST(SparseRidge, LimitsHoldAndThreadsChangeNoBit) {
  const Sequences baskets = ToSequences(RandomBaskets(9, 60, 500));
  SparseRidgeOptions options;
  options.neighbours_max = 5;
  options.gram_cells_per_row_max = 8;
  options.row_cells_max = 6;
  options.ridge = 2;
  const auto one = TrainSparseRidge(baskets, 60, options);
  options.threads = 4;
  const auto four = TrainSparseRidge(baskets, 60, options);
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_EQ(*one, *four);
  EXPECT_GT(one->neighbour_count(), 50u);
  EXPECT_LE(one->neighbour_count(), 300u);
  for (uint32_t a = 0; a < 60; ++a) EXPECT_LE(one->Of(a).size(), 6u);
}

TEST(SparseRidge, OrderOfBasketsAndRepeatsWithinThemChangeNothing) {
  auto baskets = RandomBaskets(12, 30, 200);
  const auto rows = TrainSparseRidge(ToSequences(baskets), 30, {.basket_exponent = 0.3});
  std::reverse(baskets.begin(), baskets.end());
  for (Basket& basket : baskets) {
    std::reverse(basket.begin(), basket.end());
    if (!basket.empty()) basket.push_back(basket.front());
  }
  const auto other = TrainSparseRidge(ToSequences(baskets), 30, {.basket_exponent = 0.3});
  ASSERT_TRUE(rows.ok() && other.ok());
  EXPECT_EQ(*rows, *other);
}

TEST(SparseRidge, WrongOptionsAreNamed) {
  const Sequences none;
  EXPECT_EQ(TrainSparseRidge(none, 1, {.basket_exponent = 3}).status().field(), "basket_exponent");
  EXPECT_EQ(TrainSparseRidge(none, 1, {.ridge = 0}).status().field(), "ridge");
  EXPECT_EQ(TrainSparseRidge(none, 1, {.neighbours_max = 0}).status().field(), "neighbours_max");
  EXPECT_EQ(TrainSparseRidge(none, 1, {.gram_cells_per_row_max = 1}).status().field(),
            "gram_cells_per_row_max");
  EXPECT_EQ(TrainSparseRidge(none, 1, {.row_cells_max = 0}).status().field(), "row_cells_max");
  EXPECT_EQ(TrainItemKnn(none, 1, {.row_exponent = -1}).status().field(), "row_exponent");
  EXPECT_EQ(TrainItemKnn(none, 1, {.neighbours_max = 0}).status().field(), "neighbours_max");
  EXPECT_TRUE(TrainSparseRidge(none, 0, {}).ok());
  EXPECT_EQ(TrainEase(none, 1, {.basket_exponent = 3}, {}).status().field(), "basket_exponent");
  EXPECT_EQ(TrainSparseRidge(none, 1, {.dropout = 1}).status().field(), "dropout");
  EXPECT_EQ(TrainEase(none, 1, {.dropout = -1}, {}).status().field(), "dropout");
  EXPECT_EQ(TrainEase(none, 1, {.ridge = 0}, {}).status().field(), "ridge");
  EXPECT_EQ(TrainEase(none, 1, {.row_cells_max = 0}, {}).status().field(), "row_cells_max");
  EXPECT_EQ(TrainEase(none, kEaseProductsMax + 1, {}, {}).status().field(), "product_count");
}

}  // namespace
}  // namespace attune::models
