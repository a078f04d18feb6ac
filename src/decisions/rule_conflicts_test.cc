// What the report of conflicts finds, and what it rightly leaves alone.

#include "decisions/rule_conflicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "decisions/limits.h"
#include "decisions/rule_json.h"
#include "decisions/rule_overlap.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RuleConflictsTest : public testing::Test {
 protected:
  RuleConflictsTest() {
    shop.Add("lamp", {"Home", "Lighting"}, "Lumo", 2490);
    shop.Add("chair", {"Home", "Chairs"}, "Nord", 8900);
  }
  void Rule(const std::string& id, const std::string& json) {
    auto rule = ParseRule(id, json);
    ASSERT_TRUE(rule.ok()) << rule.status().field() << ": " << rule.status().message();
    set = set->PutRule(std::move(rule).value()).value();
  }
  ConflictReport Find() { return FindConflicts(*set, *shop.Catalog(), kTestNowMs, kTestNowMs); }
  // "hidden_and_shown hide pin"
  std::vector<std::string> Found() {
    std::vector<std::string> found;
    for (const RuleConflict& conflict : Find().conflicts) {
      found.emplace_back(ConflictName(conflict.kind));
      for (const std::string& id : conflict.rules) found.back() += " " + id;
    }
    return found;
  }
  RuleCondition When(const std::string& json) {
    return ParseRule("r", R"({"when":)" + json + R"(,"then":[{"do":"redirect","url":"/"}]})")->condition;
  }
  bool Overlap(const std::string& a, const std::string& b) {
    EXPECT_EQ(MayOverlap(When(a), When(b)), MayOverlap(When(b), When(a)));
    return MayOverlap(When(a), When(b));
  }

  ShopForTests shop;
  std::shared_ptr<const RuleSet> set = std::make_shared<const RuleSet>();
};

TEST_F(RuleConflictsTest, ConditionsOverlapWhenSomethingMeetsBoth) {
  EXPECT_TRUE(Overlap("{}", R"({"touchpoints":["search"],"query":{"exact":["lamp"]}})"));
  EXPECT_FALSE(Overlap(R"({"touchpoints":["search"]})", R"({"touchpoints":["browse"]})"));
  EXPECT_TRUE(Overlap(R"({"categories":["Home"]})", R"({"categories":["Toys","Home > Lighting"]})"));
  EXPECT_FALSE(Overlap(R"({"categories":["Home > Chairs"]})", R"({"categories":["Home > Lighting"]})"));
  EXPECT_TRUE(Overlap(R"({"query":{"exact":["Desk lamp"]}})", R"({"query":{"contains":["lamp"]}})"));
  EXPECT_FALSE(Overlap(R"({"query":{"exact":["desk lamp"]}})", R"({"query":{"contains":["lamp red"]}})"));
  EXPECT_FALSE(Overlap(R"({"query":{"exact":["a"]}})", R"({"query":{"exact":["b"]}})"));
  EXPECT_TRUE(Overlap(R"({"query":{"contains":["a"]}})", R"({"query":{"contains":["b"]}})"));
  EXPECT_FALSE(Overlap(R"({"until":"2026-01-02"})", R"({"from":"2026-01-02"})"));
  EXPECT_TRUE(Overlap(R"({"until":"2026-01-02"})", R"({"from":"2026-01-02T06:00:00Z"})")) << "in some zone";
  EXPECT_FALSE(Overlap(R"({"until":"2026-01-02"})", R"({"from":"2026-01-02T15:00:00Z"})"));
}

TEST(PatternsMeet, WhenSomeTextMatchesBoth) {
  EXPECT_TRUE(PatternsMeet("home_*", "*_you"));
  EXPECT_TRUE(PatternsMeet("home_*", "home_"));
  EXPECT_TRUE(PatternsMeet("*", "*"));
  EXPECT_TRUE(PatternsMeet("a*c", "ab*"));
  EXPECT_FALSE(PatternsMeet("home_*", "cart_*"));
  EXPECT_FALSE(PatternsMeet("*a", "*b"));
  EXPECT_FALSE(PatternsMeet("home", "homes"));
}

TEST_F(RuleConflictsTest, OneHidesWhatAnotherShows) {
  Rule("hide", R"({"then":[{"do":"hide","filter":"brand = \"Lumo\""}]})");
  Rule("pin", R"({"priority":1,"then":[{"do":"pin","product_ids":["chair","lamp","nowhere"]}]})");
  const ConflictReport report = Find();
  ASSERT_EQ(report.conflicts.size(), 1U);
  EXPECT_EQ(report.conflicts[0], (RuleConflict{RuleConflict::Kind::kHiddenAndShown,
                                               {"pin", "hide"},
                                               {"lamp"},
                                               "hide hides what pin shows; it is shown"}));
  Rule("hide", R"({"when":{"touchpoints":["search"]},"then":[{"do":"hide","product_ids":["lamp"]}]})");
  EXPECT_THAT(Found(), ElementsAre("hidden_and_shown pin hide"));
  Rule("pin", R"({"when":{"touchpoints":["browse"]},"then":[{"do":"pin","product_ids":["lamp"]}]})");
  EXPECT_THAT(Found(), IsEmpty());
  Rule("both", R"({"when":{"placements":["a"]},
                   "then":[{"do":"hide","product_ids":["lamp"]},{"do":"include","product_ids":["lamp"]}]})");
  EXPECT_THAT(Found(), ElementsAre("hidden_and_shown both"));
}

TEST_F(RuleConflictsTest, TwoPinsWantOnePosition) {
  Rule("a", R"({"then":[{"do":"pin","product_ids":["lamp","chair"],"position":1}]})");
  Rule("b", R"({"then":[{"do":"pin","product_ids":["rug"],"position":2}]})");
  EXPECT_THAT(Found(), ElementsAre("same_position a b"));
  Rule("b", R"({"enabled":false,"then":[{"do":"pin","product_ids":["rug"],"position":2}]})");
  EXPECT_THAT(Found(), IsEmpty());
  Rule(
      "c",
      R"({"then":[{"do":"pin","product_ids":["x"],"position":9},{"do":"pin","product_ids":["y"],"position":9}]})");
  EXPECT_THAT(Found(), ElementsAre("same_position c"));
}

TEST_F(RuleConflictsTest, RedirectsStandAlone) {
  Rule("away", R"({"priority":1,"then":[{"do":"redirect","url":"/a"},{"do":"replace_query","query":"a"}]})");
  Rule("pin", R"({"then":[{"do":"pin","product_ids":["lamp"]}]})");
  Rule("too", R"({"then":[{"do":"redirect","url":"/b"},{"do":"replace_query","query":"b"}]})");
  EXPECT_THAT(Found(), ElementsAre("redirect_and_pins away pin", "two_redirects away too",
                                   "two_queries away too", "redirect_and_pins too pin"));
}

TEST_F(RuleConflictsTest, RulesThatCanDoNothing) {
  set = set->PutList({"empty", "", {}}).value();
  Rule("a_over", R"({"when":{"until":"2020-01-01"},"then":[{"do":"redirect","url":"/"}]})");
  Rule("b_empty", R"({"then":[{"do":"list","list":"empty"}]})");
  Rule("c_missing", R"({"then":[{"do":"pin","list":"missing"}]})");
  Rule("d_half", R"({"then":[{"do":"pin","list":"missing"},{"do":"hide","product_ids":["rug"]}]})");
  Rule("e_nowhere",
       R"({"when":{"touchpoints":["search"],"placements":["home"]},"then":[{"do":"redirect","url":"/"}]})");
  Rule("f_silent",
       R"({"when":{"touchpoints":["browse"],"query":{"any":true}},"then":[{"do":"redirect","url":"/"}]})");
  EXPECT_THAT(Found(), ElementsAre("never_applies a_over", "never_applies b_empty", "never_applies c_missing",
                                   "never_applies e_nowhere", "never_applies f_silent"));
}

TEST_F(RuleConflictsTest, TheReportIsBounded) {
  for (int i = 0; i < 30; ++i) {
    Rule("r" + std::to_string(i), R"({"then":[{"do":"redirect","url":"/"}]})");
  }
  const ConflictReport report = Find();
  EXPECT_EQ(report.conflicts.size(), kRuleConflictsMax);
  EXPECT_FALSE(report.is_complete);
}

}  // namespace
}  // namespace attune::decisions
