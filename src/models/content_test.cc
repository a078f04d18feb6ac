// Products alike in text and facts find each other, also those that came after training.

#include "models/content.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <map>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/content_terms.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

catalog::Product MakeProduct(std::string id, std::string title, std::string leaf = {},
                             std::string brand = {}) {
  catalog::Product product;
  product.product_id = std::move(id);
  product.title = std::move(title);
  product.brand = std::move(brand);
  if (!leaf.empty()) product.categories = {{"All", std::move(leaf)}};
  return product;
}

std::shared_ptr<const ContentModel> TrainOrDie(const catalog::CatalogView& catalog,
                                               const ContentOptions& options = {}, int threads = 1) {
  TrainingControl control;
  control.thread_count = threads;
  auto model = ContentModel::Train(catalog, nullptr, ProductTies::Make(&catalog), options, control);
  CHECK(model.ok());
  return *model;
}

std::vector<uint32_t> Ask(const ContentModel& model, uint32_t seed,
                          const catalog::CatalogView* catalog = nullptr, bool may_repeat = false) {
  const std::vector<Seed> seeds = {{ProductIndex(seed), 1, 0, 0}};
  SourceQuery query;
  query.seeds = seeds;
  query.catalog = catalog;
  query.may_repeat = may_repeat;
  std::vector<Candidate> out;
  model.Retrieve(query, 10, out);
  std::vector<uint32_t> products;
  for (const Candidate& candidate : out) products.push_back(candidate.product.value());
  return products;
}

// Words drawn from a few topics: product i is about topic i % 3.
std::vector<catalog::Product> Topics(uint32_t count, uint64_t seed) {
  static constexpr const char* kWords[3][5] = {{"lamp", "light", "bulb", "shade", "led"},
                                               {"tea", "cup", "pot", "leaf", "mug"},
                                               {"sock", "shoe", "lace", "wool", "boot"}};
  Random random(seed);
  std::vector<catalog::Product> products;
  for (uint32_t i = 0; i < count; ++i) {
    std::string title;
    for (int k = 0; k < 3; ++k) title += std::string(kWords[i % 3][random.NextBelow(5)]) + " ";
    products.push_back(MakeProduct("p" + std::to_string(i), title + "n" + std::to_string(i)));
  }
  return products;
}

size_t PeakResidentBytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
}

// Every product shares its terms with thousands: each of them once took memory until the training ended.
TEST(ContentTest, TrainingKeepsOnlyTheNeighboursThatItNeeds) {
  constexpr uint32_t kProducts = 20'000;
  const auto catalog = CatalogOfProducts(Topics(kProducts, 3));
  const size_t before = PeakResidentBytes();
  ContentOptions options;
  options.common_share = 1;
  TrainOrDie(*catalog, options);
  EXPECT_LT(PeakResidentBytes() - before, size_t{kProducts} * 6'000);
}

TEST(ContentTest, ProductsOfOneTopicFindEachOther) {
  const auto catalog = CatalogOfProducts(Topics(90, 1));
  const auto model = TrainOrDie(*catalog);
  for (uint32_t seed = 0; seed < 90; ++seed) {
    const auto found = Ask(*model, seed);
    ASSERT_FALSE(found.empty());
    for (const uint32_t product : found) {
      EXPECT_EQ(product % 3, seed % 3);
      EXPECT_NE(product, seed);
    }
  }
}

TEST(ContentTest, RowsAreTheCosinesOfTheDefinition) {
  const auto products = Topics(40, 2);
  const auto catalog = CatalogOfProducts(products);
  ContentOptions options;
  options.neighbours_max = 100;
  const auto model = TrainOrDie(*catalog, options);
  std::map<uint64_t, double> product_count_by_term;
  for (const auto& product : products) {
    for (const auto& [term, weight] : ContentTermsOf(product)) product_count_by_term[term] += 1;
  }
  std::vector<std::map<uint64_t, double>> vectors;
  for (const auto& product : products) {
    std::map<uint64_t, double> vector;
    double square_sum = 0;
    for (const auto& [term, weight] : ContentTermsOf(product)) {
      if (product_count_by_term[term] < 2) continue;
      const double value = static_cast<double>(weight) * std::log(1 + 40 / product_count_by_term[term]);
      vector[term] = value;
      square_sum += value * value;
    }
    for (auto& [term, value] : vector) value /= std::sqrt(square_sum);
    vectors.push_back(vector);
  }
  size_t compared = 0;
  for (uint32_t a = 0; a < 40; ++a) {
    for (const Neighbour& neighbour : model->rows().Of(a)) {
      double cosine = 0;
      for (const auto& [term, value] : vectors[a]) {
        const auto found = vectors[neighbour.product].find(term);
        if (found != vectors[neighbour.product].end()) cosine += value * found->second;
      }
      EXPECT_NEAR(static_cast<double>(neighbour.weight), cosine, 1e-5);
      ++compared;
    }
  }
  EXPECT_GT(compared, 200u);
}

TEST(ContentTest, AProductAfterTrainingIsScoredFromTheCatalogue) {
  auto products = Topics(60, 3);
  const auto before = CatalogOfProducts(products);
  const auto model = TrainOrDie(*before);
  products.push_back(MakeProduct("new", "tea pot"));
  const auto after = CatalogOfProducts(products);
  EXPECT_TRUE(Ask(*model, 60).empty());
  const auto found = Ask(*model, 60, after.get());
  ASSERT_FALSE(found.empty());
  for (const uint32_t product : found) EXPECT_EQ(product % 3, 1u);
}

TEST(ContentTest, CategoryBrandTagsAndAttributesSpeakToo) {
  catalog::Product black = MakeProduct("a", "one", "Lamps", "Lumo");
  black.attributes = {{"colour", catalog::Attribute::Type::kText, "black", 0}};
  black.tags = {"new"};
  catalog::Product same = MakeProduct("b", "two", "Lamps", "Lumo");
  same.attributes = black.attributes;
  same.tags = black.tags;
  catalog::Product brand_only = MakeProduct("c", "three", "Chairs", "Lumo");
  catalog::Product other = MakeProduct("d", "four", "Chairs", "Orto");
  const auto model = TrainOrDie(*CatalogOfProducts({black, same, brand_only, other}));
  const auto row = model->rows().Of(0);
  ASSERT_GE(row.size(), 2u);
  EXPECT_EQ(row[0].product, 1u);
  EXPECT_NEAR(row[0].weight, 1, 1e-5);
  EXPECT_EQ(row[1].product, 2u);
}

TEST(ContentTest, ABrandAndAWordOfOneSpellingAreTwoTerms) {
  const auto word = ContentTermsOf(MakeProduct("a", "orange"));
  const auto brand = ContentTermsOf(MakeProduct("b", "", "", "orange"));
  ASSERT_EQ(word.size(), 1u);
  ASSERT_EQ(brand.size(), 1u);
  EXPECT_NE(word[0].first, brand[0].first);
  EXPECT_EQ(ContentTermsOf(MakeProduct("c", "ORANGE, orange!"))[0].first, word[0].first);
  EXPECT_GT(ContentTermsOf(MakeProduct("c", "ORANGE, orange!"))[0].second, word[0].second);
}

TEST(ContentTest, HostileTextIsJustText) {
  std::string long_text(3'000'000, 'x');
  std::string bytes("a\0b\xff\xfe c", 7);
  bytes.push_back('\0');
  const auto catalog =
      CatalogOfProducts({MakeProduct("a", long_text), MakeProduct("b", bytes), MakeProduct("c", "")});
  EXPECT_EQ(TrainOrDie(*catalog)->rows().neighbour_count(), 0u);
}

TEST(ContentTest, ThreadsAndFilesDoNotChangeABit) {
  const auto catalog = CatalogOfProducts(Topics(300, 5));
  const auto model = TrainOrDie(*catalog, {}, 1);
  SectionWriter one;
  SectionWriter three;
  model->Save(one);
  TrainOrDie(*catalog, {}, 3)->Save(three);
  EXPECT_EQ(one.bytes(), three.bytes());
  SectionReader in("content", one.bytes());
  const auto loaded = ContentModel::Load(in, ProductTies::Make(catalog.get()));
  ASSERT_TRUE(loaded.ok());
  for (uint32_t seed = 0; seed < 300; seed += 7) EXPECT_EQ(Ask(**loaded, seed), Ask(*model, seed));
  for (size_t cut = 0; cut < one.bytes().size(); cut += 997) {
    SectionReader damaged("content", std::string_view(one.bytes()).substr(0, cut));
    EXPECT_EQ(ContentModel::Load(damaged, ProductTies::Make(nullptr)).status().code(),
              StatusCode::kCorruption);
  }
}

TEST(ContentTest, TheBudgetLeavesOutTheCommonestTermsOnly) {
  const auto catalog = CatalogOfProducts(Topics(300, 6));
  ContentOptions tight;
  tight.postings_max = 60;
  const auto model = TrainOrDie(*catalog, tight);
  EXPECT_LT(model->rows().neighbour_count(), TrainOrDie(*catalog)->rows().neighbour_count() + 1);
}

}  // namespace
}  // namespace attune::models
