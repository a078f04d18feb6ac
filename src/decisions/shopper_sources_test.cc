// The sources that need no model of their own: what the shopper declared, and what is on sale.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "decisions/declared_source.h"
#include "decisions/on_sale_source.h"
#include "decisions/shop_for_tests.h"
#include "decisions/taste.h"

namespace attune::decisions {
namespace {

using features::Affinity;
using testing::ElementsAre;

// Answers its list cut to the category and brand of the query.
class ShelfSource final : public models::CandidateSource {
 public:
  ShelfSource(std::string name, const ShopForTests* shop, std::vector<ProductIndex> list)
      : name_(std::move(name)), shop_(shop), list_(std::move(list)) {}
  std::string_view name() const override { return name_; }
  void Retrieve(const models::SourceQuery& query, size_t limit,
                std::vector<models::Candidate>& out) const override {
    size_t count = 0;
    for (const ProductIndex index : list_) {
      const catalog::Product& product = shop_->products[index.value()];
      if (!query.brand.empty() && product.brand != query.brand) continue;
      if (!query.category.empty() &&
          (product.categories.empty() || product.categories[0].size() < query.category.size() ||
           !std::equal(query.category.begin(), query.category.end(), product.categories[0].begin()))) {
        continue;
      }
      if (count++ == limit) return;
      out.push_back({index, 1, {}, false});
    }
  }

 private:
  const std::string name_;
  const ShopForTests* const shop_;
  const std::vector<ProductIndex> list_;
};

class ShopperSourcesTest : public testing::Test {
 protected:
  ShopperSourcesTest() {
    mug = shop.Add("mug", {"Kitchen"}, "Potter", 1000);
    pan = shop.Add("pan", {"Kitchen"}, "Ferro", 5000);
    lamp = shop.Add("lamp", {"Home", "Lighting"}, "Lumo", 2000);
    bulb = shop.Add("bulb", {"Home", "Lighting"}, "Zenit", 500);
    rug = shop.Add("rug", {"Home", "Textiles"}, "Lumo", 9000);
    for (const char* name : {"bestsellers", "newest"}) {
      shop.SetSource(name, std::make_shared<const ShelfSource>(
                               name, &shop, std::vector<ProductIndex>{mug, pan, bulb, lamp, rug}));
    }
  }

  void Say(Affinity::Kind kind, std::string value, uint32_t permille = 1000, int64_t ago_ms = 0) {
    shop.profile.preferences.push_back({kind, std::move(value), permille, kTestNowMs - ago_ms});
  }

  std::vector<std::string> Slate(const std::string& placement, uint32_t limit, bool is_personalized = true) {
    ResolvedRequest request;
    request.placement = placement;
    request.limit = limit;
    return IdsOf(shop.Decide(request, is_personalized).decision);
  }

  ShopForTests shop;
  ProductIndex mug, pan, lamp, bulb, rug;
};

TEST_F(ShopperSourcesTest, WhatWasDeclaredComesFirstForYou) {
  EXPECT_THAT(Slate("home_for_you", 2), ElementsAre("mug", "pan"));
  Say(Affinity::Kind::kCategory, "Home > Lighting");
  Say(Affinity::Kind::kBrand, "Lumo");
  EXPECT_THAT(Slate("home_for_you", 3), ElementsAre("lamp", "bulb", "rug")) << "lamp has both";
  ResolvedRequest request;
  request.placement = "home_for_you";
  request.limit = 3;
  const auto made = shop.Decide(request);
  EXPECT_EQ(made.decision.products[0].source, "declared_preferences");
  EXPECT_EQ(made.decision.products[0].reason, "Because you chose Lighting");
  EXPECT_EQ(made.decision.products[2].reason, "Because you chose Lumo");
  EXPECT_THAT(Slate("home_for_you", 2, false), ElementsAre("mug", "pan")) << "no profile, no preferences";
}

TEST_F(ShopperSourcesTest, WhatWasTakenBackIsSilent) {
  Say(Affinity::Kind::kBrand, "Lumo", 0);
  EXPECT_THAT(Slate("home_for_you", 2), ElementsAre("mug", "pan"));
}

TEST_F(ShopperSourcesTest, AttributesAloneChooseFromTheBestsellers) {
  shop.At(rug).attributes.push_back({"colour", catalog::Attribute::Type::kText, "black", 0});
  Say(Affinity::Kind::kAttribute, "colour=black");
  EXPECT_EQ(Slate("home_for_you", 1), std::vector<std::string>{"rug"});
}

TEST_F(ShopperSourcesTest, TheLargestRealDiscountComesFirst) {
  shop.At(mug).price.sale_price_minor = 900;    // 10 %
  shop.At(lamp).price.sale_price_minor = 1000;  // 50 %
  shop.At(rug).price.sale_price_minor = 6300;   // 30 %
  shop.At(pan).price.sale_price_minor = 4999;   // decoration
  shop.At(bulb).price.sale_price_minor = 50;    // 90 %, but over
  shop.At(bulb).price.sale_until_ms = kTestNowMs - 1;
  ResolvedRequest request;
  request.placement = "on_sale_for_you";
  request.limit = 3;
  const auto made = shop.Decide(request, false);
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("lamp", "rug", "mug"));
  EXPECT_EQ(made.decision.products[0].reason, "50 % off");
  EXPECT_EQ(made.trace.answers[0].size(), 3u) << "neither the decoration nor what is over";
}

TEST_F(ShopperSourcesTest, WhatTheShopperLeansToNeedsALesserDiscount) {
  shop.At(mug).price.sale_price_minor = 800;   // 20 %
  shop.At(rug).price.sale_price_minor = 6300;  // 30 %
  EXPECT_THAT(Slate("on_sale_for_you", 2), ElementsAre("rug", "mug"));
  shop.profile.affinities = {{Affinity::Kind::kCategory, "Kitchen", {5, kTestNowMs}}};
  EXPECT_THAT(Slate("on_sale_for_you", 2), ElementsAre("mug", "rug"));
}

TEST_F(ShopperSourcesTest, TasteAddsWordsToDeeds) {
  const Taste nothing(nullptr, kTestNowMs, {});
  EXPECT_EQ(nothing.Of(shop.At(lamp)), 0);
  shop.profile.affinities = {{Affinity::Kind::kCategory, "Home", {4, kTestNowMs}},
                             {Affinity::Kind::kCategory, "Kitchen", {8, kTestNowMs}},
                             {Affinity::Kind::kBrand, "Ferro", {3, kTestNowMs}}};
  const Taste deeds(&shop.profile, kTestNowMs, {});
  EXPECT_NEAR(deeds.Of(shop.At(pan)), 0.6 + 0.25, 1e-9);
  EXPECT_NEAR(deeds.Of(shop.At(lamp)), 0.6 * 0.5, 1e-9) << "of the level of Home";
  Say(Affinity::Kind::kBrand, "Lumo");
  const Taste both(&shop.profile, kTestNowMs, {});
  EXPECT_NEAR(both.Of(shop.At(lamp)), 0.6 * 0.5 + 0.25, 1e-9);
  EXPECT_NEAR(both.Of(shop.At(pan)), 0.6 + 0.25 * 3 / 24, 1e-9);
}

}  // namespace
}  // namespace attune::decisions
