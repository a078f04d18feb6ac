// Audiences and prospects: who is in, who is out, who comes first, and the bytes of a generation file.

#include "models/prospects.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/catalog_of_products.h"
#include "models/model_file.h"
#include "models/product_audience.h"

namespace attune::models {
namespace {

constexpr int64_t kNowMs = 1'767'225'600'000;

void Did(InteractionLog& log, uint64_t shopper, uint32_t product, InteractionKind kind, int64_t ago_days = 1,
         uint64_t order = 0) {
  log.Add({ShopperHandle(shopper), ProductIndex(product), kind, 1, kNowMs - ago_days * kDayMs, order});
}

TEST(ProductAudience, HoldsEachPersonOnceWithTheStrongestThingDone) {
  InteractionLog log;
  Did(log, 1, 0, InteractionKind::kView, 5);
  Did(log, 1, 0, InteractionKind::kCart, 9);
  Did(log, 2, 0, InteractionKind::kPurchase, 3, 7);
  Did(log, 0, 0, InteractionKind::kView, 1);  // Nobody.
  Did(log, 1, 2, InteractionKind::kView, 2);
  const auto audience = ProductAudience::Train(log);
  const auto of = audience->Of(ProductIndex(0));
  ASSERT_EQ(of.size(), 2u);
  EXPECT_EQ(of[0], (AudienceMember{ShopperHandle(2), InteractionKind::kPurchase, kNowMs - 3 * kDayMs}));
  EXPECT_EQ(of[1], (AudienceMember{ShopperHandle(1), InteractionKind::kCart, kNowMs - 5 * kDayMs}));
  EXPECT_TRUE(audience->Of(ProductIndex(1)).empty());
  EXPECT_EQ(audience->Of(ProductIndex(2)).size(), 1u);
  EXPECT_TRUE(audience->Of(ProductIndex(3)).empty());
  SectionWriter out;
  audience->Save(out);
  SectionReader in("audience", out.bytes());
  const auto loaded = ProductAudience::Load(in);
  ASSERT_TRUE(loaded.ok());
  SectionWriter again;
  (*loaded)->Save(again);
  EXPECT_EQ(again.bytes(), out.bytes());
  SectionReader cut("audience", std::string_view(out.bytes()).substr(0, out.bytes().size() - 1));
  EXPECT_FALSE(ProductAudience::Load(cut).ok());
}

TEST(ProductAudience, TheLatestStay) {
  InteractionLog log;
  for (uint64_t shopper = 1; shopper <= kAudienceMax + 50; ++shopper) {
    Did(log, shopper, 0, InteractionKind::kView, static_cast<int64_t>(shopper));
  }
  const auto audience = ProductAudience::Train(log);
  ASSERT_EQ(audience->Of(ProductIndex(0)).size(), kAudienceMax);
  EXPECT_EQ(audience->Of(ProductIndex(0)).back().shopper, ShopperHandle(kAudienceMax));
}

TEST(Prospects, AreThoseWhoTurnedToWhatGoesWithTheProductAndHaveNotBoughtIt) {
  std::vector<catalog::Product> products(4);
  const char* const ids[] = {"lamp", "bulb", "chair", "rug"};
  for (size_t i = 0; i < 4; ++i) products[i].product_id = ids[i];
  const auto catalog = CatalogOfProducts(std::move(products));
  InteractionLog log;
  // Lamp and bulb are bought by the same people; the chair by others.
  for (uint64_t shopper = 1; shopper <= 6; ++shopper) {
    Did(log, shopper, 0, InteractionKind::kPurchase, 20, shopper);
    Did(log, shopper, 1, InteractionKind::kPurchase, 20, shopper);
    Did(log, shopper + 20, 2, InteractionKind::kPurchase, 20, shopper + 20);
  }
  Did(log, 50, 0, InteractionKind::kPurchase, 2, 50);  // Has the lamp, not the bulb.
  Did(log, 51, 1, InteractionKind::kView, 2);          // Looked at the bulb.
  const auto models = TrainModelSet(log, catalog.get(), {Generation(1), Sequence(1), kNowMs}, {}, {});
  ASSERT_TRUE(models.ok()) << models.status().message();
  const auto prospects = FindProspects(**models, *catalog, ProductIndex(1), kNowMs, 10);
  ASSERT_EQ(prospects.size(), 2u);
  std::vector<uint64_t> handles;
  for (const Prospect& prospect : prospects) handles.push_back(prospect.shopper.value());
  std::sort(handles.begin(), handles.end());
  EXPECT_EQ(handles, (std::vector<uint64_t>{50, 51}));
  for (const Prospect& prospect : prospects) {
    EXPECT_EQ(prospect.because, ProductIndex(prospect.shopper == ShopperHandle(50) ? 0 : 1));
  }
  EXPECT_EQ(FindProspects(**models, *catalog, ProductIndex(1), kNowMs, 1).size(), 1u);
  EXPECT_TRUE(FindProspects(**models, *catalog, ProductIndex(3), kNowMs, 10).empty())
      << "nothing leads to it";
}

}  // namespace
}  // namespace attune::models
