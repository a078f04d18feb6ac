// Learning from clicks that depend on positions: with weights by position, trees come close to what they
// would learn if everybody had looked at everything.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "models/boosted_trees.h"
#include "models/lambda_gradient.h"
#include "models/position_bias.h"

namespace attune::models {
namespace {

constexpr uint32_t kFeatures = 5;
constexpr size_t kListSize = 10;

struct Lists {
  std::vector<float> features;
  std::vector<float> gains;
  std::vector<float> weights;
  std::vector<RankedRows> rows;

  void EndList() {
    const size_t end = gains.size();
    rows.push_back({end - kListSize, end});
  }
};

// Wanted is what feature 1 and 2 say together; the order that was shown follows feature 0, which says little.
struct Product {
  float features[kFeatures];
  double wanted;
  uint64_t key;
};

std::vector<Product> DrawList(Random& random) {
  std::vector<Product> products(kListSize);
  for (Product& product : products) {
    for (float& feature : product.features) feature = static_cast<float>(random.NextNormal());
    const double taste = static_cast<double>(product.features[1] + product.features[2]);
    product.wanted = 1 / (1 + std::exp(3 - 2.5 * taste));
    product.features[0] += static_cast<float>(0.3 * taste);
    product.key = random.NextBelow(1u << 30);
  }
  return products;
}

void Append(const Product& product, double gain, double weight, Lists& lists) {
  lists.features.insert(lists.features.end(), product.features, product.features + kFeatures);
  lists.gains.push_back(static_cast<float>(gain));
  lists.weights.push_back(static_cast<float>(weight));
}

double NdcgAfterTraining(const Lists& train, const Lists& test) {
  const auto trees = BoostedTrees::Train(
      train.features, kFeatures, {.trees = 60, .depth = 4},
      [&](std::span<const float> scores, std::span<float> gradients, std::span<float> hessians) {
        LambdaGradients(train.rows, train.gains, train.weights, scores, gradients, hessians);
      },
      {});
  EXPECT_TRUE(trees.ok());
  std::vector<float> scores(test.gains.size());
  (*trees)->forest().Score(test.features, scores);
  double sum = 0;
  for (const RankedRows& rows : test.rows) {
    const auto gains = std::span(test.gains).subspan(rows.begin, kListSize);
    sum += NdcgOfScores(gains, std::span(scores).subspan(rows.begin, kListSize), kListSize,
                        IdealGain(gains, kListSize));
  }
  return sum / static_cast<double>(test.rows.size());
}

TEST(UnbiasedRankingTest, ComesCloseToFullInformation) {
  Random random(17);
  Lists full;
  Lists weighted;
  std::vector<ShownProduct> shown;
  for (int list = 0; list < 400; ++list) {
    std::vector<Product> products = DrawList(random);
    for (int session = 0; session < 15; ++session) {
      // The shop's order, shaken a little from day to day: that is what tells position and appeal apart.
      std::sort(products.begin(), products.end(), [&](const Product& a, const Product& b) {
        const auto noise = [&](const Product& p) {
          return static_cast<double>(p.features[0]) +
                 0.5 * std::sin(static_cast<double>(p.key % 97) * (session + 1));
        };
        return noise(a) > noise(b);
      });
      for (uint32_t position = 0; position < kListSize; ++position) {
        const bool is_wanted = random.NextUnit() < products[position].wanted;
        const bool is_looked_at = random.NextUnit() < 1.0 / (1 + position);
        Append(products[position], is_wanted ? 1 : 0, 1, full);
        Append(products[position], is_wanted && is_looked_at ? 1 : 0, 1, weighted);
        shown.push_back({products[position].key, position, is_wanted && is_looked_at});
      }
      full.EndList();
      weighted.EndList();
    }
  }
  Lists naive = weighted;
  const auto bias = PositionBias::Estimate(shown);
  ASSERT_TRUE(bias.has_value());
  for (size_t i = 0; i < shown.size(); ++i) {
    weighted.weights[i] = static_cast<float>(bias->WeightOf(shown[i].position));
  }
  Lists test;
  for (int list = 0; list < 500; ++list) {
    for (const Product& product : DrawList(random)) Append(product, product.wanted, 1, test);
    test.EndList();
  }
  const double with_everything = NdcgAfterTraining(full, test);
  const double with_weights = NdcgAfterTraining(weighted, test);
  const double with_clicks = NdcgAfterTraining(naive, test);
  EXPECT_GE(with_weights, 0.95 * with_everything) << with_everything;
  EXPECT_GT(with_weights, with_clicks) << with_everything;
  RecordProperty("full", std::to_string(with_everything));
  RecordProperty("weighted", std::to_string(with_weights));
  RecordProperty("clicks", std::to_string(with_clicks));
}

}  // namespace
}  // namespace attune::models
