// The pipeline on a small shop: what each stage promises, one scenario at a time.

#include "decisions/decide.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "catalog/product_fields.h"
#include "decisions/explain.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ResolvedRequest For(std::string_view placement, uint32_t limit = 0) {
  ResolvedRequest request;
  request.placement = placement;
  request.limit = limit;
  return request;
}

class DecideTest : public testing::Test {
 protected:
  DecideTest() {
    lamp = shop.Add("lamp", {"Home", "Lighting"}, "Lumo", 2490);
    shelf = shop.Add("shelf", {"Home", "Furniture"}, "Oakly", 8900);
    bulb = shop.Add("bulb", {"Home", "Lighting"}, "Lumo", 490);
    desk = shop.Add("desk", {"Home", "Furniture"}, "Oakly", 19900);
    mug = shop.Add("mug", {"Kitchen"}, "Potter", 1250);
  }

  ShopForTests shop;
  ProductIndex lamp, shelf, bulb, desk, mug;
};

TEST_F(DecideTest, FusesSourcesByWeightedRank) {
  Placement placement = shop.Get("product_similar");
  placement.recipe = {60, {{"a", 1, 100}, {"b", 0.5, 100}}, false};
  shop.Put(placement);
  shop.Source("a", {lamp, shelf});
  shop.Source("b", {shelf, mug});
  const auto made = shop.Decide(For("product_similar", 3));
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("shelf", "lamp", "mug"));
  const double unit = 1.5 / 61;
  EXPECT_NEAR(made.decision.products[0].score, (1.0 / 62 + 0.5 / 61) / unit, 1e-6);
  EXPECT_NEAR(made.decision.products[1].score, (1.0 / 61) / unit, 1e-6);
  EXPECT_EQ(made.decision.products[0].source, "a") << "1/62 is more than .5/61";
  EXPECT_EQ(made.decision.products[2].source, "b");
  EXPECT_EQ(made.decision.fallback, "");
}

TEST_F(DecideTest, NeverShowsWhatIsHiddenSoldOutExcludedOnThePageOrInTheCart) {
  const ProductIndex extra = shop.Add("extra");
  shop.Source("also_viewed", {lamp, shelf, bulb, desk, mug, extra});
  shop.At(lamp).is_hidden = true;
  shop.At(shelf).stock = 0;
  ResolvedRequest request = For("product_similar", 5);
  request.excluded = {bulb};
  request.page_products = {desk};
  shop.profile.cart.push_back({mug, "", 1, kTestNowMs - 1});
  const auto made = shop.Decide(request);
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("extra"));
  EXPECT_EQ(shop.Why(request, lamp).verdict, FilterVerdict::kHidden);
  EXPECT_EQ(shop.Why(request, shelf).verdict, FilterVerdict::kOutOfStock);
  EXPECT_EQ(shop.Why(request, bulb).verdict, FilterVerdict::kExcluded);
  EXPECT_EQ(shop.Why(request, desk).verdict, FilterVerdict::kOnPage);
  EXPECT_EQ(shop.Why(request, mug).verdict, FilterVerdict::kInCart);
  EXPECT_EQ(shop.Why(request, ProductIndex(99)).verdict, FilterVerdict::kUnknown);
}

TEST_F(DecideTest, MarketAndLocationAreInEveryFilter) {
  shop.Source("also_viewed", {lamp, shelf, bulb});
  shop.At(lamp).markets["DE"].is_available = false;
  shop.At(shelf).stock_at["berlin"] = 0;
  ResolvedRequest request = For("product_similar", 1);
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("lamp"));
  request.market = "DE";
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("shelf"));
  EXPECT_EQ(shop.Why(request, lamp).verdict, FilterVerdict::kNotInMarket);
  request.location = "berlin";
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("bulb"));
  EXPECT_EQ(shop.Why(request, shelf).verdict, FilterVerdict::kOutOfStock);
}

TEST_F(DecideTest, FiltersUseThePriceOfTheRequestsMarketAndList) {
  shop.Source("also_viewed", {lamp, shelf});
  shop.At(lamp).markets["CH"].price.price_minor = 9900;
  shop.At(shelf).price_lists["b2b"].price_minor = 1000;
  ResolvedRequest request = For("product_similar", 1);
  request.filter = "price < 50";
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("lamp"));
  request.price_list = "b2b";
  request.market = "CH";
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("shelf"));
  const WhyNot why = shop.Why(request, lamp);
  EXPECT_EQ(why.verdict, FilterVerdict::kRequestFilter);
  EXPECT_EQ(why.detail, "price < 50");
}

TEST_F(DecideTest, RequestFiltersMayNotNameCostMarginOrStock) {
  for (const char* filter : {"cost < 5", "margin_percent > 10", "stock > 3"}) {
    ResolvedRequest request = For("home_trending");
    request.filter = filter;
    const Status status = shop.TryDecide(request).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
    EXPECT_EQ(status.field(), "filter");
    EXPECT_THAT(status.message(), HasSubstr("unknown field"));
  }
  const auto expression = expressions::Expression::Parse(
      "margin_percent >= 50", catalog::ProductFilterSchema(catalog::FieldScope::kShop), "filter");
  Placement placement = shop.Get("home_trending");
  placement.parsed_filter = std::make_shared<const expressions::Expression>(expression.value());
  shop.Put(placement);
  shop.At(lamp).cost_minor = 1000;
  shop.At(shelf).cost_minor = 8000;
  EXPECT_THAT(IdsOf(shop.Decide("home_trending").decision), ElementsAre("lamp"));
}

// The filter language is that of catalog/product_fields.h: the same fields, and the same secrets.
TEST_F(DecideTest, FiltersNameEveryFieldOfProductsAndNoSecretOfVariants) {
  catalog::Variant variant;
  variant.variant_id = "lamp-m";
  variant.stock = 2;
  variant.attributes = {{"size", catalog::Attribute::Type::kText, "M", 0}};
  shop.At(lamp).variants = {variant};
  shop.At(lamp).description = "Bends at two joints";
  ResolvedRequest request = For("home_trending");
  for (const char* filter :
       {"description CONTAINS \"joints\"", "attributes.size = \"M\"", "variant_id = \"lamp-m\""}) {
    request.filter = filter;
    EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("lamp")) << filter;
  }
  request.filter = "variants.stock > 0";
  EXPECT_EQ(shop.Why(request, lamp).verdict, FilterVerdict::kRequestFilter);
  const auto expression = expressions::Expression::Parse(
      "variants.stock > 0", catalog::ProductFilterSchema(catalog::FieldScope::kShop), "filter");
  Placement placement = shop.Get("home_trending");
  placement.parsed_filter = std::make_shared<const expressions::Expression>(expression.value());
  shop.Put(placement);
  EXPECT_THAT(IdsOf(shop.Decide("home_trending").decision), ElementsAre("lamp"));
}

TEST_F(DecideTest, BoughtProductsLeaveForTheDaysOfTheirCategory) {
  Placement placement = shop.Get("home_trending");
  placement.exclude.bought_within_days = 10;
  placement.exclude.bought_within_days_by_category = {{{"Home"}, 0}, {{"Home", "Lighting"}, 365}};
  shop.Put(placement);
  shop.Source("trending", {lamp, shelf, mug, bulb, desk});
  const auto bought = [&](ProductIndex product, int days_ago) {
    features::Purchase purchase;
    purchase.product = product;
    purchase.order_count = 1;
    purchase.last_at_ms = kTestNowMs - days_ago * kDayMs;
    shop.profile.purchases.push_back(purchase);
  };
  bought(lamp, 300);  // Lighting: a year.
  bought(shelf, 1);   // Home: never excluded.
  bought(mug, 9);     // Elsewhere: ten days.
  bought(bulb, 365);  // A year ago to the millisecond: may come back.
  EXPECT_THAT(IdsOf(shop.Decide("home_trending").decision), ElementsAre("shelf", "bulb", "desk"));
  EXPECT_EQ(shop.Why(For("home_trending"), mug).verdict, FilterVerdict::kBoughtRecently);
  EXPECT_THAT(shop.Why(For("home_trending"), mug).sentence, HasSubstr("bought at 2026-"));
}

TEST_F(DecideTest, AFilterLeavesTheSlateAsIfTheOthersDidNotExist) {
  std::vector<ProductIndex> all;
  std::vector<ProductIndex> cheap;
  for (int i = 0; i < 3000; ++i) {
    const bool is_cheap = i % 100 == 99;
    all.push_back(shop.Add("p" + std::to_string(i), {"Toys"}, "", is_cheap ? 100 : 10'000));
    if (is_cheap) cheap.push_back(all.back());
  }
  shop.Source("trending", all);
  ResolvedRequest request = For("home_trending", 20);
  request.filter = "price < 5 AND category: \"toys\"";
  Placement placement = shop.Get("home_trending");
  placement.diversity = {};
  shop.Put(placement);
  const auto filtered = shop.Decide(request);
  shop.Source("trending", cheap);
  const auto direct = shop.Decide(request);
  EXPECT_EQ(IdsOf(filtered.decision), IdsOf(direct.decision));
  EXPECT_EQ(filtered.decision.products.size(), 20u);
  EXPECT_EQ(filtered.decision.fallback, "");
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(filtered.decision.products[i].score, direct.decision.products[i].score);
  }
}

TEST_F(DecideTest, DiversityCapsHoldAndGiveWayOnlyWhenTheSlateWouldStayShort) {
  Placement placement = shop.Get("home_trending");
  placement.diversity = {.brand_max = 1, .category_max = 0};
  shop.Put(placement);
  shop.Source("trending", {lamp, bulb, shelf, desk, mug});
  const auto capped = shop.Decide(For("home_trending", 3));
  EXPECT_THAT(IdsOf(capped.decision), ElementsAre("lamp", "shelf", "mug"));
  EXPECT_FALSE(capped.record.are_caps_relaxed);
  const WhyNot why = shop.Why(For("home_trending", 3), bulb);
  EXPECT_EQ(why.outcome, WhyNot::Outcome::kCapped);
  const auto relaxed = shop.Decide(For("home_trending", 5));
  EXPECT_THAT(IdsOf(relaxed.decision), ElementsAre("lamp", "shelf", "mug", "bulb", "desk"));
  EXPECT_TRUE(relaxed.record.are_caps_relaxed);
}

TEST_F(DecideTest, TheLadderIsTriedRungByRungAndNamed) {
  Placement placement = shop.Get("product_similar");
  placement.editorial = {"mug"};
  shop.Put(placement);
  shop.Source("also_viewed", {shelf});
  shop.Source("bestsellers", {bulb});
  ResolvedRequest request = For("product_similar", 2);
  request.page_products = {lamp};
  auto made = shop.Decide(request);
  EXPECT_THAT(SourcesOf(made.decision), ElementsAre("also_viewed", "fallback/category"));
  EXPECT_EQ(made.decision.fallback, "category");
  request.limit = 3;
  made = shop.Decide(request);
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("shelf", "bulb", "mug"));
  EXPECT_EQ(made.decision.fallback, "editorial");
  request.limit = 4;
  made = shop.Decide(request);
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("shelf", "bulb", "mug", "desk"));
  EXPECT_EQ(made.decision.fallback, "newest");
  EXPECT_GT(made.decision.products[0].score, 0);
  EXPECT_EQ(made.decision.products[3].score, 0);
}

TEST_F(DecideTest, AStoreWithoutAnyModelStillAnswersEveryEligibleProduct) {
  const auto made = shop.Decide(For("home_for_you", 50));
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("mug", "desk", "bulb", "shelf", "lamp"));
  EXPECT_EQ(made.decision.fallback, "newest");
  EXPECT_THAT(made.decision.notice, HasSubstr("not trained yet"));
}

TEST_F(DecideTest, AForYouSlateOfBestsellersAloneStandsOnThatRung) {
  shop.Source("bestsellers", {lamp, shelf});
  EXPECT_EQ(shop.Decide(For("home_for_you", 2)).decision.fallback, "bestsellers");
  shop.Source("bought_after", {mug});
  EXPECT_EQ(shop.Decide(For("home_for_you", 2)).decision.fallback, "");
}

TEST_F(DecideTest, AViewPlacementOfAStoreWithoutViewsSaysSo) {
  shop.view.has_view_events = false;
  shop.Source("bestsellers", {lamp});
  EXPECT_THAT(shop.Decide("recently_viewed").decision.notice, HasSubstr("no product_viewed events yet"));
  EXPECT_THAT(shop.Decide("product_similar").decision.notice, HasSubstr("no product_viewed events yet"));
  EXPECT_THAT(shop.Decide("home_trending").decision.notice, Not(HasSubstr("product_viewed")));
}

TEST_F(DecideTest, ACategoryPageStaysWithinItsCategory) {
  shop.Source("bestsellers", {mug, lamp, shelf, bulb});
  ResolvedRequest request = For("category_top", 10);
  request.category = {"Home", "Lighting"};
  const auto made = shop.Decide(request);
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("lamp", "bulb"));
  EXPECT_EQ(made.decision.products[0].reason, "Bestseller in Lighting");
  EXPECT_EQ(shop.Why(request, mug).verdict, FilterVerdict::kOtherCategory);
}

TEST_F(DecideTest, WithoutAProfileASlateIsContextualOnly) {
  shop.profile.recent.push_back({mug, events::EventType::kProductViewed, kTestNowMs - 1000, 1});
  shop.profile.cart.push_back({shelf, "", 1, kTestNowMs - 1000});
  shop.Source("trending", {shelf, lamp});
  const auto personal = shop.Decide(For("recently_viewed", 1));
  EXPECT_THAT(IdsOf(personal.decision), ElementsAre("mug"));
  EXPECT_TRUE(personal.decision.is_personalized);
  EXPECT_THAT(personal.record.handles, ElementsAre(ShopperHandle(77)));
  const auto contextual = shop.Decide(For("recently_viewed", 1), false);
  EXPECT_FALSE(contextual.decision.is_personalized);
  EXPECT_EQ(contextual.decision.fallback, "newest");
  EXPECT_THAT(contextual.record.handles, IsEmpty());
  EXPECT_EQ(contextual.record.profile_sequence, Sequence(0));
  EXPECT_THAT(IdsOf(shop.Decide(For("home_trending", 1), false).decision), ElementsAre("shelf"));
  EXPECT_THAT(IdsOf(shop.Decide(For("home_trending", 1), true).decision), ElementsAre("lamp"));
}

TEST_F(DecideTest, ConsentOfTheRequestWinsOverTheRecordAndTheRecordOverTheDefault) {
  StoreSettings settings;
  settings.personalizes_by_default = true;
  settings.personalizes_by_market = {{"DE", false}};
  EXPECT_TRUE(MayPersonalize(settings, std::nullopt, std::nullopt, "FR"));
  EXPECT_FALSE(MayPersonalize(settings, std::nullopt, std::nullopt, "DE"));
  EXPECT_TRUE(MayPersonalize(settings, std::nullopt, true, "DE"));
  EXPECT_FALSE(MayPersonalize(settings, false, true, "FR"));
  EXPECT_TRUE(MayPersonalize(settings, true, false, "DE"));
}

TEST_F(DecideTest, ReasonsAreInWordsWithTitlesOfTheLocale) {
  shop.At(lamp).translations["de"].title = "Lampe";
  const auto reason = [&](const char* source, std::string_view placement_id, const ResolvedRequest& base) {
    Placement placement = shop.Get(placement_id);
    placement.recipe = {60, {{source, 1, 10}}, false};
    shop.Put(placement);
    shop.SourceBecause(source, {{shelf, lamp}});
    ResolvedRequest request = base;
    request.placement = placement_id;
    request.limit = 1;
    const auto made = shop.Decide(request);
    return made.decision.products.at(0).reason;
  };
  ResolvedRequest page;
  page.page_products = {lamp};
  EXPECT_EQ(reason("bought_together", "product_bought_together", page),
            "Often bought together with Title of lamp");
  EXPECT_EQ(reason("also_viewed", "product_similar", page), "Often viewed together with Title of lamp");
  EXPECT_EQ(reason("content_similar", "product_similar", page), "Similar to Title of lamp");
  page.locale = "de-AT";
  EXPECT_EQ(reason("viewed_next", "product_similar", page), "Often viewed after Lampe");
  shop.profile.recent.push_back({lamp, events::EventType::kProductViewed, kTestNowMs - 1000, 1});
  EXPECT_EQ(reason("also_viewed", "home_for_you", {}), "Because you viewed Title of lamp");
  shop.profile.purchases.push_back({});
  shop.profile.purchases.back().product = lamp;
  EXPECT_EQ(reason("also_viewed", "home_for_you", {}), "Because you bought Title of lamp");
}

TEST_F(DecideTest, BuyAgainCountsTheOrders) {
  features::Purchase purchase;
  purchase.product = mug;
  purchase.order_count = 3;
  purchase.last_at_ms = kTestNowMs - 90 * kDayMs;
  shop.profile.purchases.push_back(purchase);
  shop.Source("buy_again", {mug});
  EXPECT_EQ(shop.Decide(For("buy_again", 1)).decision.products[0].reason, "You bought this 3 times");
}

TEST_F(DecideTest, ASessionEndsAfterHalfAnHour) {
  shop.profile.session.products = {lamp, mug};
  shop.profile.session.last_event_at_ms = kTestNowMs - kSessionIdleMs + 1;
  const auto catalog = shop.Catalog();
  const ResolvedRequest request = For("product_similar");
  const Placement placement = shop.Get("product_similar");
  const DecideInput input{request, shop.view, placement, &shop.profile, *catalog, kTestNowMs, 0};
  const SeedWeights weights{.page = 0, .cart = 0, .session = 1, .profile = 0};
  const SeedSet running = CollectSeeds(input, weights);
  ASSERT_EQ(running.seeds.size(), 2u);
  EXPECT_EQ(running.seeds[0].product, mug) << "the latest click comes first";
  EXPECT_GT(running.seeds[0].weight, running.seeds[1].weight);
  shop.profile.session.last_event_at_ms -= 1;
  EXPECT_THAT(CollectSeeds(input, weights).seeds, IsEmpty());
}

TEST_F(DecideTest, ExplanationsCountWhatEachFilterRemoved) {
  shop.At(lamp).is_hidden = true;
  shop.At(bulb).in_stock = false;
  shop.At(mug).in_stock = false;
  Placement placement = shop.Get("home_trending");
  placement.recipe = {60, {{"trending", 1, 100}, {"bestsellers", 2, 100}}, false};
  shop.Put(placement);
  shop.Source("trending", {lamp, bulb, mug, shelf});
  shop.Source("bestsellers", {desk, shelf});
  const ResolvedRequest request = For("home_trending", 1);
  const auto made = shop.Decide(request);
  const std::vector<Removal> removals = RemovalsOf(made.trace);
  ASSERT_EQ(removals.size(), 2u);
  EXPECT_EQ(removals[0].verdict, FilterVerdict::kHidden);
  EXPECT_EQ(removals[0].count, 1u);
  EXPECT_EQ(removals[1].verdict, FilterVerdict::kOutOfStock);
  EXPECT_THAT(removals[1].examples, ElementsAre(bulb, mug));
  const DecideInput input{request, shop.view, placement, nullptr, *made.catalog, kTestNowMs, 0};
  const std::vector<SourcePart> parts = PartsOf(input, made.trace, made.trace.row_of.at(shelf));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].source, "trending");
  EXPECT_EQ(parts[0].rank, 0u) << "filtered products take no rank";
  EXPECT_EQ(parts[1].rank, 1u);
  EXPECT_NEAR(parts[0].contribution + parts[1].contribution, 1.0 / 61 + 2.0 / 62, 1e-12);
  EXPECT_EQ(shop.Why(request, desk).outcome, WhyNot::Outcome::kRankedBelow);
  EXPECT_EQ(shop.Why(request, desk).rank, 1u);
}

TEST_F(DecideTest, WrongRequestsNameTheField) {
  EXPECT_EQ(shop.TryDecide(For("home_for_yu")).status(),
            InvalidArgument("unknown placement: home_for_yu; did you mean home_for_you?", "placement"));
  EXPECT_EQ(shop.TryDecide(For("")).status().field(), "placement");
  EXPECT_EQ(shop.TryDecide(For("home_for_you", 51)).status().field(), "limit");
  ResolvedRequest request = For("home_for_you");
  request.filter = "price <";
  EXPECT_EQ(shop.TryDecide(request).status().field(), "filter");
}

TEST_F(DecideTest, TheBestVariantIsNamed) {
  shop.At(lamp).variants.resize(2);
  shop.At(lamp).variants[0].variant_id = "lamp-s";
  shop.At(lamp).variants[0].stock = 0;
  shop.At(lamp).variants[1].variant_id = "lamp-m";
  shop.At(lamp).variants[1].stock = 2;
  shop.Source("trending", {lamp});
  EXPECT_EQ(shop.Decide(For("home_trending", 1)).decision.products[0].variant_id, "lamp-m");
}

}  // namespace
}  // namespace attune::decisions
