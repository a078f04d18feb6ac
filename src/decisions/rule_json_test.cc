// Rules and lists as documents: what is taken, and how what is wrong is named.

#include "decisions/rule_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "decisions/limits.h"
#include "decisions/shop_for_tests.h"

namespace attune::decisions {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string FieldOf(const std::string& json) {
  const auto rule = ParseRule("r", json);
  return rule.ok() ? "" : rule.status().field();
}
std::string FieldOfAction(const std::string& action) { return FieldOf(R"({"then":[)" + action + "]}"); }
std::string FieldOfWhen(const std::string& when) {
  return FieldOf(R"({"when":)" + when + R"(,"then":[{"do":"redirect","url":"/"}]})");
}

TEST(RuleJson, ReadsEveryField) {
  const auto rule = ParseRule("christmas",
                              R"({"title":"Christmas lamps","priority":10,
          "when":{"touchpoints":["search","recommendations"],
                  "query":{"exact":["lamp"],"contains":["desk lamp"]},
                  "categories":["Home > Lighting"],"segment":"orders >= 2","placements":["home_*"],
                  "from":"2026-12-01","until":1798329600000},
          "then":[{"do":"pin","product_ids":["p1","p2"],"position":3},
                  {"do":"boost","filter":"brand = \"Lumo\"","factor":1.5},
                  {"do":"banner","banner":{"title":"T","text":"X","image":"/i.png","url":"https://a.example"}}]})");
  ASSERT_TRUE(rule.ok()) << rule.status().message();
  EXPECT_EQ(rule->id, "christmas");
  EXPECT_EQ(rule->title, "Christmas lamps");
  EXPECT_TRUE(rule->is_enabled);
  EXPECT_EQ(rule->priority, 10);
  const RuleCondition& when = rule->condition;
  EXPECT_THAT(when.touchpoints, ElementsAre(Touchpoint::kSearch, Touchpoint::kRecommendations));
  EXPECT_THAT(when.query.exact, ElementsAre(ElementsAre("lamp")));
  EXPECT_THAT(when.query.contains, ElementsAre(ElementsAre("desk", "lamp")));
  EXPECT_THAT(when.categories, ElementsAre(ElementsAre("Home", "Lighting")));
  EXPECT_NE(when.parsed_segment, nullptr);
  EXPECT_THAT(when.placements, ElementsAre("home_*"));
  EXPECT_TRUE(when.from->is_local);
  EXPECT_FALSE(when.until->is_local);
  ASSERT_EQ(rule->actions.size(), 3U);
  EXPECT_THAT(rule->actions[0].product_ids, ElementsAre("p1", "p2"));
  EXPECT_EQ(rule->actions[0].position, 3U);
  EXPECT_EQ(rule->actions[1].factor, 1.5);
  EXPECT_EQ(rule->actions[2].banner.image, "/i.png");
}

TEST(RuleJson, NamesWhatIsWrong) {
  EXPECT_EQ(FieldOf("[]"), "");
  EXPECT_FALSE(ParseRule("r", "[]").ok());
  EXPECT_EQ(ParseRule("No", "{}").status().field(), "id");
  EXPECT_EQ(FieldOf("{}"), "then");
  EXPECT_EQ(FieldOf(R"({"then":[]})"), "then");
  EXPECT_EQ(FieldOf(R"({"then":{}})"), "then");
  EXPECT_EQ(FieldOf(R"({"enabled":1,"then":[{"do":"redirect","url":"/"}]})"), "enabled");
  EXPECT_EQ(FieldOf(R"({"priority":1001,"then":[{"do":"redirect","url":"/"}]})"), "priority");
  EXPECT_EQ(FieldOf(R"({"title":7,"then":[{"do":"redirect","url":"/"}]})"), "title");
}

TEST(RuleJson, NamesWhatIsWrongInAnAction) {
  EXPECT_EQ(FieldOfAction("7"), "then[0]");
  EXPECT_EQ(FieldOfAction(R"({"do":"magic"})"), "then[0].do");
  EXPECT_EQ(FieldOfAction(R"({})"), "then[0].do");
  EXPECT_EQ(FieldOfAction(R"({"do":"pin"})"), "then[0]");
  EXPECT_EQ(FieldOfAction(R"({"do":"pin","product_ids":["a"],"list":"b"})"), "then[0]") << "one of them";
  EXPECT_EQ(FieldOfAction(R"({"do":"pin","product_ids":["a",""]})"), "then[0].product_ids[1]");
  EXPECT_EQ(FieldOfAction(R"({"do":"pin","product_ids":["a"],"position":300})"), "then[0].position");
  EXPECT_EQ(FieldOfAction(R"({"do":"list","list":"No list"})"), "then[0].list");
  EXPECT_EQ(FieldOfAction(R"({"do":"boost","product_ids":["a"],"factor":0.5})"), "then[0].factor");
  EXPECT_EQ(FieldOfAction(R"({"do":"bury","product_ids":["a"],"factor":2})"), "then[0].factor");
  EXPECT_EQ(FieldOfAction(R"({"do":"filter","filter":"prize < 3"})"), "then[0].filter");
  EXPECT_EQ(FieldOfAction(R"({"do":"filter"})"), "then[0]");
  EXPECT_EQ(FieldOfAction(R"({"do":"include","filter":"price < 3"})"), "then[0]") << "by name only";
  EXPECT_EQ(FieldOfAction(R"({"do":"replace_query"})"), "then[0].query");
  EXPECT_EQ(FieldOfAction(R"j({"do":"redirect","url":"javascript:alert(1)"})j"), "then[0].url");
  EXPECT_EQ(FieldOfAction(R"({"do":"banner"})"), "then[0].banner");
  EXPECT_EQ(FieldOfAction(R"({"do":"banner","banner":{}})"), "then[0].banner");
  EXPECT_EQ(FieldOfAction(R"({"do":"banner","banner":{"title":"T","url":"x:y"}})"), "then[0].banner.url");
}

TEST(RuleJson, NamesWhatIsWrongInACondition) {
  EXPECT_EQ(FieldOfWhen("7"), "when");
  EXPECT_EQ(FieldOfWhen(R"({"touchpoints":["email"]})"), "when.touchpoints[0]");
  EXPECT_EQ(FieldOfWhen(R"({"touchpoints":["search","search"]})"), "when.touchpoints[1]");
  EXPECT_EQ(FieldOfWhen(R"({"query":{"exact":["--"]}})"), "when.query.exact[0]");
  EXPECT_EQ(FieldOfWhen(R"({"query":{"any":"yes"}})"), "when.query.any");
  EXPECT_EQ(FieldOfWhen(R"({"categories":["Home > "]})"), "when.categories[0]");
  EXPECT_EQ(FieldOfWhen(R"({"segment":"order > 2"})"), "when.segment");
  EXPECT_EQ(FieldOfWhen(R"({"placements":[7]})"), "when.placements[0]");
  EXPECT_EQ(FieldOfWhen(R"({"from":"tomorrow"})"), "when.from");
  EXPECT_EQ(FieldOfWhen(R"({"from":"2026-12-02","until":"2026-12-02"})"), "when.until");
}

TEST(RuleJson, ListsAreReadAndBounded) {
  const auto list = ParseCuratedList("top", R"({"title":"Top","product_ids":["p1","p2"]})");
  ASSERT_TRUE(list.ok());
  EXPECT_THAT(list->product_ids, ElementsAre("p1", "p2"));
  EXPECT_TRUE(ParseCuratedList("top", "{}").ok()) << "an empty list may be filled later";
  std::string many = R"({"product_ids":["p0")";
  for (size_t i = 1; i <= kListProductsMax; ++i) many += ",\"p" + std::to_string(i) + "\"";
  EXPECT_EQ(ParseCuratedList("top", many + "]}").status().field(), "product_ids");
}

TEST(RuleJson, DraftsNameTheDocumentAtFault) {
  const auto read = [](const std::string& json) {
    simdjson::dom::parser parser;
    return ReadRuleDraft(parser.parse(json).get_object().value(), "preview");
  };
  const auto draft = read(R"({"rules":[{"id":"a","then":[{"do":"redirect","url":"/"}]}],
                              "lists":[{"id":"l","product_ids":["p"]}]})");
  ASSERT_TRUE(draft.ok());
  EXPECT_EQ(draft->rules[0].id, "a");
  EXPECT_EQ(draft->lists[0].id, "l");
  EXPECT_EQ(read(R"({"rules":[{"id":"a"}]})").status().field(), "preview.rules[0].then");
  EXPECT_EQ(read(R"({"rules":[{"then":[]}]})").status().field(), "preview.rules[0].id");
  EXPECT_EQ(read(R"({"lists":7})").status().field(), "preview.lists");
}

TEST(RuleJson, WarnsOfWhatIsNotThere) {
  ShopForTests shop;
  shop.Add("p1");
  const auto catalog = shop.Catalog();
  const auto rule =
      ParseRule("r", R"({"then":[{"do":"pin","product_ids":["p1","p9"]},{"do":"list","list":"top"}]})");
  const RuleSet empty;
  EXPECT_THAT(WarningsOf(rule.value(), empty, *catalog),
              ElementsAre(RuleWarning{"then[0].product_ids[1]", "not in the catalogue: p9"},
                          RuleWarning{"then[1].list", "no such list: top"}));
  const auto list = ParseCuratedList("top", R"({"product_ids":["p8","p1"]})").value();
  EXPECT_THAT(WarningsOf(list, *catalog),
              ElementsAre(RuleWarning{"product_ids[0]", "not in the catalogue: p8"}));
  const auto with_list = empty.PutList(list).value();
  const auto known = ParseRule("r", R"({"then":[{"do":"list","list":"top"}]})");
  EXPECT_THAT(WarningsOf(known.value(), *with_list, *catalog), IsEmpty());
}

}  // namespace
}  // namespace attune::decisions
