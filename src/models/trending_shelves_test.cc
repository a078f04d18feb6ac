// Rising categories and brands: what counts, what does not, and the bytes of a generation file.

#include "models/trending_shelves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/catalog_of_products.h"
#include "models/model_file.h"
#include "models/popularity.h"

namespace attune::models {
namespace {

std::shared_ptr<const catalog::CatalogView> Shop() {
  std::vector<catalog::Product> products(4);
  const char* const ids[] = {"lamp", "bulb", "mug", "pan"};
  for (size_t i = 0; i < 4; ++i) products[i].product_id = ids[i];
  products[0].categories = {{"Home", "Lighting"}};
  products[1].categories = {{"Home", "Lighting"}, {"Home", "Sale"}};
  products[2].categories = {{"Kitchen"}};
  products[3].categories = {{"Kitchen"}};
  products[0].brand = "Lumo";
  products[2].brand = products[3].brand = "Ferro";
  return CatalogOfProducts(std::move(products));
}

TEST(TrendingShelves, RisingOnesComeFirstAndFallingOnesNot) {
  const auto catalog = Shop();
  const auto shelves = TrendingShelves::Make(catalog.get(), {100, 20, 10, 20}, {50, 20, 60, 20}, {});
  ASSERT_EQ(shelves->categories().size(), 2u) << "Sale is as usual, Kitchen falls";
  EXPECT_THAT(shelves->categories()[0].path, testing::ElementsAre("Home"));
  EXPECT_THAT(shelves->categories()[1].path, testing::ElementsAre("Home", "Lighting"));
  EXPECT_EQ(shelves->categories()[0].score, shelves->categories()[1].score) << "the same products";
  // e = 70 * 150 / 150, (120 - 70) / sqrt(73)
  EXPECT_NEAR(shelves->categories()[0].score, 50 / std::sqrt(73.0), 1e-4);
  ASSERT_EQ(shelves->brands().size(), 1u);
  EXPECT_THAT(shelves->brands()[0].path, testing::ElementsAre("Lumo"));
}

TEST(TrendingShelves, LittleActivityAndNoCatalogueAreNoTrend) {
  const auto catalog = Shop();
  EXPECT_TRUE(TrendingShelves::Make(catalog.get(), {5, 0, 0, 0}, {0.1, 0, 9, 9}, {})->categories().empty());
  EXPECT_TRUE(TrendingShelves::Make(nullptr, {500}, {1}, {})->brands().empty());
  EXPECT_TRUE(TrendingShelves::Make(catalog.get(), {}, {}, {})->brands().empty());
}

TEST(TrendingShelves, ComeBackFromTheirBytes) {
  const auto catalog = Shop();
  const auto shelves = TrendingShelves::Make(catalog.get(), {100, 20, 10, 20}, {50, 20, 60, 20}, {});
  SectionWriter out;
  shelves->Save(out);
  SectionReader in("trending_shelves", out.bytes());
  const auto loaded = TrendingShelves::Load(in);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ((*loaded)->categories(), shelves->categories());
  EXPECT_EQ((*loaded)->brands(), shelves->brands());
  for (size_t size = 0; size < out.bytes().size(); ++size) {
    SectionReader cut("trending_shelves", std::string_view(out.bytes()).substr(0, size));
    EXPECT_FALSE(TrendingShelves::Load(cut).ok()) << size;
  }
}

}  // namespace
}  // namespace attune::models
