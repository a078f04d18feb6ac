// Diversity: the fast greedy algorithms against the definitions, and what a shop sees of them.

#include "decisions/spread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "decisions/adjust.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;

class SpreadTest : public testing::Test {
 protected:
  void Use(Diversity::Method method, double relevance) {
    Placement placement = shop.Get("home_trending");
    placement.diversity = {.method = method, .relevance = relevance};
    shop.Put(placement);
  }

  // A shop of random products with random vectors (some without), brands and categories.
  void Fill(uint64_t seed, int count) {
    Random random(seed);
    std::vector<std::vector<float>> vectors;
    for (int i = 0; i < count; ++i) {
      std::vector<std::string> category;
      if (random.NextBelow(4) > 0) {
        category = {"Top " + std::to_string(random.NextBelow(2)),
                    "Leaf " + std::to_string(random.NextBelow(3))};
      }
      const std::string brand =
          random.NextBelow(3) == 0 ? "" : "Brand " + std::to_string(random.NextBelow(3));
      all.push_back(shop.Add("p" + std::to_string(i), category, brand));
      std::vector<float> vector;
      if (random.NextBelow(3) > 0) {
        for (int k = 0; k < 6; ++k) vector.push_back(static_cast<float>(random.NextNormal()));
      }
      vectors.push_back(std::move(vector));
    }
    shop.Vectors(std::move(vectors));
    shop.Source("trending", all);
  }

  ShopForTests::Made Decide(uint32_t limit) const {
    ResolvedRequest request;
    request.placement = "home_trending";
    request.limit = limit;
    return shop.Decide(request);
  }

  double LikenessOf(const ShopForTests::Made& made, size_t a, size_t b) const {
    ResolvedRequest request;
    const Placement placement = shop.Get("home_trending");
    const DecideInput input{request, shop.view, placement, nullptr, *made.catalog, kTestNowMs, 7};
    return Likeness(input, made.decision.products[a].product, made.decision.products[b].product);
  }

  ShopForTests shop;
  std::vector<ProductIndex> all;
};

// ln det of a symmetric positive matrix by Gaussian elimination.
double LogDeterminant(std::vector<std::vector<double>> matrix) {
  double sum = 0;
  for (size_t k = 0; k < matrix.size(); ++k) {
    if (matrix[k][k] <= 0) return -1e300;
    sum += std::log(matrix[k][k]);
    for (size_t i = k + 1; i < matrix.size(); ++i) {
      const double factor = matrix[i][k] / matrix[k][k];
      for (size_t j = k; j < matrix.size(); ++j) matrix[i][j] -= factor * matrix[k][j];
    }
  }
  return sum;
}

struct Reference {
  std::vector<std::vector<double>> likeness;
  std::vector<double> relevance;
};

std::vector<size_t> GreedyByDeterminant(const Reference& of, size_t count, double theta) {
  const double steepness = theta / (2 * (1 - theta));
  std::vector<size_t> chosen;
  while (chosen.size() < count) {
    size_t best = of.relevance.size();
    double largest = 0;
    for (size_t i = 0; i < of.relevance.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
      std::vector<size_t> set = chosen;
      set.push_back(i);
      std::vector<std::vector<double>> kernel(set.size(), std::vector<double>(set.size()));
      for (size_t a = 0; a < set.size(); ++a) {
        for (size_t b = 0; b < set.size(); ++b) {
          kernel[a][b] = std::exp(steepness * (of.relevance[set[a]] + of.relevance[set[b]])) *
                         of.likeness[set[a]][set[b]];
        }
      }
      const double value = LogDeterminant(kernel);
      if (best == of.relevance.size() || value > largest + 1e-9) {
        best = i;
        largest = value;
      }
    }
    chosen.push_back(best);
  }
  return chosen;
}

std::vector<size_t> GreedyByNearest(const Reference& of, size_t count, double theta) {
  std::vector<size_t> chosen;
  while (chosen.size() < count) {
    size_t best = of.relevance.size();
    double largest = 0;
    for (size_t i = 0; i < of.relevance.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), i) != chosen.end()) continue;
      double nearest = chosen.empty() ? 0 : -2;
      for (const size_t j : chosen) nearest = std::max(nearest, of.likeness[i][j]);
      const double value = theta * of.relevance[i] - (1 - theta) * nearest;
      if (best == of.relevance.size() || value > largest) {
        best = i;
        largest = value;
      }
    }
    chosen.push_back(best);
  }
  return chosen;
}

TEST_F(SpreadTest, BothPickWhatTheirDefinitionsPick) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    shop = ShopForTests();
    all.clear();
    Fill(seed, 24);
    Use(Diversity::Method::kNone, 0.7);
    const auto ranked = Decide(24);
    Reference reference;
    for (size_t i = 0; i < 24; ++i) {
      reference.relevance.push_back(ranked.decision.products[i].score / ranked.decision.products[0].score);
      reference.likeness.emplace_back();
      for (size_t j = 0; j < 24; ++j) reference.likeness[i].push_back(i == j ? 1 : LikenessOf(ranked, i, j));
    }
    const double theta = 0.2 + 0.05 * static_cast<double>(seed);
    for (const auto method : {Diversity::Method::kMmr, Diversity::Method::kDpp}) {
      Use(method, theta);
      const std::vector<size_t> expected = method == Diversity::Method::kMmr
                                               ? GreedyByNearest(reference, 6, theta)
                                               : GreedyByDeterminant(reference, 6, theta);
      std::vector<std::string> ids;
      for (const size_t place : expected) ids.push_back(ranked.decision.products[place].product_id);
      EXPECT_EQ(IdsOf(Decide(6).decision), ids) << DiversityMethodName(method);
    }
  }
}

TEST_F(SpreadTest, LikenessIsACosine) {
  Fill(3, 20);
  Use(Diversity::Method::kNone, 0.7);
  const auto made = Decide(20);
  for (size_t i = 0; i < 20; ++i) {
    for (size_t j = 0; j < 20; ++j) {
      const double likeness = LikenessOf(made, i, j);
      EXPECT_EQ(likeness, LikenessOf(made, j, i));
      EXPECT_LE(std::abs(likeness), 1 + 1e-12);
    }
  }
}

TEST_F(SpreadTest, UnlikeProductsComeForward) {
  const ProductIndex lamp = shop.Add("lamp", {"Home", "Lighting"}, "Lumo");
  const ProductIndex lamp2 = shop.Add("lamp2", {"Home", "Lighting"}, "Lumo");
  const ProductIndex lamp3 = shop.Add("lamp3", {"Home", "Lighting"}, "Lumo");
  const ProductIndex mug = shop.Add("mug", {"Kitchen"}, "Potter");
  shop.Source("trending", {lamp, lamp2, lamp3, mug});
  Use(Diversity::Method::kMmr, 0.5);
  EXPECT_THAT(IdsOf(Decide(2).decision), ElementsAre("lamp", "mug"));
  Use(Diversity::Method::kDpp, 0.5);
  EXPECT_THAT(IdsOf(Decide(4).decision), ElementsAre("lamp", "mug", "lamp2", "lamp3"))
      << "twins add no volume, and come in their order";
}

TEST_F(SpreadTest, CapsHoldOnTop) {
  Fill(5, 30);
  Use(Diversity::Method::kDpp, 0.6);
  Placement placement = shop.Get("home_trending");
  placement.diversity.brand_max = 1;
  shop.Put(placement);
  const auto made = Decide(4);
  std::map<std::string, int> brands;
  for (const DecidedProduct& product : made.decision.products) {
    const std::string& brand = shop.products[product.product.value()].brand;
    if (brand.empty()) continue;
    EXPECT_EQ(++brands[brand], 1);
  }
  EXPECT_EQ(made.decision.products.size(), 4u);
}

}  // namespace
}  // namespace attune::decisions
