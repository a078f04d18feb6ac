// That the table of trainers and sources tells the truth about the model set.

#include "models/source_trainers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "models/catalog_of_products.h"
#include "models/model_set.h"

namespace attune::models {
namespace {

using testing::ElementsAre;

constexpr int64_t kNowMs = 500 * kDayMs;

std::vector<RankerSurface> AskedFor(const std::vector<std::string_view>& sources) {
  RankerSurface surface;
  surface.recipe.parts.clear();
  for (const std::string_view source : sources) surface.recipe.parts.push_back({std::string(source), 1, 10});
  return {surface};
}

TEST(SourceTrainersTest, NamesEachTrainerOnceInTheOrderOfTraining) {
  const auto surfaces =
      AskedFor({"next_order", "trending", "newest", "new_for_you", "own_frequency", "on_sale"});
  EXPECT_THAT(TrainersFor(surfaces), ElementsAre("popularity", "content", "new_for_you", "next_order"));
}

// Whatever source a full training makes, the trainers named for it alone make it, too.
TEST(SourceTrainersTest, TheNamedTrainersMakeTheSource) {
  std::vector<catalog::Product> products(12);
  InteractionLog log;
  for (uint32_t i = 0; i < products.size(); ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].title = "thing " + std::to_string(i % 3);
    products[i].price.price_minor = 500;
    products[i].image_vector = {1.0F, static_cast<float>(i)};
    for (uint32_t shopper = 1; shopper <= 6; ++shopper) {
      const int64_t at = kNowMs - (20 - i) * kDayMs + shopper;
      log.Add({ShopperHandle(shopper), ProductIndex(i), InteractionKind::kView, 1, at, 0});
      log.Add({ShopperHandle(shopper), ProductIndex(i), InteractionKind::kPurchase, 1, at, i * 10 + shopper});
    }
  }
  const auto catalog = CatalogOfProducts(std::move(products));
  const ModelFileHeader header{Generation(1), Sequence(1), kNowMs};
  const auto all = TrainModelSet(log, catalog.get(), header, {}, {});
  ASSERT_TRUE(all.ok()) << all.status().message();
  for (const std::string_view source : (*all)->source_names()) {
    ModelSetOptions options;
    options.trainers = TrainersFor(AskedFor({source}));
    const auto few = TrainModelSet(log, catalog.get(), header, options, {});
    ASSERT_TRUE(few.ok()) << few.status().message();
    EXPECT_NE((*few)->Source(source), nullptr) << source;
    EXPECT_LE((*few)->source_names().size(), 4U) << source;
  }
}

}  // namespace
}  // namespace attune::models
