// A product is offered again when its shopper is about to need it: not at once, sooner the more often it was
// bought, and less and less once the shopper stays away.

#include "models/buy_again.h"

#include <gtest/gtest.h>

#include "models/catalog_of_products.h"
#include "models/model_file.h"

namespace attune::models {
namespace {

constexpr int64_t kNow = 1'000 * kDayMs;

// Products 0 (coffee) bought every 20 days, 1 (sofa) bought once, each by 20 shoppers.
InteractionLog CoffeeAndSofas() {
  InteractionLog log;
  uint64_t order = 1;
  for (uint64_t shopper = 1; shopper <= 20; ++shopper) {
    for (int days = 200; days >= 0; days -= 20) {
      log.Add({ShopperHandle(shopper), ProductIndex(0), InteractionKind::kPurchase, 1, kNow - days * kDayMs,
               order++});
    }
    log.Add({ShopperHandle(shopper), ProductIndex(1), InteractionKind::kPurchase, 1, kNow - 200 * kDayMs,
             order++});
  }
  return log;
}

std::shared_ptr<const BuyAgainModel> TrainOrDie(const InteractionLog& log,
                                                const catalog::CatalogView* catalog = nullptr) {
  auto model = BuyAgainModel::Train(log, catalog, ProductTies::Make(nullptr), {}, {});
  CHECK(model.ok());
  return *model;
}

Seed Purchase(uint32_t product, float count, int first_days_ago, int last_days_ago) {
  return {ProductIndex(product), count, kNow - last_days_ago * kDayMs, kNow - first_days_ago * kDayMs};
}

TEST(BuyAgainTest, CoffeeIsBoughtAgainAndSofasAreNot) {
  const auto model = TrainOrDie(CoffeeAndSofas());
  EXPECT_NEAR(model->IntervalDays(ProductIndex(0)), 20, 2);
  EXPECT_GT(model->RatePerDay(ProductIndex(0)), 5 * model->RatePerDay(ProductIndex(1)));
  const std::vector<Seed> purchases = {Purchase(1, 1, 40, 40), Purchase(0, 1, 40, 40)};
  SourceQuery query;
  query.purchases = purchases;
  query.now_ms = kNow;
  std::vector<Candidate> out;
  model->Retrieve(query, 10, out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].product, ProductIndex(0));
  EXPECT_TRUE(out[0].has_because);
}

TEST(BuyAgainTest, RightAfterThePurchaseItIsHeldBack) {
  const auto model = TrainOrDie(CoffeeAndSofas());
  EXPECT_EQ(model->RepeatChance(Purchase(0, 5, 100, 0), kNow), 0);
  EXPECT_LT(model->RepeatChance(Purchase(0, 5, 100, 1), kNow),
            model->RepeatChance(Purchase(0, 5, 100, 20), kNow));
}

TEST(BuyAgainTest, OftenIsLikelierThanOnceAndLongGoneIsLessLikely) {
  const auto model = TrainOrDie(CoffeeAndSofas());
  EXPECT_GT(model->RepeatChance(Purchase(0, 6, 120, 20), kNow),
            model->RepeatChance(Purchase(0, 2, 120, 20), kNow));
  EXPECT_GT(model->RepeatChance(Purchase(0, 2, 60, 40), kNow),
            model->RepeatChance(Purchase(0, 2, 960, 940), kNow));
}

TEST(BuyAgainTest, ChancesAreChances) {
  const auto model = TrainOrDie(CoffeeAndSofas());
  for (const float count : {0.0f, 1.0f, 3.0f, 1e9f}) {
    for (const int days : {-5, 0, 1, 100, 100'000}) {
      const double chance = model->RepeatChance(Purchase(0, count, days, days), kNow);
      EXPECT_GE(chance, 0);
      EXPECT_LE(chance, 1);
    }
  }
}

TEST(BuyAgainTest, TwoOrdersOfOneDayAreOneNeed) {
  InteractionLog once;
  InteractionLog twice;
  for (uint64_t shopper = 1; shopper <= 10; ++shopper) {
    for (InteractionLog* log : {&once, &twice}) {
      log->Add({ShopperHandle(shopper), ProductIndex(0), InteractionKind::kPurchase, 1, kNow - 50 * kDayMs,
                shopper});
    }
    twice.Add({ShopperHandle(shopper), ProductIndex(0), InteractionKind::kPurchase, 1,
               kNow - 50 * kDayMs + kHourMs, shopper + 100});
  }
  once.Add({ShopperHandle(99), ProductIndex(1), InteractionKind::kView, 1, kNow, 0});
  twice.Add({ShopperHandle(99), ProductIndex(1), InteractionKind::kView, 1, kNow, 0});
  EXPECT_EQ(TrainOrDie(once)->RatePerDay(ProductIndex(0)), TrainOrDie(twice)->RatePerDay(ProductIndex(0)));
}

TEST(BuyAgainTest, ARareProductTakesAfterItsCategory) {
  std::vector<catalog::Product> products(4);
  for (size_t i = 0; i < products.size(); ++i) {
    products[i].product_id = "p" + std::to_string(i);
    products[i].categories = {{i == 0 || i == 2 ? "Coffee" : "Furniture"}};
  }
  const auto catalog = CatalogOfProducts(std::move(products));
  InteractionLog log = CoffeeAndSofas();
  for (const uint32_t product : {2u, 3u}) {
    log.Add({ShopperHandle(1), ProductIndex(product), InteractionKind::kPurchase, 1, kNow, 9000 + product});
  }
  const auto model = TrainOrDie(log, catalog.get());
  EXPECT_GT(model->RatePerDay(ProductIndex(2)), 2 * model->RatePerDay(ProductIndex(3)));
}

TEST(BuyAgainTest, WithoutAnyRepeatNothingIsLikelyToRepeat) {
  InteractionLog log;
  log.Add({ShopperHandle(1), ProductIndex(0), InteractionKind::kPurchase, 1, kNow, 1});
  EXPECT_EQ(TrainOrDie(log)->RepeatChance(Purchase(0, 1, 30, 30), kNow), 0);
  EXPECT_EQ(TrainOrDie(InteractionLog())->RepeatChance(Purchase(0, 1, 30, 30), kNow), 0);
}

TEST(BuyAgainTest, ALoadedModelAnswersTheSame) {
  const auto model = TrainOrDie(CoffeeAndSofas());
  SectionWriter out;
  model->Save(out);
  SectionReader in("buy_again", out.bytes());
  const auto loaded = BuyAgainModel::Load(in, ProductTies::Make(nullptr));
  ASSERT_TRUE(loaded.ok());
  for (const uint32_t product : {0u, 1u, 77u}) {
    const Seed purchase = Purchase(product, 3, 90, 30);
    EXPECT_EQ((*loaded)->RepeatChance(purchase, kNow), model->RepeatChance(purchase, kNow));
  }
  for (size_t cut = 0; cut < out.bytes().size(); ++cut) {
    SectionReader damaged("buy_again", std::string_view(out.bytes()).substr(0, cut));
    EXPECT_EQ(BuyAgainModel::Load(damaged, ProductTies::Make(nullptr)).status().code(),
              StatusCode::kCorruption);
  }
}

TEST(OwnFrequencyTest, GoesByOrdersAndThenByTheLatest) {
  const OwnFrequencySource source(ProductTies::Make(nullptr));
  const std::vector<Seed> purchases = {Purchase(4, 1, 5, 5), Purchase(7, 3, 90, 40), Purchase(2, 1, 9, 1)};
  SourceQuery query;
  query.purchases = purchases;
  query.seeds = purchases;  // Repeats are what it is about.
  std::vector<Candidate> out;
  source.Retrieve(query, 2, out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].product, ProductIndex(7));
  EXPECT_EQ(out[1].product, ProductIndex(2));
}

}  // namespace
}  // namespace attune::models
