// Merchandising rules in the pipeline: what each action does to a slate, and what the explanation says of it.

#include "decisions/apply_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "decisions/explain.h"
#include "decisions/rule_json.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ApplyRulesTest : public testing::Test {
 protected:
  ApplyRulesTest() {
    for (const char* id : {"a", "b", "c", "d", "e", "f"}) {
      all.push_back(shop.Add(id, {"Home", id < std::string("d") ? "Lighting" : "Chairs"},
                             id < std::string("c") ? "Lumo" : "Nord", 1000));
    }
    shop.Source("trending", {all[0], all[1], all[2], all[3]});  // a b c d; e and f only on the ladder.
    shop.view.rules = std::make_shared<const RuleSet>();
    Placement placement = shop.Get("home_trending");
    placement.diversity = {};
    shop.Put(placement);
  }

  void Rule(const std::string& id, const std::string& json) {
    auto rule = ParseRule(id, json);
    ASSERT_TRUE(rule.ok()) << rule.status().field() << ": " << rule.status().message();
    shop.view.rules = shop.view.rules->PutRule(std::move(rule).value()).value();
  }
  void Then(const std::string& actions) { Rule("r", R"({"then":[)" + actions + "]}"); }
  static ResolvedRequest Ask(uint32_t limit = 4) {
    ResolvedRequest request;
    request.placement = "home_trending";
    request.limit = limit;
    return request;
  }
  std::vector<std::string> Slate(uint32_t limit = 4) { return IdsOf(shop.Decide(Ask(limit)).decision); }

  ShopForTests shop;
  std::vector<ProductIndex> all;
};

TEST_F(ApplyRulesTest, PinsStandWhereTheySay) {
  Then(R"({"do":"pin","product_ids":["f","a"],"position":1})");
  const auto made = shop.Decide(Ask());
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("b", "f", "a", "c"));
  EXPECT_EQ(made.decision.products[1].source, "rule/r");
  EXPECT_EQ(made.decision.products[1].reason, "Chosen by the shop");
  EXPECT_EQ(made.decision.products[1].score, 0) << "no source names it";
  EXPECT_GT(made.decision.products[2].score, 0) << "one does";
  EXPECT_EQ(made.trace.limit, 4U);
  EXPECT_EQ(made.decision.fallback, "");
}

TEST_F(ApplyRulesTest, APinThatCannotBeShownLeavesItsPositionToTheRest) {
  shop.At(all[5]).stock = 0;
  Then(R"({"do":"pin","product_ids":["f","nowhere","e"],"position":0})");
  const auto made = shop.Decide(Ask());
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("a", "b", "e", "c")) << "who can be shown stays where it is";
  ASSERT_EQ(made.trace.passed_over.size(), 2U);
  EXPECT_EQ(made.trace.passed_over[0].product_id, "f");
  EXPECT_EQ(made.trace.passed_over[0].verdict, FilterVerdict::kOutOfStock);
  EXPECT_EQ(made.trace.passed_over[1].verdict, FilterVerdict::kUnknown);
}

TEST_F(ApplyRulesTest, APinBeyondWhatThereIsStandsLast) {
  Then(R"({"do":"pin","product_ids":["a"],"position":9})");
  EXPECT_THAT(Slate(10), ElementsAre("b", "c", "d", "f", "e", "a"));
  EXPECT_THAT(Slate(4), ElementsAre("a", "b", "c", "d"))
      << "of a later slate: here it is a product as any other";
}

TEST_F(ApplyRulesTest, PinsCountOverAChainOfSlates) {
  Then(R"({"do":"pin","product_ids":["f"],"position":3})");
  ResolvedRequest next = Ask(2);
  next.already_shown = {all[0], all[1]};
  EXPECT_THAT(Slate(2), ElementsAre("a", "b"));
  EXPECT_THAT(IdsOf(shop.Decide(next).decision), ElementsAre("c", "f"));
}

TEST_F(ApplyRulesTest, ACuratedListStandsFirstWithoutGaps) {
  shop.view.rules = shop.view.rules->PutList({"top", "", {"f", "e", "nowhere", "d", "a"}}).value();
  shop.At(all[4]).is_hidden = true;
  Then(R"({"do":"list","list":"top"},{"do":"pin","product_ids":["c"],"position":1})");
  EXPECT_THAT(Slate(5), ElementsAre("f", "c", "d", "a", "b"));
  EXPECT_THAT(Slate(2), ElementsAre("f", "c"));
}

TEST_F(ApplyRulesTest, BoostAndBuryMoveScores) {
  Then(
      R"({"do":"boost","product_ids":["c"],"factor":3},{"do":"bury","filter":"brand = \"Lumo\"","factor":0})");
  const auto made = shop.Decide(Ask());
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("c", "d", "a", "b"));
  EXPECT_EQ(made.decision.products[3].score, 0);
  ASSERT_EQ(made.trace.moves.size(), 3U);
  EXPECT_EQ(made.trace.moves[0].kind, RuleMove::Kind::kBoosted);
  EXPECT_EQ(made.trace.moves[0].factor, 3);
  EXPECT_EQ(made.trace.moves[1].kind, RuleMove::Kind::kBuried);
  EXPECT_EQ(made.trace.moves[1].rule->id, "r");
  const WhyNot why = shop.Why(Ask(2), all[0]);
  EXPECT_EQ(why.outcome, WhyNot::Outcome::kRankedBelow);
  EXPECT_EQ(why.rule, "r");
  EXPECT_THAT(why.sentence, HasSubstr("the rule r moves it down"));
}

TEST_F(ApplyRulesTest, WhatIsHiddenIsNowhereAndTheExplanationSaysWhy) {
  Then(R"({"do":"hide","product_ids":["a"]},{"do":"hide","filter":"category: \"Chairs\""})");
  EXPECT_THAT(Slate(10), ElementsAre("b", "c")) << "not on the ladder either";
  const WhyNot named = shop.Why(Ask(), all[0]);
  EXPECT_EQ(named.verdict, FilterVerdict::kHiddenByRule);
  EXPECT_EQ(named.rule, "r");
  EXPECT_EQ(named.sentence, "the rule r hides it");
  EXPECT_EQ(shop.Why(Ask(), all[4]).sentence, "the rule r hides it: category: \"Chairs\"");
}

TEST_F(ApplyRulesTest, FiltersHoldForAllThatNoRuleNames) {
  Then(R"({"do":"filter","filter":"brand = \"Nord\" AND price < 50"},{"do":"pin","product_ids":["a"]})");
  EXPECT_THAT(Slate(10), ElementsAre("a", "c", "d", "f", "e"));
  const WhyNot why = shop.Why(Ask(), all[1]);
  EXPECT_EQ(why.verdict, FilterVerdict::kRuleFilter);
  EXPECT_EQ(why.sentence, "the filter of the rule r removes it: brand = \"Nord\"");
}

TEST_F(ApplyRulesTest, TheLargerPriorityDecidesBetweenHidingByFieldsAndPinning) {
  Rule("hide", R"({"then":[{"do":"hide","filter":"brand = \"Lumo\""}]})");
  Rule("pin", R"({"then":[{"do":"pin","product_ids":["a"]}]})");
  EXPECT_THAT(Slate(2), ElementsAre("c", "d")) << "a tie: hidden";
  Rule("pin", R"({"priority":1,"then":[{"do":"pin","product_ids":["a"]}]})");
  EXPECT_THAT(Slate(2), ElementsAre("a", "c"));
}

TEST_F(ApplyRulesTest, WhatIsIncludedStandsBehindTheRankedAndBeforeTheLadder) {
  Then(R"({"do":"include","product_ids":["e","a"]})");
  const auto made = shop.Decide(Ask(6));
  EXPECT_THAT(IdsOf(made.decision), ElementsAre("a", "b", "c", "d", "e", "f"));
  EXPECT_THAT(SourcesOf(made.decision),
              ElementsAre("trending", "trending", "trending", "trending", "rule/r", "fallback/newest"));
}

TEST_F(ApplyRulesTest, RequestAndStockHoldForWhatRulesName) {
  Then(R"({"do":"pin","product_ids":["a","b"]})");
  ResolvedRequest request = Ask();
  request.excluded = {all[0]};
  request.filter = "brand = \"Nord\"";
  EXPECT_THAT(IdsOf(shop.Decide(request).decision), ElementsAre("c", "d", "f", "e"));
}

TEST_F(ApplyRulesTest, CapsCountWhatIsPinnedAndLeaveItAlone) {
  Placement placement = shop.Get("home_trending");
  placement.diversity.brand_max = 1;
  shop.Put(placement);
  Then(R"({"do":"pin","product_ids":["b","a"]})");
  EXPECT_THAT(Slate(3), ElementsAre("b", "a", "c"));
}

TEST_F(ApplyRulesTest, ExplorationLeavesWhatIsPinnedAlone) {
  Placement placement = shop.Get("home_trending");
  placement.exploration.epsilon = 1;
  shop.Put(placement);
  Then(R"({"do":"pin","product_ids":["d"],"position":0})");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto made = shop.TryDecide(Ask(2), true, seed).value();
    EXPECT_EQ(made.decision.products[0].product_id, "d");
    EXPECT_EQ(made.decision.products[0].propensity, 1);
    EXPECT_NE(made.decision.products[1].product_id, "d");
    EXPECT_LT(made.decision.products[1].propensity, 1);
  }
}

TEST_F(ApplyRulesTest, ConditionsSeeThePlacementThePageAndTheShopper) {
  Rule("home", R"({"when":{"placements":["home_*"]},"then":[{"do":"redirect","url":"/home"}]})");
  Rule("chairs",
       R"({"when":{"categories":["Home > Chairs"]},"then":[{"do":"banner","banner":{"title":"C"}}]})");
  Rule("new", R"({"when":{"segment":"orders = 0"},"then":[{"do":"banner","banner":{"title":"Hello"}}]})");
  ResolvedRequest request = Ask();
  const auto applied = [&](bool is_personalized = true) {
    return shop.Decide(request, is_personalized).record.rules;
  };
  EXPECT_THAT(applied(), ElementsAre("home", "new"));
  EXPECT_THAT(applied(false), ElementsAre("home")) << "nobody is known";
  request.page_products = {all[4]};
  EXPECT_THAT(applied(), ElementsAre("chairs", "home", "new")) << "the category of the page's product";
  shop.profile.order_count = 1;
  request.placement = "category_top";
  EXPECT_THAT(applied(), ElementsAre("chairs"));
}

TEST_F(ApplyRulesTest, WindowsFollowTheClocksOfTheStore) {
  Rule("night", R"({"when":{"from":"2026-02-02T04:00:00"},"then":[{"do":"redirect","url":"/night"}]})");
  // 2026-02-02T02:40:00Z: twenty to four in Berlin, twenty to five in Helsinki.
  shop.view.settings.time = features::StoreTime::Load("Europe/Berlin").value();
  EXPECT_THAT(shop.Decide(Ask()).record.rules, IsEmpty());
  shop.view.settings.time = features::StoreTime::Load("Europe/Helsinki").value();
  EXPECT_THAT(shop.Decide(Ask()).record.rules, ElementsAre("night"));
}

TEST_F(ApplyRulesTest, ARecordKeepsTheRulesAndReplaysToTheSameBytes) {
  shop.view.rules = shop.view.rules->PutList({"top", "", {"e"}}).value();
  Rule("newest", R"({"then":[{"do":"list","list":"top"},{"do":"boost","filter":"brand = \"Nord\""}]})");
  Rule("pin", R"({"when":{"segment":"orders = 0"},"then":[{"do":"pin","product_ids":["f"],"position":1}]})");
  const auto made = shop.Decide(Ask());
  EXPECT_THAT(made.record.rules, ElementsAre("newest", "pin")) << "also an id that is the name of a source";
  const auto decoded = DecodeDecisionRecord(made.record.id, EncodeDecisionRecord(made.record)).value();
  EXPECT_EQ(decoded, made.record);
  const auto replay = ReplayDecision(
      decoded, {.view = shop.view, .profile = &shop.profile, .catalog = *made.catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
  shop.view.rules = shop.view.rules->DeleteRule("pin");
  const auto other = ReplayDecision(
      decoded, {.view = shop.view, .profile = &shop.profile, .catalog = *made.catalog}, nullptr);
  EXPECT_EQ(other->difference, "other rules hold");
}

TEST_F(ApplyRulesTest, WithoutRulesARecordIsWhatItWas) {
  const auto empty = shop.Decide(Ask());
  shop.view.rules = nullptr;
  EXPECT_EQ(EncodeDecisionRecord(shop.Decide(Ask()).record), EncodeDecisionRecord(empty.record));
}

}  // namespace
}  // namespace attune::decisions
