// Every gradient against finite differences, in double precision.

#include "models/self_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace attune::models {
namespace {

constexpr double kStep = 1e-5;

struct Case {
  AttentionShape shape{.product_count = 7, .dimensions = 4, .length_max = 4};
  AttentionParameters<double> parameters = MakeAttentionParameters<double>(shape, 3);
  AttentionPack pack;
  std::vector<uint32_t> negatives = {0, 5, 2, 6};
  AttentionNoise noise;

  explicit Case(double dropout) : noise{dropout, 11} {
    // Numbers as large as after training, so that no gradient hides below the rounding.
    for (double& number : parameters.products) number *= 25;
    pack.Add(std::vector<uint32_t>{1, 2, 3}, std::vector<uint32_t>{2, 3, 0});
    pack.Add(std::vector<uint32_t>{4}, std::vector<uint32_t>{5});
    pack.Add(std::vector<uint32_t>{3, 3, 6, 1}, std::vector<uint32_t>{3, 6, 1, 4});
  }
  double Loss(AttentionGradient<double>& gradient) const {
    return AttentionLoss<double>(shape, parameters, pack, negatives, 0.5, noise, gradient);
  }
  double Slope(double& number) const {
    AttentionGradient<double> unused;
    const double keep = number;
    number = keep + kStep;
    const double above = Loss(unused);
    number = keep - kStep;
    const double below = Loss(unused);
    number = keep;
    return (above - below) / (2 * kStep);
  }
};

class SelfAttentionGradient : public testing::TestWithParam<double> {};

TEST_P(SelfAttentionGradient, IsTheSlopeOfTheLoss) {
  Case c(GetParam());
  AttentionGradient<double> gradient;
  c.Loss(gradient);
  for (size_t i = 0; i < c.parameters.block.size(); ++i) {
    EXPECT_NEAR(gradient.block[i], c.Slope(c.parameters.block[i]), 2e-6) << "block " << i;
  }
  std::vector<double> of_products(c.parameters.products.size(), 0);
  const auto add = [&](const std::vector<uint32_t>& rows, const std::vector<double>& gradients) {
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t k = 0; k < 4; ++k) of_products[rows[i] * 4 + k] += gradients[i * 4 + k];
    }
  };
  add(c.pack.products, gradient.of_products);
  add(c.pack.targets, gradient.of_targets);
  add(c.negatives, gradient.of_negatives);
  for (size_t i = 0; i < of_products.size(); ++i) {
    EXPECT_NEAR(of_products[i], c.Slope(c.parameters.products[i]), 2e-6) << "product " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutDropout, SelfAttentionGradient, testing::Values(0.0, 0.3));

TEST(SelfAttention, ATargetAmongTheNegativesIsNotItsOwnRival) {
  Case c(0);
  c.pack.Clear();
  c.pack.Add(std::vector<uint32_t>{1}, std::vector<uint32_t>{2});
  AttentionGradient<double> gradient;
  c.negatives = {2};
  EXPECT_NEAR(c.Loss(gradient), 0, 1e-12);
}

TEST(SelfAttention, NoPlaceSeesWhatComesAfterIt) {
  const AttentionShape shape{.product_count = 9, .dimensions = 8, .length_max = 5};
  const auto parameters = MakeAttentionParameters<float>(shape, 5);
  // Places are counted from the end, so only the last place of equal sequences can be compared.
  const std::vector<float> one = EncodeSequence(shape, parameters, std::vector<uint32_t>{1, 2, 3});
  const std::vector<float> same = EncodeSequence(shape, parameters, std::vector<uint32_t>{1, 2, 3});
  const std::vector<float> other = EncodeSequence(shape, parameters, std::vector<uint32_t>{4, 2, 3});
  EXPECT_EQ(one, same);
  EXPECT_NE(one, other);
}

TEST(SelfAttention, ReadsTheLatestPlacesOfALongSequence) {
  const AttentionShape shape{.product_count = 9, .dimensions = 8, .length_max = 3};
  const auto parameters = MakeAttentionParameters<float>(shape, 5);
  EXPECT_EQ(EncodeSequence(shape, parameters, std::vector<uint32_t>{7, 8, 1, 2, 3}),
            EncodeSequence(shape, parameters, std::vector<uint32_t>{1, 2, 3}));
  EXPECT_TRUE(EncodeSequence(shape, parameters, {}).empty());
}

}  // namespace
}  // namespace attune::models
