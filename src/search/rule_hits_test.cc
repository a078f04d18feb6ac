// Merchandising rules in search and browse: what each action does to the hits, what is counted, and that
// pages stay whole.

#include "search/rule_hits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "decisions/rule_json.h"
#include "search/searches_for_tests.h"

namespace attune::search {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class RuleHitsTest : public SearchesForTests {
 protected:
  RuleHitsTest() {
    // By words: one, two, three (shorter titles fit better), and a chair that is no lamp.
    Add("one", "Table lamp", "Lumo", 1000, {"Home", "Lighting"});
    Add("two", "Table lamp black", "Lumo", 2000, {"Home", "Lighting"});
    Add("three", "Table lamp black tall", "Nord", 3000, {"Home", "Lighting"});
    Add("chair", "Oak chair", "Nord", 4000, {"Home", "Chairs"});
    shop_.view.rules = std::make_shared<const decisions::RuleSet>();
  }

  void Rule(const std::string& id, const std::string& json) {
    auto rule = decisions::ParseRule(id, json);
    ASSERT_TRUE(rule.ok()) << rule.status().field() << ": " << rule.status().message();
    shop_.view.rules = shop_.view.rules->PutRule(std::move(rule).value()).value();
  }
  void Then(const std::string& actions) { Rule("r", R"({"then":[)" + actions + "]}"); }
  static SearchRequest Lamps() { return Query("lamp"); }
};

TEST_F(RuleHitsTest, APinStandsWhereItSaysWhateverItsWordsAre) {
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "two", "three"));
  Then(R"({"do":"pin","product_ids":["chair","three"],"position":1})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "chair", "three", "two"));
  const SearchOutcome outcome = Run(Lamps());
  EXPECT_EQ(outcome.total, 4u);
  EXPECT_EQ(outcome.rung, Rung::kAll);
  ASSERT_EQ(outcome.products[1].moves.size(), 1u);
  EXPECT_EQ(outcome.products[1].moves[0].kind, decisions::RuleMove::Kind::kPinned);
  EXPECT_GT(outcome.products[2].ranked.text, 0) << "its words count where they fit";
  EXPECT_EQ(outcome.products[1].ranked.text, 0);
}

TEST_F(RuleHitsTest, FacetsCountWhatARuleNamesAndASelectionHoldsForIt) {
  Then(R"({"do":"pin","product_ids":["chair"]})");
  SearchRequest request = Lamps();
  request.facets = {{.field = "brand"}};
  const SearchOutcome outcome = Run(request);
  ASSERT_EQ(outcome.facets[0].values.size(), 2u);
  EXPECT_EQ(outcome.facets[0].values[0].products + outcome.facets[0].values[1].products, 4u);
  request.selected = {{.field = "brand", .values = {"Lumo"}}};
  EXPECT_THAT(Ids(request), ElementsAre("one", "two"));
  EXPECT_EQ(Run(request).total, 2u);
  request.selected = {{.field = "brand", .values = {"Nord"}}};
  EXPECT_THAT(Ids(request), ElementsAre("chair", "three"));
}

TEST_F(RuleHitsTest, WhatCannotBeShownIsPassedOver) {
  shop_.At(ProductIndex(3)).in_stock = false;
  Then(R"({"do":"pin","product_ids":["chair","nowhere","three"],"position":0})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "two", "three")) << "three keeps its position";
  const SearchOutcome outcome = Run(Lamps());
  ASSERT_EQ(outcome.passed_over.size(), 2u);
  EXPECT_EQ(outcome.passed_over[0].verdict, decisions::FilterVerdict::kOutOfStock);
  EXPECT_EQ(outcome.passed_over[1].verdict, decisions::FilterVerdict::kUnknown);
}

TEST_F(RuleHitsTest, ListsLeadAndIncludedProductsStandLast) {
  shop_.view.rules = shop_.view.rules->PutList({"top", "", {"chair", "nowhere", "two"}}).value();
  Then(R"({"do":"list","list":"top"})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("chair", "two", "one", "three"));
  Then(R"({"do":"include","product_ids":["chair","two"]})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "two", "three", "chair"));
  const SearchOutcome outcome = Run(Lamps());
  EXPECT_EQ(outcome.products[3].ranked.hit.rung, Rung::kNamed);
  EXPECT_EQ(outcome.products[3].moves[0].kind, decisions::RuleMove::Kind::kIncluded);
  EXPECT_THAT(outcome.products[1].moves, IsEmpty()) << "its words found it";
}

TEST_F(RuleHitsTest, NothingIsFoundButWhatARuleNames) {
  Then(R"({"do":"include","product_ids":["chair"]})");
  const SearchRequest request = Query("submarine");
  EXPECT_THAT(Ids(request), ElementsAre("chair"));
  EXPECT_EQ(Run(request).rung, Rung::kAny);
}

TEST_F(RuleHitsTest, BoostAndBuryMoveScoresOfTheOrderOfRelevance) {
  Then(R"({"do":"boost","product_ids":["three"],"factor":4},)"
       R"({"do":"bury","filter":"brand = \"Lumo\" AND price > 15","factor":0.1})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("three", "one", "two"));
  const SearchOutcome outcome = Run(Lamps());
  EXPECT_EQ(outcome.products[0].ranked.factor, 4);
  EXPECT_EQ(outcome.products[2].moves[0].kind, decisions::RuleMove::Kind::kBuried);
  SearchRequest by_price = Lamps();
  by_price.sort = SortOrder::kPriceAscending;
  EXPECT_THAT(Ids(by_price), ElementsAre("one", "two", "three"));
}

TEST_F(RuleHitsTest, HidingWinsAndFiltersLeaveNamedProductsAlone) {
  Then(
      R"({"do":"hide","product_ids":["one"]},{"do":"hide","filter":"price > 25 AND category: \"Lighting\""})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("two"));
  Rule("pin", R"({"priority":1,"then":[{"do":"pin","product_ids":["three"]}]})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("three", "two")) << "a pin of a larger priority";
  Rule("pin", R"({"then":[{"do":"pin","product_ids":["three"]}]})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("two")) << "hiding wins a tie";
  Then(R"({"do":"filter","filter":"brand = \"Lumo\""})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("three", "one", "two"));
  SearchRequest cheap = Lamps();
  cheap.base.filter = "price < 25";
  EXPECT_THAT(Ids(cheap), ElementsAre("one", "two")) << "the filter of the request holds for all";
}

TEST_F(RuleHitsTest, AReplacedQueryIsLookedForAndChoosesNoRuleAgain) {
  Rule("seat", R"({"when":{"query":{"exact":["sofa"]}},"then":[{"do":"replace_query","query":"chair"},)"
               R"({"do":"redirect","url":"/seats"},{"do":"banner","banner":{"title":"Seats"}}]})");
  Rule("chairs",
       R"({"when":{"query":{"contains":["chair"]}},"then":[{"do":"hide","product_ids":["chair"]}]})");
  const SearchOutcome outcome = Run(Query("Sofa"));
  EXPECT_THAT(Ids(Query("Sofa")), ElementsAre("chair"));
  EXPECT_EQ(outcome.rules.redirect, "/seats");
  ASSERT_EQ(outcome.rules.banners.size(), 1u);
  EXPECT_EQ(outcome.rules.banners[0].banner->title, "Seats");
  EXPECT_EQ(Run(Query("chair")).total, 0u);
}

TEST_F(RuleHitsTest, BrowseIsASearchWithoutAQuery) {
  Rule("page", R"({"when":{"touchpoints":["browse"],"categories":["Home > Lighting"]},)"
               R"("then":[{"do":"pin","product_ids":["three"]},{"do":"hide","product_ids":["one"]}]})");
  SearchRequest page = Query("");
  page.base.context.category = {"Home", "Lighting"};
  EXPECT_THAT(Ids(page), ElementsAre("three", "two"));
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "two", "three"));
  Rule("page", R"({"when":{"touchpoints":["search"]},"then":[{"do":"pin","product_ids":["three"]}]})");
  EXPECT_THAT(Ids(page), Not(ElementsAre("three", "two")));
  EXPECT_THAT(Ids(Lamps()), ElementsAre("three", "one", "two"));
}

TEST_F(RuleHitsTest, SegmentsAndWindowsHold) {
  Rule("later", R"({"when":{"from":"2030-01-01"},"then":[{"do":"hide","product_ids":["one"]}]})");
  Rule("fans", R"({"when":{"segment":"views >= 3"},"then":[{"do":"pin","product_ids":["chair"]}]})");
  EXPECT_THAT(Ids(Lamps()), ElementsAre("one", "two", "three"));
  features::ShopperProfile looker;
  looker.view_count = 3;
  profile_ = &looker;
  EXPECT_THAT(Ids(Lamps()), ElementsAre("chair", "one", "two", "three"));
  dial_ = 0;
  EXPECT_THAT(Ids(Lamps()), ElementsAre("chair", "one", "two", "three")) << "a segment is no taste";
}

// Pins far down, a list, boosts: the pages are one list.
TEST_F(RuleHitsTest, PagesStayWhole) {
  for (int i = 0; i < 300; ++i)
    Add("p" + std::to_string(i), i % 3 == 0 ? "Wall lamp tall" : "Wall lamp", "B", 1000 + i);
  Rule("pins",
       R"({"then":[{"do":"pin","product_ids":["chair","p7","p200","p201"],"position":16},)"
       R"({"do":"include","product_ids":["chair"]},{"do":"boost","filter":"price > 12","factor":2}]})");
  SearchRequest whole = Lamps();
  whole.base.limit = 303;
  const std::vector<std::string> expected = Ids(whole);
  EXPECT_EQ(Run(whole).total, 304u);
  EXPECT_EQ(std::set<std::string>(expected.begin(), expected.end()).size(), 303u);
  EXPECT_EQ(expected[16], "chair");
  EXPECT_EQ(expected[19], "p201");
  SearchRequest page = whole;
  page.base.limit = 17;
  std::vector<std::string> got;
  for (page.page = 0; got.size() < 304 && page.page < 20; ++page.page) {
    const std::vector<std::string> ids = Ids(page);
    got.insert(got.end(), ids.begin(), ids.end());
  }
  ASSERT_EQ(got.size(), 304u);
  got.resize(303);
  EXPECT_EQ(got, expected);
}

TEST_F(RuleHitsTest, WhyNotNamesTheRule) {
  Then(R"({"do":"hide","filter":"brand = \"Lumo\""})");
  const SearchRequest request = Lamps();
  ASSERT_TRUE(Try(request).ok());
  const auto verdict = VerdictOf(Input(request), ProductIndex(0));
  ASSERT_TRUE(verdict.ok());
  EXPECT_EQ(verdict->verdict, decisions::FilterVerdict::kHiddenByRule);
  EXPECT_EQ(verdict->rule, "r");
}

}  // namespace
}  // namespace attune::search
