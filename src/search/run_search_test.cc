// Goal: pages, orders, facets and filters are what a scan over the products says.

#include "search/run_search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "decisions/shop_for_tests.h"
#include "features/affinities.h"
#include "models/query_clicks.h"
#include "models/ranking_cases.h"
#include "models/search_log.h"
#include "search/behaviour_key.h"
#include "search/highlight.h"
#include "search/searches_for_tests.h"

namespace attune::search {
namespace {

using decisions::kTestNowMs;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using RunSearchTest = SearchesForTests;

TEST_F(RunSearchTest, WhatCannotBeHadIsNotFound) {
  Add("here", "Desk lamp", "Lumo", 1000);
  shop_.At(Add("sold_out", "Desk lamp", "Lumo", 1000)).in_stock = false;
  shop_.At(Add("hidden", "Desk lamp", "Lumo", 1000)).is_hidden = true;
  shop_.At(Add("elsewhere", "Desk lamp", "Lumo", 1000)).markets["DE"].is_available = false;
  EXPECT_THAT(Ids(Query("lamp")), UnorderedElementsAre("here", "elsewhere"));
  SearchRequest german = Query("lamp");
  german.base.context.market = "DE";
  EXPECT_THAT(Ids(german), ElementsAre("here"));
  EXPECT_EQ(Run(german).total, 1u);
  german.base.exclude = {"here"};
  EXPECT_THAT(Ids(german), IsEmpty());
}

TEST_F(RunSearchTest, TheFilterLanguageAndTheCategoryOfThePageHold) {
  Add("a", "Desk lamp", "Lumo", 1000, {"Home", "Lighting"});
  Add("b", "Desk lamp", "Zenit", 3000, {"Home", "Lighting"});
  Add("c", "Desk chair", "Zenit", 3000, {"Home", "Chairs"});
  SearchRequest request = Query("desk");
  request.base.filter = "price > 20 AND brand = \"Zenit\"";
  EXPECT_THAT(Ids(request), UnorderedElementsAre("b", "c"));
  request.base.context.category = {"Home", "Chairs"};
  EXPECT_THAT(Ids(request), ElementsAre("c"));
  request.base.filter = "price >";
  EXPECT_EQ(Try(request).status().field(), "filter");
  request.base.filter = "cost > 1";  // For the shop alone.
  EXPECT_EQ(Try(request).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(RunSearchTest, OrdersByPriceOfTheRequestAgeAndPopularity) {
  const ProductIndex a = Add("a", "Lamp", "Lumo", 2000);
  const ProductIndex b = Add("b", "Lamp", "Lumo", 1000);
  const ProductIndex c = Add("c", "Lamp", "Lumo", 3000);
  shop_.At(Add("free", "Lamp", "Lumo", 0)).price.price_minor.reset();
  shop_.At(c).markets["DE"].price.price_minor = 500;
  shop_.At(a).created_at_ms = 30;
  shop_.At(b).created_at_ms = 10;
  shop_.At(c).created_at_ms = 20;
  shop_.Tally({1, 5, 3}, {});
  SearchRequest request = Query("lamp");
  request.sort = SortOrder::kPriceAscending;
  EXPECT_THAT(Ids(request), ElementsAre("b", "a", "c", "free"));
  request.base.context.market = "DE";
  EXPECT_THAT(Ids(request), ElementsAre("c", "b", "a", "free"));
  request.base.context.market = "";
  request.sort = SortOrder::kPriceDescending;
  EXPECT_THAT(Ids(request), ElementsAre("c", "a", "b", "free"));
  request.sort = SortOrder::kNewest;
  EXPECT_THAT(Ids(request), ElementsAre("a", "c", "b", "free"));
  request.sort = SortOrder::kPopularity;
  EXPECT_THAT(Ids(request), ElementsAre("b", "c", "a", "free"));
}

TEST_F(RunSearchTest, DistinctKeepsTheFirstOfEachValueAndCountsTheOthers) {
  Add("a1", "Lamp", "A", 100);
  Add("a2", "Lamp", "A", 200);
  Add("a3", "Lamp", "A", 300);
  Add("b1", "Lamp", "B", 400);
  Add("none1", "Lamp", "", 500);
  Add("none2", "Lamp", "", 600);
  SearchRequest request = Query("lamp");
  request.sort = SortOrder::kPriceAscending;
  request.distinct = Distinct{"brand", 1};
  EXPECT_THAT(Ids(request), ElementsAre("a1", "b1", "none1", "none2"));
  const SearchOutcome outcome = Run(request);
  EXPECT_EQ(outcome.total, 6u);
  EXPECT_EQ(outcome.reachable, 4u);
  EXPECT_EQ(outcome.products[0].alike, 3u);
  EXPECT_EQ(outcome.products[1].alike, 1u);
  request.distinct->products_max = 2;
  EXPECT_THAT(Ids(request), ElementsAre("a1", "a2", "b1", "none1", "none2"));
  request.base.limit = 2;
  request.page = 1;
  EXPECT_THAT(Ids(request), ElementsAre("b1", "none1"));
}

TEST_F(RunSearchTest, FacetsOfAttributesAndOfAMarketsPriceAreCountedFromTheProducts) {
  const auto add = [&](const std::string& id, const std::string& colour, int64_t german_minor) {
    catalog::Product& product = shop_.At(Add(id, "Lamp", "Lumo", 1000));
    product.attributes = {{"colour", catalog::Attribute::Type::kText, colour, 0}};
    product.markets["DE"].price.price_minor = german_minor;
  };
  add("a", "black", 1500);
  add("b", "black", 2500);
  add("c", "white", 3500);
  SearchRequest request = Query("lamp");
  request.base.context.market = "DE";
  request.facets = {{.field = "attributes.colour"}, {.field = "price"}};
  request.selected = {{.field = "price", .low = 20}};
  const SearchOutcome outcome = Run(request);
  EXPECT_EQ(outcome.total, 2u);
  ASSERT_EQ(outcome.facets.size(), 2u);
  ASSERT_EQ(outcome.facets[0].values.size(), 2u);
  EXPECT_EQ(outcome.facets[0].values[0].value, "black");
  EXPECT_EQ(outcome.facets[0].values[0].products, 1u);
  EXPECT_EQ(outcome.facets[1].numbers.products, 3u);  // Without its own selection.
  EXPECT_EQ(outcome.facets[1].numbers.least, 15);
  EXPECT_EQ(outcome.facets[1].numbers.largest, 35);
  request.selected.push_back({.field = "attributes.colour", .values = {"white"}});
  EXPECT_THAT(Ids(request), ElementsAre("c"));
}

TEST_F(RunSearchTest, AFacetThatThereIsNotIsAMistake) {
  Add("a", "Lamp", "Lumo", 1000);
  SearchRequest request = Query("lamp");
  request.facets = {{.field = "brand"}, {.field = "brnad"}};
  EXPECT_EQ(Try(request).status().field(), "facets[1]");
  request.facets.clear();
  request.selected = {{.field = "cost", .low = 1}};
  EXPECT_EQ(Try(request).status().field(), "selected.cost");
}

TEST_F(RunSearchTest, SaysWhatItCorrected) {
  Add("a", "Wireless headphones", "Sony", 1000);
  Add("b", "Wireless mouse", "Sony", 1000);
  EXPECT_EQ(Run(Query("wireles hedphones")).corrected_query, "wireless headphones");
  EXPECT_EQ(Run(Query("wireless headphones")).corrected_query, "");
  EXPECT_EQ(Run(Query("xyzzy")).corrected_query, "");
}

TEST_F(RunSearchTest, HighlightsAreHtmlOfWhatMatched) {
  Add("a", "Lamps & <b>wireless</b> chargers", "Lumo", 1000);
  const SearchOutcome outcome = Run(Query("wireles lamp"));
  const Highlighter highlighter(outcome.words, texts_);
  EXPECT_EQ(highlighter.Mark(shop_.products[0].title),
            "<em>Lamps</em> &amp; &lt;b&gt;<em>wireless</em>&lt;/b&gt; chargers");
  const std::string filler(400, 'x');
  const std::string snippet = highlighter.Snippet(filler + " one lamp and a wireless lamp " + filler);
  EXPECT_TRUE(snippet.starts_with("…")) << snippet;
  EXPECT_TRUE(snippet.ends_with("…")) << snippet;
  EXPECT_NE(snippet.find("<em>lamp</em> and a <em>wireless</em> <em>lamp</em>"), std::string::npos)
      << snippet;
  EXPECT_EQ(highlighter.Snippet("é'\"<script>"), "é&#39;&quot;&lt;script&gt;");
  EXPECT_EQ(highlighter.Snippet(""), "");
}

TEST_F(RunSearchTest, TheDialMovesTheOrderTowardsTheShoppersTaste) {
  for (int i = 0; i < 40; ++i) {
    const bool is_lumo = i % 2 == 0;
    Add("p" + std::to_string(i), i % 4 < 2 ? "Desk lamp" : "Lamp for the desk", is_lumo ? "Lumo" : "Zenit",
        1000 + 100 * i, {"Home", is_lumo ? "Lighting" : "Office"});
  }
  shop_.Tally(std::vector<float>(40, 2), {});
  SearchRequest request = Query("desk lamp");
  request.base.limit = 40;
  const std::vector<std::string> impersonal = Ids(request);
  const auto liking = [](const std::string& brand, const std::string& category) {
    features::ShopperProfile profile;
    features::AddAffinity(features::Affinity::Kind::kBrand, brand, 5, kTestNowMs, 30 * kDayMs,
                          profile.affinities);
    features::AddAffinity(features::Affinity::Kind::kCategory, "Home > " + category, 5, kTestNowMs,
                          30 * kDayMs, profile.affinities);
    return profile;
  };
  const features::ShopperProfile nobody;
  const features::ShopperProfile lumo = liking("Lumo", "Lighting");
  const features::ShopperProfile zenit = liking("Zenit", "Office");
  profile_ = &nobody;
  EXPECT_EQ(Ids(request), impersonal);
  profile_ = &lumo;
  dial_ = 0;
  EXPECT_EQ(Ids(request), impersonal);
  dial_ = 100;
  const std::vector<std::string> of_lumo = Ids(request);
  profile_ = &zenit;
  const std::vector<std::string> of_zenit = Ids(request);
  EXPECT_NE(of_lumo, of_zenit);
  const auto number_of = [](const std::string& id) { return std::stoi(id.substr(1)); };
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(number_of(of_lumo[static_cast<size_t>(i)]) % 2, 0);
    EXPECT_EQ(number_of(of_zenit[static_cast<size_t>(i)]) % 2, 1);
  }
  // The parts are what the score is made of.
  const FoundProduct first = Run(request).products[0];
  EXPECT_NEAR(first.ranked.score(), first.ranked.text + first.ranked.popularity + first.ranked.personal,
              1e-12);
  EXPECT_GT(first.ranked.personal, 0);
  EXPECT_NEAR(first.ranked.popularity, kPopularityWeight, 1e-12);
  // A category page follows taste, too; another order does not.
  request.base.context.query = "";
  EXPECT_EQ(number_of(Ids(request)[0]) % 2, 1);
  request.sort = SortOrder::kPriceAscending;
  EXPECT_EQ(Ids(request)[0], "p0");
}

TEST_F(RunSearchTest, WhatIsCalledSoStandsFirstWhateverTheTaste) {
  Add("a", "Desk lamp", "Zenit", 1000);
  Add("b", "Desk lamp with shade", "Lumo", 1000);
  features::ShopperProfile profile;
  features::AddAffinity(features::Affinity::Kind::kBrand, "Lumo", 5, kTestNowMs, 30 * kDayMs,
                        profile.affinities);
  profile_ = &profile;
  dial_ = 100;
  EXPECT_THAT(Ids(Query("desk lamp")), ElementsAre("a", "b"));
  EXPECT_THAT(Ids(Query("lamp")), ElementsAre("b", "a"));
}

TEST_F(RunSearchTest, MoneyInTheQueryIsNoWordAndOrdersTheHits) {
  Add("dear", "Desk lamp", "Lumo", 9000);
  Add("middle", "Desk lamp black", "Lumo", 4000);
  Add("cheap", "Desk lamp black tall", "Lumo", 1000);
  EXPECT_THAT(Ids(Query("lamp")), ElementsAre("dear", "middle", "cheap"));
  const SearchOutcome under = Run(Query("lamp under 50"));
  EXPECT_EQ(under.total, 3u);
  ASSERT_TRUE(under.understanding.price.max);
  EXPECT_EQ(*under.understanding.price.max, 50);
  EXPECT_THAT(Ids(Query("lamp under 50")), ElementsAre("middle", "cheap", "dear"));
  EXPECT_THAT(Ids(Query("cheap lamp"))[0], "cheap");
  // The price is that of the request's market.
  shop_.At(ProductIndex(0)).markets["DE"].price.price_minor = 500;
  SearchRequest german = Query("lamp under 20");
  german.base.context.market = "DE";
  EXPECT_THAT(Ids(german), ElementsAre("dear", "cheap", "middle"));
}

TEST_F(RunSearchTest, WhatFindsNothingIsFilledWithWhatIsPopular) {
  Add("a", "Lamp", "Lumo", 1000);
  Add("b", "Chair", "Nord", 1000);
  shop_.At(Add("c", "Stool", "Nord", 1000)).in_stock = false;
  shop_.Tally({1, 5, 9}, {});
  const SearchOutcome filled = Run(Query("submarine"));
  EXPECT_THAT(Ids(Query("submarine")), ElementsAre("b", "a"));
  EXPECT_EQ(filled.rung, Rung::kPopular);
  EXPECT_EQ(filled.total, 0u);
  SearchRequest filtered = Query("submarine");
  filtered.base.filter = "brand = \"Lumo\"";
  EXPECT_THAT(Ids(filtered), ElementsAre("a"));
  SearchRequest plain = Query("submarine");
  plain.fills_empty = false;
  EXPECT_THAT(Ids(plain), IsEmpty());
  SearchRequest typed = Query("submarine");
  typed.is_typing = true;
  EXPECT_THAT(Ids(typed), IsEmpty());
  EXPECT_EQ(Run(typed).rung, Rung::kAny);
}

TEST_F(RunSearchTest, WhatShoppersOfTheQueryChoseRisesAndFillsEmptyPages) {
  Add("a", "Desk lamp", "Lumo", 1000);
  Add("b", "Desk lamp tall", "Lumo", 1000);
  Add("sofa", "Sofa", "Nord", 1000);
  shop_.Tally({9, 1, 1}, {});
  models::SearchLog log;
  const auto searched = [&](const std::string& query, std::vector<uint32_t> shown, uint32_t chosen) {
    decisions::ResolvedRequest request;
    request.query = query;
    for (int i = 0; i < 30; ++i) {
      models::SearchPage page{
          {log.pages().size() + 1, 0}, ShopperHandle(), decisions::kTestNowMs, BehaviourKey(request), {}};
      for (const uint32_t product : shown) {
        page.lines.push_back({ProductIndex(product), static_cast<uint32_t>(page.lines.size()),
                              product == chosen ? uint8_t{models::kTurned} : uint8_t{0}});
      }
      log.AddPage(std::move(page));
    }
  };
  searched("LAMP", {0, 1}, 1);
  searched("couch", {0, 1, 2}, 2);
  EXPECT_THAT(Ids(Query("lamp")), ElementsAre("a", "b"));
  shop_.Queries(models::QueryClicks::Train(log, decisions::kTestNowMs));
  EXPECT_THAT(Ids(Query("lamp")), ElementsAre("b", "a"));
  EXPECT_GT(Run(Query("Lamp!")).products[0].ranked.behaviour, 0);
  EXPECT_THAT(Ids(Query("couch")), ElementsAre("sofa"));
  EXPECT_EQ(Run(Query("couch")).rung, Rung::kChosen);
}

// Every order, with and without a query, page by page: each product once, in the order of one large page.
TEST_F(RunSearchTest, PagesHaveNoGapsAndNoRepeats) {
  SeededRandomSource random(5);
  constexpr int kProducts = 300;
  for (int i = 0; i < kProducts; ++i) {
    const std::string title = random.Next64() % 3 == 0 ? "Desk lamp" : "Lamp";
    Add("p" + std::to_string(i), title, "B" + std::to_string(random.Next64() % 5),
        static_cast<int64_t>(100 * (random.Next64() % 7)));
  }
  for (const std::string query : {"", "lamp", "desk lamp"}) {
    for (const SortOrder sort : {SortOrder::kRelevance, SortOrder::kPriceAscending, SortOrder::kNewest}) {
      SearchRequest whole = Query(query);
      whole.sort = sort;
      whole.base.limit = kProducts;
      const std::vector<std::string> expected = Ids(whole);
      EXPECT_EQ(std::set<std::string>(expected.begin(), expected.end()).size(), expected.size());
      EXPECT_EQ(Run(whole).total, expected.size());
      SearchRequest page = whole;
      page.base.limit = 17;
      std::vector<std::string> got;
      for (page.page = 0; page.first_hit() < kProducts; ++page.page) {
        const std::vector<std::string> ids = Ids(page);
        got.insert(got.end(), ids.begin(), ids.end());
      }
      EXPECT_EQ(got, expected) << query << " " << SortOrderName(sort);
    }
  }
}

}  // namespace
}  // namespace attune::search
