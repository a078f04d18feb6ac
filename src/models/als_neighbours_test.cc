// Products and shoppers of one taste find each other, and nobody finds themselves.

#include "models/als_neighbours.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace attune::models {
namespace {

// Shoppers of even handle buy even products, the others odd ones.
InteractionLog TwoTastes() {
  InteractionLog log;
  Random random(3);
  for (uint64_t shopper = 1; shopper <= 300; ++shopper) {
    for (int i = 0; i < 6; ++i) {
      const auto product = static_cast<uint32_t>(random.NextBelow(20) * 2 + shopper % 2);
      log.Add({ShopperHandle(shopper), ProductIndex(product), InteractionKind::kPurchase, 1, i,
               shopper * 10 + static_cast<uint64_t>(i)});
    }
  }
  return log;
}

AlsOptions SmallOptions() {
  AlsOptions options;
  options.dimensions = 16;
  return options;
}

std::shared_ptr<const AlsModel> TrainOrDie(const InteractionLog& log) {
  auto model = AlsModel::Train(log, ProductTies::Make(nullptr), SmallOptions(), {});
  CHECK(model.ok());
  return *model;
}

TEST(AlsNeighboursTest, NearProductsAreOfTheSameTasteAndNeverTheProductItself) {
  const NearestProducts products(TrainOrDie(TwoTastes()));
  std::vector<AlikeProduct> out;
  for (const uint32_t product : {4u, 7u}) {
    products.Find(ProductIndex(product), 10, out);
    ASSERT_EQ(out.size(), 10u);
    for (size_t i = 0; i < out.size(); ++i) {
      EXPECT_NE(out[i].product, ProductIndex(product));
      EXPECT_EQ(out[i].product.value() % 2, product % 2);
      EXPECT_LE(out[i].similarity, 1.0001f);
      if (i > 0) {
        EXPECT_LE(out[i].similarity, out[i - 1].similarity);
      }
    }
  }
  products.Find(ProductIndex(999), 10, out);
  EXPECT_TRUE(out.empty()) << "no vector";
}

TEST(AlsNeighboursTest, LookAlikesShareTheTasteOfTheGroupAndAreNotOfIt) {
  const InteractionLog log = TwoTastes();
  const auto shoppers = LookAlikeShoppers::Make(*TrainOrDie(log), log, SmallOptions(), {});
  ASSERT_TRUE(shoppers.ok());
  EXPECT_EQ(shoppers->shopper_count(), 300u);
  const std::vector<ShopperHandle> group = {ShopperHandle(2), ShopperHandle(4), ShopperHandle(10)};
  std::vector<AlikeShopper> out;
  shoppers->Find(group, 50, out);
  ASSERT_EQ(out.size(), 50u);
  for (const AlikeShopper& alike : out) {
    EXPECT_EQ(alike.shopper.value() % 2, 0u);
    EXPECT_EQ(std::count(group.begin(), group.end(), alike.shopper), 0);
  }
  shoppers->Find(std::vector<ShopperHandle>{ShopperHandle(9'999)}, 50, out);
  EXPECT_TRUE(out.empty());
  shoppers->Find({}, 50, out);
  EXPECT_TRUE(out.empty());
}

TEST(AlsNeighboursTest, AnEmptyStoreHasNobodyAndCancellingSaysSo) {
  const InteractionLog none;
  const auto model = TrainOrDie(none);
  const auto shoppers = LookAlikeShoppers::Make(*model, none, SmallOptions(), {});
  ASSERT_TRUE(shoppers.ok());
  std::vector<AlikeShopper> out;
  shoppers->Find(std::vector<ShopperHandle>{ShopperHandle(1)}, 5, out);
  EXPECT_TRUE(out.empty());
  std::atomic<bool> is_cancelled{true};
  TrainingControl control;
  control.is_cancelled = &is_cancelled;
  EXPECT_EQ(LookAlikeShoppers::Make(*model, none, SmallOptions(), control).status().code(),
            StatusCode::kUnavailable);
}

}  // namespace
}  // namespace attune::models
