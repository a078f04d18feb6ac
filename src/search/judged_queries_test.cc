#include "search/judged_queries.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "models/catalog_of_products.h"

namespace attune::search {
namespace {

std::shared_ptr<const catalog::CatalogView> Shop() {
  std::vector<catalog::Product> products(4);
  for (size_t i = 0; i < products.size(); ++i) products[i].product_id = "p" + std::to_string(i);
  return models::CatalogOfProducts(std::move(products));
}

TEST(JudgedQueries, AreReadByQueryAndMayNameProductsThatAreGone) {
  std::istringstream in("query,product_id,grade\nlamp,p2,3\nlamp,p0,1\nlamp,gone,2\nsofa,p1,0\n");
  const auto queries = ReadJudgements(in, *Shop());
  ASSERT_TRUE(queries.ok());
  ASSERT_EQ(queries->size(), 2u);
  const JudgedQuery& lamp = queries->front();
  EXPECT_EQ(lamp.GradeOf(ProductIndex(2)), 3);
  EXPECT_EQ(lamp.GradeOf(ProductIndex(1)), std::nullopt);
  EXPECT_EQ(lamp.grades_outside, std::vector<int>{2});
  EXPECT_DOUBLE_EQ(IdealGain(lamp), 7 + 3 / std::log2(3.0) + 1 / std::log2(4.0));
  EXPECT_DOUBLE_EQ(IdealGain(queries->back()), 0);
}

TEST(JudgedQueries, RefuseGradesThatAreNone) {
  std::istringstream in("query,product_id,grade\nlamp,p2,4\n");
  EXPECT_FALSE(ReadJudgements(in, *Shop()).ok());
}

TEST(JudgedQueries, UnjudgedProductsGainNothingOrAreTakenOut) {
  JudgedQuery query;
  query.grades = {{ProductIndex(1), 3}, {ProductIndex(2), 1}};
  const ListQuality quality = QualityOf(query, {ProductIndex(0), ProductIndex(1), ProductIndex(2)});
  const double ideal = 7 + 1 / std::log2(3.0);
  EXPECT_DOUBLE_EQ(quality.ndcg, (7 / std::log2(3.0) + 1 / std::log2(4.0)) / ideal);
  EXPECT_DOUBLE_EQ(quality.condensed, 1);
  EXPECT_DOUBLE_EQ(quality.judged, 0.2);
}

TEST(JudgedQueries, OthersMayBeUnwanted) {
  JudgedQuery query;
  query.grades = {{ProductIndex(1), 3}, {ProductIndex(2), JudgedQuery::kUnjudged}};
  query.others_are_unwanted = true;
  EXPECT_EQ(query.GradeOf(ProductIndex(0)), 0);
  EXPECT_EQ(query.GradeOf(ProductIndex(2)), std::nullopt);
  const ListQuality quality = QualityOf(query, {ProductIndex(2), ProductIndex(0), ProductIndex(1)});
  EXPECT_DOUBLE_EQ(quality.condensed, 1 / std::log2(3.0));
}

}  // namespace
}  // namespace attune::search
