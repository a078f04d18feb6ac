// Which rules hold, and how they meet: each rule of the contract in choose_rules.h, one at a time.

#include "decisions/choose_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "decisions/limits.h"
#include "decisions/query_words.h"
#include "decisions/rule_json.h"
#include "features/shopper_field_source.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

int64_t At(const char* time) { return *ParseTime(time); }

class ChooseRulesTest : public testing::Test {
 protected:
  void Rule(const std::string& id, const std::string& json) {
    auto rule = ParseRule(id, json);
    ASSERT_TRUE(rule.ok()) << rule.status().field() << ": " << rule.status().message();
    set = set->PutRule(std::move(rule).value()).value();
  }
  void List(const std::string& id, const std::string& json) {
    set = set->PutList(ParseCuratedList(id, json).value()).value();
  }
  std::vector<std::string> Applied() const {
    std::vector<std::string> ids;
    for (const attune::decisions::Rule* rule : ChooseRules(*set, situation).rules) ids.push_back(rule->id);
    return ids;
  }
  std::vector<std::pair<std::string, uint32_t>> Pins() const {
    std::vector<std::pair<std::string, uint32_t>> pins;
    for (const RulePin& pin : ChooseRules(*set, situation).pins) {
      pins.emplace_back(pin.product_id, pin.position);
    }
    return pins;
  }
  static std::vector<std::string> IdsOf(const std::vector<RuleProduct>& products) {
    std::vector<std::string> ids;
    for (const RuleProduct& product : products) ids.emplace_back(product.product_id);
    return ids;
  }

  std::shared_ptr<const RuleSet> set = std::make_shared<const RuleSet>();
  RuleSituation situation;
};

TEST(QueryWords, FoldsCaseAndCutsAtWhatIsNoLetter) {
  EXPECT_THAT(QueryWords("  Desk-LAMP,black\t27\" "), ElementsAre("desk", "lamp", "black", "27"));
  EXPECT_THAT(QueryWords("ÉCRAN Größe ŻÓŁTY"), ElementsAre("ecran", "grosse", "zolty"));
  EXPECT_THAT(QueryWords("ΛΆΜΠΑ Лампа ЛАМПА"), ElementsAre("λαμπα", "лампа", "лампа"));
  EXPECT_THAT(QueryWords("a\xc2\xa0"
                         "b\xe2\x80\x94"
                         "c 灯"),
              ElementsAre("a", "b", "c", "灯"));
  EXPECT_THAT(QueryWords("bad\xff\xfe bytes"), ElementsAre("bad", "bytes"));
  EXPECT_THAT(QueryWords(" -- "), IsEmpty());
  EXPECT_EQ(QueryWords(std::string(5000, 'a')).size(), 1U);
}

TEST(MatchesPattern, StarStandsForAnyCharacters) {
  EXPECT_TRUE(MatchesPattern("home_*", "home_for_you"));
  EXPECT_TRUE(MatchesPattern("*_you", "home_for_you"));
  EXPECT_TRUE(MatchesPattern("h*for*u", "home_for_you"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_TRUE(MatchesPattern("home", "home"));
  EXPECT_FALSE(MatchesPattern("home", "home_for_you"));
  EXPECT_FALSE(MatchesPattern("*x*", "home_for_you"));
  EXPECT_FALSE(MatchesPattern("", "home"));
}

TEST_F(ChooseRulesTest, NothingHoldsInAnEmptySet) { EXPECT_TRUE(ChooseRules(*set, situation).is_empty()); }

TEST_F(ChooseRulesTest, EveryNamedConditionMustHold) {
  Rule("always", R"({"then":[{"do":"redirect","url":"/a"}]})");
  Rule("off", R"({"enabled":false,"then":[{"do":"redirect","url":"/a"}]})");
  Rule("search", R"({"when":{"touchpoints":["search","browse"]},"then":[{"do":"redirect","url":"/a"}]})");
  Rule("home", R"({"when":{"placements":["home_*","cart"]},"then":[{"do":"redirect","url":"/a"}]})");
  Rule("lighting",
       R"({"when":{"categories":["Home > Lighting","Toys"],"placements":["home_*"]},
           "then":[{"do":"redirect","url":"/a"}]})");
  EXPECT_THAT(Applied(), ElementsAre("always"));
  situation.placement = "home_for_you";
  EXPECT_THAT(Applied(), ElementsAre("always", "home"));
  const std::vector<std::string> category = {"Home", "Lighting", "Desk lamps"};
  situation.category = category;
  EXPECT_THAT(Applied(), ElementsAre("always", "home", "lighting"));
  situation.category = std::span(category).first(1);
  EXPECT_THAT(Applied(), ElementsAre("always", "home"));
  situation = RuleSituation();
  situation.touchpoint = Touchpoint::kBrowse;
  EXPECT_THAT(Applied(), ElementsAre("always", "search"));
}

TEST_F(ChooseRulesTest, QueriesMatchAsAWholeByWordsOrAtAll) {
  Rule("any", R"({"when":{"query":{"any":true}},"then":[{"do":"redirect","url":"/a"}]})");
  Rule("contains",
       R"({"when":{"query":{"contains":["lamp desk","sofa"]}},"then":[{"do":"redirect","url":"/"}]})");
  Rule("exact", R"({"when":{"query":{"exact":["Desk Lamp"]}},"then":[{"do":"redirect","url":"/a"}]})");
  EXPECT_THAT(Applied(), IsEmpty());
  for (const char* query : {"desk lamp", " DESK-lamp "}) {
    situation.query = query;
    EXPECT_THAT(Applied(), ElementsAre("any", "contains", "exact")) << query;
  }
  situation.query = "black lamp for a desk";
  EXPECT_THAT(Applied(), ElementsAre("any", "contains"));
  situation.query = "lampshade desk";
  EXPECT_THAT(Applied(), ElementsAre("any")) << "words, not parts of words";
  situation.query = "?!";
  EXPECT_THAT(Applied(), IsEmpty());
}

TEST_F(ChooseRulesTest, WindowsAreOfTheWorldOrOfTheStoresClocks) {
  Rule("world",
       R"({"when":{"from":"2026-12-01T00:00:00Z","until":"2026-12-02T00:00:00+00:00"},
           "then":[{"do":"redirect","url":"/a"}]})");
  Rule("store",
       R"({"when":{"from":"2026-12-01","until":"2026-12-02"},"then":[{"do":"redirect","url":"/a"}]})");
  const auto now = [&](const char* time) {
    situation.now_ms = At(time);
    situation.local_now_ms = situation.now_ms + 3'600'000;  // An hour east.
  };
  now("2026-11-30T22:59:59.999Z");
  EXPECT_THAT(Applied(), IsEmpty());
  now("2026-11-30T23:00:00Z");
  EXPECT_THAT(Applied(), ElementsAre("store"));
  now("2026-12-01T12:00:00Z");
  EXPECT_THAT(Applied(), ElementsAre("store", "world"));
  now("2026-12-01T23:00:00Z");
  EXPECT_THAT(Applied(), ElementsAre("world")) << "the end is not included";
  now("2026-12-02T00:00:00Z");
  EXPECT_THAT(Applied(), IsEmpty());
}

TEST_F(ChooseRulesTest, ASegmentHoldsForWhomItDescribesAndForNobodyUnknown) {
  Rule("loyal",
       R"({"when":{"segment":"orders >= 2 AND is_customer"},"then":[{"do":"redirect","url":"/a"}]})");
  Rule("others", R"({"when":{"segment":"NOT orders >= 2"},"then":[{"do":"redirect","url":"/a"}]})");
  EXPECT_THAT(Applied(), IsEmpty());
  features::ShopperProfile profile;
  profile.order_count = 2;
  profile.is_customer = true;
  const features::ShopperFieldSource loyal(profile, {});
  situation.shopper = &loyal;
  EXPECT_THAT(Applied(), ElementsAre("loyal"));
  profile.order_count = 1;
  EXPECT_THAT(Applied(), ElementsAre("others"));
}

TEST_F(ChooseRulesTest, RulesGoByPriorityThenById) {
  Rule("b", R"({"then":[{"do":"redirect","url":"/b"},{"do":"replace_query","query":"b"}]})");
  Rule("a", R"({"then":[{"do":"redirect","url":"/a"},{"do":"banner","banner":{"title":"A"}}]})");
  Rule("z", R"({"priority":5,"then":[{"do":"redirect","url":"/z"},{"do":"banner","banner":{"title":"Z"}}]})");
  Rule("y", R"({"priority":-5,"then":[{"do":"replace_query","query":"y"}]})");
  const ActiveRules active = ChooseRules(*set, situation);
  EXPECT_THAT(Applied(), ElementsAre("z", "a", "b", "y"));
  EXPECT_EQ(active.redirect, "/z");
  EXPECT_EQ(active.redirect_rule->id, "z");
  EXPECT_EQ(active.replaced_query, "b");
  ASSERT_EQ(active.banners.size(), 2U);
  EXPECT_EQ(active.banners[0].banner->title, "Z");
  EXPECT_EQ(active.banners[1].rule->id, "a");
}

TEST_F(ChooseRulesTest, APositionHasOnePinAndAProductStandsOnce) {
  List("top", R"({"product_ids":["p5","p6","p1"]})");
  Rule("a", R"({"priority":2,"then":[{"do":"pin","product_ids":["p1","p2"],"position":1}]})");
  Rule("b", R"({"priority":1,"then":[{"do":"pin","product_ids":["p3"],"position":2},
                                     {"do":"pin","product_ids":["p1"],"position":0}]})");
  Rule("c", R"({"then":[{"do":"list","list":"top"},{"do":"include","product_ids":["p6","p7"]}]})");
  EXPECT_THAT(Pins(), ElementsAre(std::pair("p1", 1U), std::pair("p2", 2U), std::pair("p3", 3U)));
  const ActiveRules active = ChooseRules(*set, situation);
  EXPECT_THAT(IdsOf(active.leading), ElementsAre("p5", "p6"));
  EXPECT_THAT(IdsOf(active.included), ElementsAre("p7"));
}

TEST_F(ChooseRulesTest, BetweenHidingAndShowingTheLargerPriorityWinsAndHidingATie) {
  Rule("pin", R"({"then":[{"do":"pin","product_ids":["p1","p2"],"position":0},
                          {"do":"include","product_ids":["p3"]}]})");
  Rule("hide", R"({"then":[{"do":"hide","product_ids":["p1","p3","p4"]}]})");
  EXPECT_THAT(Pins(), ElementsAre(std::pair("p2", 1U)));
  EXPECT_THAT(IdsOf(ChooseRules(*set, situation).included), IsEmpty());
  EXPECT_THAT(IdsOf(ChooseRules(*set, situation).hidden_products), ElementsAre("p1", "p3", "p4"));
  Rule("pin", R"({"priority":1,"then":[{"do":"pin","product_ids":["p1"],"position":0}]})");
  EXPECT_THAT(Pins(), ElementsAre(std::pair("p1", 0U)));
  EXPECT_THAT(IdsOf(ChooseRules(*set, situation).hidden_products), ElementsAre("p3", "p4"));
}

TEST_F(ChooseRulesTest, BoostsHidesAndFiltersSpeakOfProductsOrOfTheirFields) {
  List("sale", R"({"product_ids":["p1","p2"]})");
  Rule("r", R"({"then":[{"do":"boost","list":"sale"},{"do":"bury","filter":"brand = \"Lumo\"","factor":0.2},
                        {"do":"boost","list":"nowhere"},{"do":"hide","filter":"margin_percent < 5"},
                        {"do":"filter","filter":"price < 100"}]})");
  const ActiveRules active = ChooseRules(*set, situation);
  ASSERT_EQ(active.boosts.size(), 3U);
  EXPECT_THAT(active.boosts[0].product_ids, ElementsAre("p1", "p2"));
  EXPECT_EQ(active.boosts[0].factor, 2);
  EXPECT_EQ(active.boosts[1].filter->ToText(), "brand = \"Lumo\"");
  EXPECT_EQ(active.boosts[1].factor, 0.2);
  EXPECT_THAT(active.boosts[2].product_ids, IsEmpty());
  EXPECT_EQ(active.boosts[2].filter, nullptr);
  ASSERT_EQ(active.hidden_matches.size(), 1U);
  ASSERT_EQ(active.filters.size(), 1U);
  EXPECT_EQ(active.filters[0].rule->id, "r");
}

TEST_F(ChooseRulesTest, ASetIsBoundedAndADraftStandsOverIt) {
  Rule("a", R"({"then":[{"do":"redirect","url":"/a"}]})");
  RuleDraft draft;
  draft.rules.push_back(ParseRule("a", R"({"enabled":false,"then":[{"do":"redirect","url":"/a"}]})").value());
  draft.rules.push_back(ParseRule("b", R"({"then":[{"do":"redirect","url":"/b"}]})").value());
  const auto tried = set->With(draft).value();
  EXPECT_EQ(ChooseRules(*tried, situation).redirect, "/b");
  EXPECT_EQ(ChooseRules(*set, situation).redirect, "/a");
  EXPECT_EQ(ChooseRules(*tried->DeleteRule("b"), situation).redirect, "");
  RuleDraft many;
  for (size_t i = 0; i <= kRulesMax; ++i) {
    many.rules.push_back(draft.rules[0]);
    many.rules.back().id = "r" + std::to_string(i);
  }
  EXPECT_EQ(set->With(many).status().code(), StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace attune::decisions
