// Goal: what tells products apart stays when given vectors are brought to fewer axes, and they are used only
// where nearly all products have one.

#include "models/external_vectors.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/content.h"
#include "models/model_set.h"
#include "models/supplied_vectors.h"

namespace attune::models {
namespace {

class Given final : public ExternalVectors {
 public:
  size_t dimensions() const override { return vectors.empty() ? 0 : vectors.begin()->second.size(); }
  Status ForEach(const Visit& visit) const override {
    if (!failure.ok()) return failure;
    for (const auto& [product, vector] : vectors) {
      if (!visit(product, vector)) break;
    }
    return {};
  }
  std::map<uint32_t, std::vector<float>> vectors;
  Status failure;
};

constexpr uint32_t kKinds = 4;

// Products whose words say nothing of their kind, which is index % kKinds.
std::vector<catalog::Product> Products(uint32_t count) {
  std::vector<catalog::Product> products(count);
  for (uint32_t i = 0; i < count; ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title = "Article " + std::to_string(1000 + i);
  }
  return products;
}

// In a narrow cone, as encoders put them: a long common part, a short one of the kind, and noise.
Given Cone(uint32_t count, size_t dimensions, double noise = 0.3) {
  Random random(3);
  std::vector<std::vector<float>> kinds(kKinds + 1, std::vector<float>(dimensions));
  for (auto& kind : kinds) {
    for (float& number : kind) number = static_cast<float>(random.NextNormal());
  }
  Given given;
  for (uint32_t i = 0; i < count; ++i) {
    std::vector<float>& vector = given.vectors[i];
    for (size_t k = 0; k < dimensions; ++k) {
      vector.push_back(5 * kinds[kKinds][k] + kinds[i % kKinds][k] +
                       static_cast<float>(noise * random.NextNormal()));
    }
  }
  return given;
}

ExternalVectorsUse Use(const Given& given, const catalog::CatalogView& catalog) {
  auto use = UseExternalVectors(given, VectorOrigin::kFetched, catalog, kExternalDimensions, {});
  CHECK(use.ok());
  return std::move(use).value();
}

TEST(ExternalVectorsTest, KindsComeApartThoughAllVectorsArePointedTheSameWay) {
  for (const size_t dimensions : {12u, 128u, 700u}) {
    const auto catalog = CatalogOfProducts(Products(400));
    const ExternalVectorsUse use = Use(Cone(400, dimensions), *catalog);
    ASSERT_TRUE(use.vectors) << use.why_not;
    EXPECT_TRUE(use.vectors->is_external);
    EXPECT_EQ(use.vectors->dimensions % 8, 0u);
    EXPECT_LE(use.vectors->dimensions, kExternalDimensions);
    for (uint32_t i = 0; i < 20; ++i) {
      EXPECT_NEAR(use.vectors->Cosine(i, i), 1, 1e-4);
      EXPECT_GT(use.vectors->Cosine(i, i + kKinds), 0.6) << dimensions;
      EXPECT_LT(use.vectors->Cosine(i, i + 1), 0.3) << dimensions;
    }
  }
}

TEST(ExternalVectorsTest, TheGreatMajorityOfVisibleProductsMustHaveOne) {
  std::vector<catalog::Product> products = Products(110);
  for (uint32_t i = 100; i < 110; ++i) products[i].is_hidden = true;  // Do not count.
  const auto catalog = CatalogOfProducts(products);
  Given given = Cone(90, 16);
  EXPECT_TRUE(Use(given, *catalog).vectors);
  given.vectors.erase(5);
  const ExternalVectorsUse few = Use(given, *catalog);
  EXPECT_FALSE(few.vectors);
  EXPECT_EQ(few.why_not, "89 of 100 visible products have a fetched vector");
  EXPECT_FALSE(Use({}, *CatalogOfProducts({})).vectors);
}

TEST(ExternalVectorsTest, AProductWithoutAVectorAndOneThatIsNewerAreLeftOut) {
  const auto catalog = CatalogOfProducts(Products(100));
  Given given = Cone(105, 16);
  given.vectors.erase(7);
  given.vectors[8].assign(16, 0);
  const ExternalVectorsUse use = Use(given, *catalog);
  ASSERT_TRUE(use.vectors);
  EXPECT_EQ(use.vectors->product_count(), 100u);
  EXPECT_EQ(use.vectors->Cosine(7, 7), 0);
  EXPECT_EQ(use.vectors->Cosine(8, 8), 0);
}

TEST(ExternalVectorsTest, ACancelledTrainingEnds) {
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  const auto use =
      UseExternalVectors(Cone(10, 16), VectorOrigin::kFetched, *CatalogOfProducts(Products(10)), 8, control);
  EXPECT_EQ(use.status().code(), StatusCode::kUnavailable);
}

// How many of ten similar products are of the kind of product 1.
size_t SameKind(const CandidateSource& content, const catalog::CatalogView& catalog) {
  const std::vector<Seed> seeds = {{ProductIndex(1), 1, 0, 0}};
  SourceQuery query;
  query.seeds = seeds;
  query.catalog = &catalog;
  std::vector<Candidate> out;
  content.Retrieve(query, 10, out);
  size_t same = 0;
  for (const Candidate& candidate : out) same += candidate.product.value() % kKinds == 1 ? 1 : 0;
  return same;
}

TEST(ExternalVectorsTest, ProductsThatShareNoWordAreFoundByScanAndByIndex) {
  const auto catalog = CatalogOfProducts(Products(400));
  const ExternalVectorsUse use = Use(Cone(400, 200), *catalog);
  for (const uint32_t scanned_max : {1000u, 10u}) {
    ContentOptions options;
    options.vector_products_max = scanned_max;
    const auto content =
        ContentModel::Train(*catalog, &*use.vectors, ProductTies::Make(catalog.get()), options, {});
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(SameKind(**content, *catalog), 10u) << scanned_max;
  }
}

TEST(ExternalVectorsTest, ASetSaysWhetherItsContentKnowsThem) {
  const auto catalog = CatalogOfProducts(Products(100));
  const InteractionLog log;
  const ModelFileHeader header{Generation(1), Sequence(1), 1};
  Given given = Cone(100, 24);
  ModelSetOptions options;
  options.external_vectors = &given;
  const auto train = [&](TrainingReport& report) {
    const auto set = TrainModelSet(log, catalog.get(), header, options, {}, &report);
    CHECK(set.ok());
    return *set;
  };
  TrainingReport report;
  const auto set = train(report);
  EXPECT_TRUE(report.Find("content")->uses_external_vectors);
  EXPECT_FALSE(report.Find("content")->uses_supplied_vectors);
  EXPECT_EQ(report.Find("content")->reason, "");
  EXPECT_EQ(SameKind(*set->Source(ContentModel::kName), *catalog), 10u);
  EXPECT_FALSE(report.Find("als")->uses_external_vectors);

  given.failure = Unavailable("the disk could not be read");
  TrainingReport failed;
  EXPECT_NE(train(failed), nullptr);
  EXPECT_FALSE(failed.Find("content")->uses_external_vectors);
  EXPECT_EQ(failed.Find("content")->reason,
            "the disk could not be read: vectors trained on the catalogue are used");
}

// Products with the vectors of a cone.
std::vector<catalog::Product> Supplied(uint32_t count, size_t length) {
  std::vector<catalog::Product> products = Products(count);
  for (const auto& [product, vector] : Cone(count, length).vectors) products[product].text_vector = vector;
  return products;
}

ExternalVectorsUse Choose(const ExternalVectors* fetched, const std::vector<catalog::Product>& products) {
  auto use = ChooseExternalVectors(fetched, *CatalogOfProducts(products), kExternalDimensions, {});
  CHECK(use.ok());
  return std::move(use).value();
}

TEST(SuppliedVectorsTest, ComeBeforeFetchedOnesAndAreNeverMixedWithThem) {
  const Given fetched = Cone(100, 24);
  std::vector<catalog::Product> products = Supplied(100, 24);
  for (uint32_t i = 0; i < 10; ++i) products[i].text_vector.clear();
  EXPECT_TRUE(UsesSuppliedVectors(*CatalogOfProducts(products)));
  const ExternalVectorsUse supplied = Choose(&fetched, products);
  ASSERT_TRUE(supplied.vectors);
  EXPECT_EQ(supplied.origin, VectorOrigin::kSupplied);
  EXPECT_EQ(supplied.why_not, "");
  EXPECT_EQ(supplied.vectors->Cosine(3, 3), 0) << "a fetched one of the same length takes no gap";

  products[10].text_vector.clear();
  EXPECT_FALSE(UsesSuppliedVectors(*CatalogOfProducts(products)));
  const ExternalVectorsUse others = Choose(&fetched, products);
  ASSERT_TRUE(others.vectors);
  EXPECT_EQ(others.origin, VectorOrigin::kFetched);
  EXPECT_EQ(others.why_not, "89 of 100 visible products have a supplied vector");
  const ExternalVectorsUse none = Choose(nullptr, products);
  EXPECT_FALSE(none.vectors);
  EXPECT_EQ(none.origin, VectorOrigin::kTrained);
  EXPECT_EQ(Choose(nullptr, Products(100)).why_not, "") << "who supplies nothing has nothing to be told";
}

TEST(SuppliedVectorsTest, OfTwoLengthsTheUsualOneCounts) {
  std::vector<catalog::Product> products = Supplied(100, 24);
  for (uint32_t i = 0; i < 5; ++i) products[i].text_vector.resize(12);
  const auto catalog = CatalogOfProducts(products);
  EXPECT_EQ(SuppliedVectors(*catalog).dimensions(), 24u);
  EXPECT_TRUE(UsesSuppliedVectors(*catalog));
  const ExternalVectorsUse use = Choose(nullptr, products);
  ASSERT_TRUE(use.vectors);
  EXPECT_EQ(use.vectors->Cosine(2, 2), 0);
  EXPECT_GT(use.vectors->Cosine(8, 12), 0.6);
  EXPECT_FALSE(UsesSuppliedVectors(*CatalogOfProducts({})));
  EXPECT_EQ(SuppliedVectors(*CatalogOfProducts({})).dimensions(), 0u);
}

TEST(SuppliedVectorsTest, ASetIsTrainedWithThemAndSaysSo) {
  const auto catalog = CatalogOfProducts(Supplied(100, 24));
  TrainingReport report;
  const auto set =
      TrainModelSet(InteractionLog(), catalog.get(), {Generation(1), Sequence(1), 1}, {}, {}, &report);
  ASSERT_TRUE(set.ok());
  EXPECT_TRUE(report.Find("content")->uses_external_vectors);
  EXPECT_TRUE(report.Find("content")->uses_supplied_vectors);
  EXPECT_FALSE(report.Find("als")->uses_supplied_vectors);
  EXPECT_EQ(SameKind(*(*set)->Source(ContentModel::kName), *catalog), 10u);
}

}  // namespace
}  // namespace attune::models
