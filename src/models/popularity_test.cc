// What sells best, rises and is new: by the formulas, for every level of every category and for brands.

#include "models/popularity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "models/catalog_of_products.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 1'000 * kDayMs;

catalog::Product MakeProduct(std::string id, std::string brand, catalog::CategoryPath path,
                             int64_t created_at_ms = 0) {
  catalog::Product product;
  product.product_id = std::move(id);
  product.brand = std::move(brand);
  if (!path.empty()) product.categories = {std::move(path)};
  product.created_at_ms = created_at_ms;
  return product;
}

void Buy(uint32_t product, int64_t at_ms, int times, InteractionLog& log) {
  static uint64_t order = 0;
  for (int i = 0; i < times; ++i) {
    log.Add({ShopperHandle(1), ProductIndex(product), InteractionKind::kPurchase, 1, at_ms, ++order});
  }
}

PopularityModels TrainModels(const InteractionLog& log, const catalog::CatalogView* catalog,
                             const PopularityOptions& options = {}) {
  return TrainPopularity(log, catalog, *ProductTies::Make(catalog), options, kNow);
}

std::vector<uint32_t> Ask(const CandidateSource& source, std::vector<std::string> category = {},
                          std::string_view brand = {}, std::vector<Seed> seeds = {}, bool may_repeat = false,
                          size_t limit = 100) {
  SourceQuery query;
  query.category = category;
  query.brand = brand;
  query.seeds = seeds;
  query.may_repeat = may_repeat;
  query.now_ms = kNow;
  std::vector<Candidate> out;
  source.Retrieve(query, limit, out);
  std::vector<uint32_t> products;
  for (const Candidate& candidate : out) products.push_back(candidate.product.value());
  return products;
}

using Products = std::vector<uint32_t>;

TEST(PopularityTest, BestsellersAreOrdersHalvedEveryThirtyDays) {
  InteractionLog log;
  Buy(0, kNow - 60 * kDayMs, 7, log);  // 7 / 4
  Buy(1, kNow - 30 * kDayMs, 4, log);  // 4 / 2
  Buy(2, kNow, 1, log);
  std::vector<Candidate> out;
  TrainModels(log, nullptr).bestsellers->Retrieve({}, 10, out);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].product, ProductIndex(1));
  EXPECT_FLOAT_EQ(out[0].score, 2);
  EXPECT_EQ(out[1].product, ProductIndex(0));
  EXPECT_FLOAT_EQ(out[1].score, 1.75);
}

TEST(PopularityTest, AWholesaleOrderIsOneOrder) {
  InteractionLog log;
  log.Add({ShopperHandle(1), ProductIndex(0), InteractionKind::kPurchase, 10'000, kNow, 1});
  Buy(1, kNow, 2, log);
  EXPECT_EQ(Ask(*TrainModels(log, nullptr).bestsellers), (Products{1, 0}));
}

TEST(PopularityTest, ViewsCountOnlyInAStoreWithoutOrders) {
  InteractionLog log;
  log.Add({ShopperHandle(1), ProductIndex(0), InteractionKind::kView, 1, kNow, 0});
  log.Add({ShopperHandle(1), ProductIndex(1), InteractionKind::kCart, 1, kNow, 0});
  EXPECT_EQ(Ask(*TrainModels(log, nullptr).bestsellers), (Products{1, 0}));
  Buy(2, kNow, 1, log);
  EXPECT_EQ(Ask(*TrainModels(log, nullptr).bestsellers), (Products{2}));
}

TEST(PopularityTest, EveryLevelAndBrandHasItsList) {
  const auto catalog = CatalogOfProducts(
      {MakeProduct("a", "Lumo", {"Home", "Lighting"}), MakeProduct("b", "Lumo", {"Home", "Garden"}),
       MakeProduct("c", "Orto", {"Home", "Lighting"}), MakeProduct("d", "Orto", {"Lighting"})});
  InteractionLog log;
  for (uint32_t product = 0; product < 4; ++product) Buy(product, kNow, static_cast<int>(product) + 1, log);
  const auto bestsellers = TrainModels(log, catalog.get()).bestsellers;
  EXPECT_EQ(Ask(*bestsellers), (Products{3, 2, 1, 0}));
  EXPECT_EQ(Ask(*bestsellers, {"Home"}), (Products{2, 1, 0}));
  EXPECT_EQ(Ask(*bestsellers, {"Home", "Lighting"}), (Products{2, 0}));
  EXPECT_EQ(Ask(*bestsellers, {"Lighting"}), (Products{3}));
  EXPECT_EQ(Ask(*bestsellers, {}, "Lumo"), (Products{1, 0}));
  EXPECT_EQ(Ask(*bestsellers, {"Home"}, "Orto"), (Products{2}));
  EXPECT_TRUE(Ask(*bestsellers, {"Nowhere"}).empty());
  EXPECT_TRUE(Ask(*bestsellers, {}, "Nobody").empty());
}

TEST(PopularityTest, HiddenAndUnknownProductsAreNotRanked) {
  std::vector<catalog::Product> products = {MakeProduct("a", "", {}), MakeProduct("b", "", {}), {}};
  products[0].is_hidden = true;
  const auto catalog = CatalogOfProducts(std::move(products));
  InteractionLog log;
  for (uint32_t product = 0; product < 3; ++product) Buy(product, kNow, 3, log);
  const PopularityModels models = TrainModels(log, catalog.get());
  EXPECT_EQ(Ask(*models.bestsellers), (Products{1}));
  EXPECT_EQ(Ask(*models.newest), (Products{1}));
}

TEST(PopularityTest, SeedsAreLeftOutUnlessTheyMayRepeat) {
  InteractionLog log;
  Buy(0, kNow, 3, log);
  Buy(1, kNow, 2, log);
  Buy(2, kNow, 1, log);
  const auto bestsellers = TrainModels(log, nullptr).bestsellers;
  const std::vector<Seed> seeds = {{ProductIndex(0), 1, kNow, 0}};
  EXPECT_EQ(Ask(*bestsellers, {}, {}, seeds, false, 2), (Products{1, 2}));
  EXPECT_EQ(Ask(*bestsellers, {}, {}, seeds, true, 2), (Products{0, 1}));
}

TEST(PopularityTest, TrendingIsWhatIsMoreThanUsualAndHasSupport) {
  InteractionLog log;
  for (int day = 0; day < 60; ++day) Buy(0, kNow - day * kDayMs, 5, log);   // Steady bestseller.
  for (int day = 0; day < 3; ++day) Buy(1, kNow - day * kDayMs, 6, log);    // Rising.
  for (int day = 20; day < 60; ++day) Buy(2, kNow - day * kDayMs, 5, log);  // Gone.
  Buy(3, kNow, 1, log);                                                     // One order: no support.
  EXPECT_EQ(Ask(*TrainModels(log, nullptr).trending), (Products{1}));
}

TEST(PopularityTest, NewestGoesByDateAndThoseWithoutDateComeLast) {
  const auto catalog = CatalogOfProducts({MakeProduct("a", "", {"X"}, 5), MakeProduct("b", "", {}, 0),
                                          MakeProduct("c", "", {"X"}, 9), MakeProduct("d", "", {}, 7)});
  const auto newest = TrainModels(InteractionLog(), catalog.get()).newest;
  EXPECT_EQ(Ask(*newest), (Products{2, 3, 0, 1}));
  EXPECT_EQ(Ask(*newest, {"X"}), (Products{2, 0}));
}

TEST(PopularityTest, ListsAreCutAtTheirLimits) {
  std::vector<catalog::Product> products;
  InteractionLog log;
  for (uint32_t i = 0; i < 20; ++i) {
    products.push_back(MakeProduct("p" + std::to_string(i), "", {"X"}));
    Buy(i, kNow, static_cast<int>(i) + 1, log);
  }
  const auto catalog = CatalogOfProducts(std::move(products));
  PopularityOptions options;
  options.store_list_max = 7;
  options.category_list_max = 3;
  const auto bestsellers = TrainModels(log, catalog.get(), options).bestsellers;
  EXPECT_EQ(Ask(*bestsellers).size(), 7u);
  EXPECT_EQ(Ask(*bestsellers, {"X"}), (Products{19, 18, 17}));
}

TEST(PopularityTest, EqualScoresGoByHashOfTheProductIdAndNotByIndex) {
  InteractionLog log;
  for (uint32_t i = 0; i < 2; ++i) Buy(i, kNow, 1, log);
  const auto one = CatalogOfProducts({MakeProduct("x", "", {}), MakeProduct("y", "", {})});
  const auto swapped = CatalogOfProducts({MakeProduct("y", "", {}), MakeProduct("x", "", {})});
  const uint32_t first = Ask(*TrainModels(log, one.get()).bestsellers)[0];
  const uint32_t first_swapped = Ask(*TrainModels(log, swapped.get()).bestsellers)[0];
  EXPECT_NE(first, first_swapped);  // The same product id is first in both.
}

TEST(PopularityTest, ALoadedModelAnswersAsTheSavedOneAndDamagedBytesAreRefused) {
  const auto catalog =
      CatalogOfProducts({MakeProduct("a", "Lumo", {"Home", "Lighting"}), MakeProduct("b", "Lumo", {"Home"}),
                         MakeProduct("c", "", {"Home"})});
  InteractionLog log;
  for (uint32_t i = 0; i < 3; ++i) Buy(i, kNow, static_cast<int>(i) + 1, log);
  const auto saved = TrainModels(log, catalog.get()).bestsellers;
  SectionWriter out;
  saved->Save(out);
  SectionReader in("bestsellers", out.bytes());
  const auto loaded = PopularityModel::Load("bestsellers", in);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(Ask(**loaded), Ask(*saved));
  EXPECT_EQ(Ask(**loaded, {"Home"}, "Lumo"), Ask(*saved, {"Home"}, "Lumo"));
  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    SectionReader damaged("bestsellers", std::string_view(out.bytes()).substr(0, cut));
    EXPECT_EQ(PopularityModel::Load("bestsellers", damaged).status().code(), StatusCode::kCorruption);
  }
}

TEST(PopularityTest, AnEmptyStoreAnswersNothing) {
  const PopularityModels models = TrainModels(InteractionLog(), nullptr);
  EXPECT_TRUE(Ask(*models.bestsellers).empty());
  EXPECT_TRUE(Ask(*models.trending).empty());
  EXPECT_TRUE(Ask(*models.newest).empty());
}

}  // namespace
}  // namespace attune::models
