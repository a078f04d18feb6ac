// Supplied vectors: the scan against all cosines, new and changed products, and the bytes of a generation
// file.

#include "models/looks_alike.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/random.h"
#include "catalog/limits.h"
#include "models/catalog_of_products.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

std::vector<catalog::Product> RandomProducts(uint64_t seed, size_t count, size_t dimensions) {
  Random random(seed);
  std::vector<catalog::Product> products(count);
  for (size_t i = 0; i < count; ++i) {
    products[i].product_id = "p" + std::to_string(i);
    if (i % 7 == 6) continue;  // Without a picture.
    for (size_t k = 0; k < dimensions; ++k) {
      products[i].image_vector.push_back(static_cast<float>(random.NextNormal()));
    }
  }
  return products;
}

double Cosine(const std::vector<float>& a, const std::vector<float>& b) {
  double ab = 0;
  double aa = 0;
  double bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<Candidate> Ask(const LooksAlikeModel& model, const catalog::CatalogView& catalog,
                           uint32_t product, size_t limit) {
  const Seed seed{ProductIndex(product), 1, 0, 0};
  SourceQuery query;
  query.seeds = std::span(&seed, 1);
  query.catalog = &catalog;
  std::vector<Candidate> out;
  model.Retrieve(query, limit, out);
  return out;
}

class LooksAlikeOfLength : public testing::TestWithParam<size_t> {};

TEST_P(LooksAlikeOfLength, FindsTheNearestOfAll) {
  const std::vector<catalog::Product> products = RandomProducts(11, 400, GetParam());
  const auto catalog = CatalogOfProducts(products);
  const auto model = LooksAlikeModel::Train(*catalog, ProductTies::Make(catalog.get()));
  EXPECT_EQ(model->dimensions(), GetParam());
  for (const uint32_t asked : {0u, 5u, 133u}) {
    std::vector<std::pair<double, uint32_t>> expected;
    for (uint32_t i = 0; i < products.size(); ++i) {
      if (i == asked || products[i].image_vector.empty()) continue;
      expected.emplace_back(-Cosine(products[asked].image_vector, products[i].image_vector), i);
    }
    std::sort(expected.begin(), expected.end());
    const auto found = Ask(*model, *catalog, asked, 10);
    ASSERT_EQ(found.size(), 10u);
    for (size_t i = 0; i < 10; ++i) {
      EXPECT_EQ(found[i].product.value(), expected[i].second);
      EXPECT_NEAR(found[i].score, -expected[i].first, 1e-5);
      EXPECT_EQ(found[i].because, ProductIndex(asked));
    }
  }
  EXPECT_TRUE(Ask(*model, *catalog, 6, 10).empty()) << "no picture, nothing to compare";
}

INSTANTIATE_TEST_SUITE_P(Lengths, LooksAlikeOfLength,
                         testing::Values(3, 40, 512, 768, catalog::kImageVectorLengthMax));

TEST(LooksAlike, AProductThatCameLaterCanBeAskedAbout) {
  std::vector<catalog::Product> products = RandomProducts(12, 20, 8);
  const auto before = CatalogOfProducts(products);
  const auto model = LooksAlikeModel::Train(*before, ProductTies::Make(before.get()));
  products.push_back(products[3]);
  products.back().product_id = "twin";
  products[4].image_vector = products[3].image_vector;  // A new picture since.
  const auto after = CatalogOfProducts(products);
  const auto found = Ask(*model, *after, 20, 2);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NEAR(found[0].score, 1, 1e-6);
  EXPECT_NEAR(found[1].score, 1, 1e-6);
}

TEST(LooksAlike, OddLengthsAreLeftOut) {
  std::vector<catalog::Product> products = RandomProducts(13, 12, 8);
  products[1].image_vector.resize(5);
  const auto catalog = CatalogOfProducts(products);
  const auto model = LooksAlikeModel::Train(*catalog, ProductTies::Make(catalog.get()));
  EXPECT_EQ(model->dimensions(), 8u);
  EXPECT_EQ(model->product_count(), 10u);
  EXPECT_TRUE(Ask(*model, *catalog, 1, 5).empty());
}

TEST(LooksAlike, ComesBackFromItsBytes) {
  const auto catalog = CatalogOfProducts(RandomProducts(14, 50, 33));
  const auto ties = ProductTies::Make(catalog.get());
  const auto model = LooksAlikeModel::Train(*catalog, ties);
  SectionWriter out;
  model->Save(out);
  SectionReader in("looks_alike", out.bytes());
  const auto loaded = LooksAlikeModel::Load(in, ties);
  ASSERT_TRUE(loaded.ok());
  for (uint32_t product = 0; product < 6; ++product) {
    const auto a = Ask(*model, *catalog, product, 5);
    const auto b = Ask(**loaded, *catalog, product, 5);
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].product, b[i].product);
  }
  SectionReader cut("looks_alike", std::string_view(out.bytes()).substr(0, out.bytes().size() - 4));
  EXPECT_FALSE(LooksAlikeModel::Load(cut, ties).ok());
}

}  // namespace
}  // namespace attune::models
