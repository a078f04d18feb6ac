// Rules and lists of a running store: kept, versioned, told of what is wrong, previewed without a trace, and
// forecast as they then turn out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "decisions/limits.h"
#include "server/store_for_tests.h"

namespace attune::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> TextsOf(const simdjson::dom::element& array) {
  std::vector<std::string> texts;
  for (const simdjson::dom::element text : simdjson::dom::array(array)) {
    texts.emplace_back(std::string_view(text));
  }
  return texts;
}

class StoreRulesTest : public StoreTest {
 protected:
  Result<http::Answer> Write(const std::string& kind, const std::string& id, const std::string& json,
                             http::Precondition precondition = {}) {
    return Wait([&](http::Done done) {
      store_->WriteSetting(kind, id, json, std::move(precondition), Secret(), std::move(done));
    });
  }
  void Rule(const std::string& id, const std::string& json) {
    const auto answer = Write("rules", id, json);
    ASSERT_TRUE(answer.ok()) << answer.status().message();
  }
  std::string Read(const std::string& kind, const std::string& id) {
    const auto answer =
        Wait([&](http::Done done) { store_->ReadSetting(kind, id, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  }
  std::string List(const std::string& kind) {
    return Wait([&](http::Done done) { store_->ListSettings(kind, Secret(), std::move(done)); })->body;
  }
  std::string Conflicts() {
    return Wait([&](http::Done done) { store_->GetRuleConflicts(Secret(), std::move(done)); })->body;
  }
  Result<http::Answer> DryRun(const std::string& body) {
    return Wait([&](http::Done done) { store_->DryRunRules(body, Secret(), std::move(done)); });
  }
  std::string Search(const std::string& body) {
    const auto answer = Wait([&](http::Done done) { store_->Search(body, Secret(), std::move(done)); });
    return answer.ok() ? answer->body : answer.status().message();
  }
  // Ids of the slate, or of the hits of a query.
  std::vector<std::string> Slate(const std::string& body) {
    simdjson::dom::parser parser;
    const bool is_search = body.find("\"query\"") != std::string::npos;
    const std::string answer = is_search ? Search(body) : Recommend(body);
    std::vector<std::string> ids;
    simdjson::dom::array products;
    if (parser.parse(answer)[is_search ? "hits" : "products"].get(products) != simdjson::SUCCESS) {
      return {answer};
    }
    for (const simdjson::dom::element product : products) {
      ids.emplace_back(std::string_view(product["product_id"]));
    }
    return ids;
  }
};

constexpr const char* kPinP3 = R"({"then":[{"do":"pin","product_ids":["p3"],"position":0}]})";
constexpr const char* kTrending = R"({"placement":"home_trending","limit":3})";

TEST_F(StoreRulesTest, RulesAndListsAreKeptOverARestart) {
  Fill(6);
  Rule("first", kPinP3);
  ASSERT_TRUE(Write("lists", "top", R"({"title":"Top","product_ids":["p1","p2"]})").ok());
  Rule("first", R"({"title":"Again","priority":3,"then":[{"do":"list","list":"top"}]})");
  EXPECT_THAT(Slate(kTrending), ElementsAre("p1", "p2", "p5"));
  for (const bool is_saved : {false, true}) {
    if (is_saved) {
      ASSERT_TRUE(store_->SaveSnapshot().ok());
    }
    Open();
    EXPECT_THAT(Slate(kTrending), ElementsAre("p1", "p2", "p5")) << is_saved;
    EXPECT_THAT(Read("rules", "first"), HasSubstr(R"("version":2)"));
    EXPECT_THAT(List("rules"), HasSubstr(R"("title":"Again","enabled":true,"priority":3,"does":["list"])"));
    EXPECT_THAT(List("lists"), HasSubstr(R"("id":"top","title":"Top","product_count":2,"version":1)"));
  }
  const auto deleted =
      Wait([&](http::Done done) { store_->DeleteSetting("rules", "first", {}, Secret(), std::move(done)); });
  EXPECT_EQ(deleted->status, 204);
  EXPECT_THAT(Slate(kTrending), ElementsAre("p5", "p4", "p3"));
  Open();
  EXPECT_THAT(Slate(kTrending), ElementsAre("p5", "p4", "p3"));
  EXPECT_THAT(List("rules"), R"({"rules":[]})");
}

TEST_F(StoreRulesTest, ProductsThatAreNotThereAreTakenAndToldOf) {
  Fill(2);
  const auto answer = Write("rules", "r", R"({"then":[{"do":"pin","product_ids":["p1","p9"]}]})");
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, R"({"version":1,"warnings":[{"field":"then[0].product_ids[1]",)"
                          R"("message":"not in the catalogue: p9"}]})");
  const auto wrong = Write("rules", "r", R"({"then":[{"do":"boost","product_ids":["p1"],"factor":-1}]})");
  EXPECT_EQ(wrong.status().field(), "then[0].factor");
  EXPECT_EQ(Write("magic", "r", "{}").status().code(), StatusCode::kNotFound);
}

TEST_F(StoreRulesTest, AWriteHoldsItsPrecondition) {
  Rule("r", kPinP3);
  const http::Precondition old{http::Precondition::Kind::kMatches, {"7"}};
  EXPECT_EQ(Write("rules", "r", kPinP3, old).status().code(), StatusCode::kConflict);
  const http::Precondition current{http::Precondition::Kind::kMatches, {"1"}};
  EXPECT_EQ(Write("rules", "r", kPinP3, current)->etag, "2");
}

TEST_F(StoreRulesTest, OneTooManyIsRefusedAndTheStoreOpensAgain) {
  for (size_t i = 0; i < decisions::kListsMax; ++i) {
    ASSERT_TRUE(Write("lists", "l" + std::to_string(i), "{}").ok());
  }
  EXPECT_EQ(Write("lists", "more", "{}").status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(Write("lists", "l0", R"({"title":"Changed"})").ok());
  Open();
  EXPECT_FALSE(store_->needs_reopen());
  const auto deleted =
      Wait([&](http::Done done) { store_->DeleteSetting("lists", "l0", {}, Secret(), std::move(done)); });
  EXPECT_TRUE(deleted.ok());
  EXPECT_TRUE(Write("lists", "more", "{}").ok());
}

TEST_F(StoreRulesTest, AnOwnPlacementTooManyIsRefusedAsWell) {
  const size_t own_max = decisions::kPlacementsMax - decisions::BuiltInPlacements().size();
  const std::string json = R"({"based_on":"home_trending"})";
  for (size_t i = 0; i < own_max; ++i) {
    ASSERT_TRUE(Write("placements", "p" + std::to_string(i), json).ok()) << i;
  }
  EXPECT_EQ(Write("placements", "more", json).status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(Write("placements", "home_trending", "{}").ok()) << "a built-in one may always be changed";
  Open();
  EXPECT_FALSE(store_->needs_reopen());
}

TEST_F(StoreRulesTest, APreviewChangesNothingAndLeavesNoRecord) {
  Fill(6);
  Rule("pin", kPinP3);
  const std::string preview =
      R"({"placement":"home_trending","limit":3,"explain":true,"preview":{"rules":[)"
      R"({"id":"pin","enabled":false,"then":[{"do":"redirect","url":"/"}]},)"
      R"({"id":"later","when":{"from":"2030-01-01"},"then":[{"do":"pin","product_ids":["p0"]}]}])";
  EXPECT_THAT(Slate(preview + "}}"), ElementsAre("p5", "p4", "p3"));
  EXPECT_THAT(Slate(preview + R"(,"at":"2030-06-01T00:00:00Z"}})"), ElementsAre("p0", "p5", "p4"));
  const std::string answer = Recommend(preview + "}}");
  EXPECT_THAT(answer, HasSubstr(R"("preview":true)"));
  EXPECT_THAT(Slate(kTrending), ElementsAre("p3", "p5", "p4"));
  EXPECT_EQ(store_->decision_statistics().recorded, 1U);
  EXPECT_THAT(Recommend(R"({"placement":"home_trending","preview":{"rules":[{"id":"a","then":[{}]}]}})"),
              HasSubstr("expected pin"));
  http::Caller browser = Secret();
  browser.is_public = true;
  const auto refused =
      Wait([&](http::Done done) { store_->Recommend(preview + "}}", browser, std::move(done)); });
  EXPECT_EQ(refused.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.status().field(), "preview");
}

TEST_F(StoreRulesTest, APreviewOfASearchChangesNothingAndLeavesNoRecord) {
  Fill(4);
  const std::string preview = R"({"query":"product","limit":2,"preview":{"rules":[)"
                              R"({"id":"pin","when":{"from":"2030-01-01"},)"
                              R"("then":[{"do":"pin","product_ids":["p3"]},{"do":"redirect","url":"/"}]}])";
  const std::string answer = Search(preview + R"(,"at":"2030-06-01T00:00:00Z"}})");
  EXPECT_THAT(answer, HasSubstr(R"("redirect":{"url":"/"},"hits":[{"product_id":"p3","position":0)"));
  EXPECT_THAT(answer, HasSubstr(R"("preview":true)"));
  EXPECT_THAT(Search(preview + "}}"), testing::Not(HasSubstr("redirect")));
  EXPECT_EQ(store_->decision_statistics().recorded, 0U);
  http::Caller browser = Secret();
  browser.is_public = true;
  const auto refused =
      Wait([&](http::Done done) { store_->Search(preview + "}}", browser, std::move(done)); });
  EXPECT_EQ(refused.status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(refused.status().field(), "preview");
}

// A rule for a segment holds in a search that is not personal, and its record replays.
TEST_F(StoreRulesTest, ARuleOfASearchExplainsItselfAndReplays) {
  Fill(4);
  for (int i = 0; i < 3; ++i) Events(View("s", i));
  Rule("fans", R"({"when":{"segment":"views >= 3","touchpoints":["search"]},)"
               R"("then":[{"do":"pin","product_ids":["p3"]},{"do":"hide","product_ids":["p0"]}]})");
  const std::string mine =
      R"({"query":"product","personalize":0,"explain":true,"shopper":{"anonymous_id":"s"}})";
  const std::string answer = Search(mine);
  EXPECT_THAT(answer, HasSubstr(R"("rules":[{"rule":"fans","did":"pinned"}])"));
  EXPECT_THAT(answer, HasSubstr(R"("rules":{"applied":["fans"],"passed_over":[]})"));
  EXPECT_THAT(Slate(R"({"query":"product","personalize":0})").size(), 4U);
  simdjson::dom::parser parser;
  const std::string id(std::string_view(parser.parse(answer)["decision_id"]));
  const auto why = Wait([&](http::Done done) { store_->GetDecision(id, "p0", Secret(), std::move(done)); });
  ASSERT_TRUE(why.ok()) << why.status().message();
  EXPECT_THAT(why->body, HasSubstr(R"("rules":["fans"])"));
  EXPECT_THAT(why->body, HasSubstr(R"("is_same":true)"));
  EXPECT_THAT(why->body, HasSubstr(R"("filter":"hidden_by_rule")"));
  EXPECT_THAT(why->body, HasSubstr(R"("rule":"fans")"));
}

TEST_F(StoreRulesTest, ConflictsAreTold) {
  Fill(4);
  EXPECT_EQ(Conflicts(), R"({"conflicts":[],"complete":true})");
  Rule("pin", kPinP3);
  Rule("hide", R"({"then":[{"do":"hide","filter":"category: \"Chairs\""}]})");
  EXPECT_EQ(Conflicts(),
            R"({"conflicts":[{"kind":"hidden_and_shown","rules":["hide","pin"],"product_ids":["p3"],)"
            R"("sentence":"hide hides what pin shows; it stays hidden"}],"complete":true})");
}

// The requests of some shoppers with different pasts, at different placements.
std::vector<std::string> Requests() {
  std::vector<std::string> requests;
  for (int shopper = 0; shopper < 5; ++shopper) {
    const std::string id = "s" + std::to_string(shopper);
    requests.push_back(R"({"placement":"home_trending","limit":4,"shopper":{"anonymous_id":")" + id + "\"}}");
    requests.push_back(R"({"placement":"category_top","limit":4,"context":{"category":["Lamps"]},)"
                       R"("shopper":{"anonymous_id":")" +
                       id + "\"}}");
    requests.push_back(R"({"placement":"recently_viewed","limit":2,"shopper":{"anonymous_id":")" + id +
                       "\"}}");
    requests.push_back(R"({"query":"product","limit":3,"personalize":0,"shopper":{"anonymous_id":")" + id +
                       "\"}}");
    requests.push_back(R"({"query":"","limit":3,"page":1,"context":{"category":["Lamps"]},)"
                       R"("shopper":{"anonymous_id":")" +
                       id + "\"}}");
  }
  return requests;
}

TEST_F(StoreRulesTest, TheForecastOfADryRunIsWhatThenHappens) {
  Fill(12);
  for (int shopper = 0; shopper < 5; ++shopper) {
    for (int product = 0; product <= shopper; ++product) Events(View("s" + std::to_string(shopper), product));
  }
  Rule("old", R"({"when":{"placements":["category_*"]},"then":[{"do":"pin","product_ids":["p3"]}]})");
  std::map<std::string, std::vector<std::string>> before;
  for (const std::string& request : Requests()) before[request] = Slate(request);
  ASSERT_TRUE(store_->FlushDecisions().ok());
  const std::string rules[] = {
      R"({"id":"old","enabled":false,"then":[{"do":"redirect","url":"/"}]})",
      R"({"id":"lamps","when":{"categories":["Lamps"]},"then":[{"do":"pin","product_ids":["p0"],"position":1},)"
      R"({"do":"hide","product_ids":["p4"]}]})",
      R"({"id":"lookers","when":{"segment":"views >= 3","placements":["recently_*","home_*"]},)"
      R"("then":[{"do":"list","list":"top"},{"do":"filter","filter":"category: \"Chairs\""}]})",
      R"({"id":"finders","when":{"segment":"views >= 4","touchpoints":["search"]},)"
      R"("then":[{"do":"pin","product_ids":["p6"],"position":2}]})"};
  const std::string lists = R"([{"id":"top","product_ids":["p7","p99","p9"]}])";
  const auto answer = DryRun(R"({"last":1000,"rules":[)" + rules[0] + "," + rules[1] + "," + rules[2] + "," +
                             rules[3] + R"(],"lists":)" + lists + "}");
  ASSERT_TRUE(answer.ok()) << answer.status().message();

  ASSERT_TRUE(Write("lists", "top", R"({"product_ids":["p7","p99","p9"]})").ok());
  const char* const ids[] = {"old", "lamps", "lookers", "finders"};
  for (size_t i = 0; i < 4; ++i) Rule(ids[i], rules[i]);
  uint64_t changed = 0;
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> changes;
  for (const std::string& request : Requests()) {
    const std::vector<std::string> after = Slate(request);
    if (after == before[request]) continue;
    ++changed;
    changes.emplace_back(before[request], after);
  }
  simdjson::dom::parser parser;
  const simdjson::dom::element forecast = parser.parse(answer->body);
  EXPECT_EQ(uint64_t(forecast["decisions"]), Requests().size());
  EXPECT_EQ(uint64_t(forecast["changed"]), changed);
  EXPECT_GT(changed, 5U);
  EXPECT_LT(changed, Requests().size());
  std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> told;
  for (const simdjson::dom::element example : simdjson::dom::array(forecast["examples"])) {
    told.emplace_back(TextsOf(example["before"]), TextsOf(example["after"]));
  }
  EXPECT_THAT(told, testing::UnorderedElementsAreArray(changes));
  // With the rules that hold now nothing changes any more.
  ASSERT_TRUE(store_->FlushDecisions().ok());
  EXPECT_THAT(DryRun("{}")->body, HasSubstr(R"("changed":0,)"));
}

TEST_F(StoreRulesTest, ADryRunCountsWhatComesAndGoes) {
  Fill(5);
  for (int i = 0; i < 25; ++i) Events(View("s", 4));
  Events(R"({"type":"order_completed","anonymous_id":"s","order_id":"o1","products":[)"
         R"({"product_id":"p4","quantity":5,"price":10}]})");
  for (int i = 0; i < 4; ++i) Slate(kTrending);
  Maintain();
  ASSERT_TRUE(store_->FlushDecisions().ok());
  const std::string answer =
      DryRun(R"({"rules":[{"id":"recall","then":[{"do":"hide","product_ids":["p4"]}]}],"last":3})")->body;
  EXPECT_THAT(answer, HasSubstr(R"("decisions":3,"changed":3,"changed_share":1,"redirected":0,"failed":0)"));
  EXPECT_THAT(answer, HasSubstr(R"("before":6,"after":0,"changed_share":1,"known_share":0.3333)"));
  EXPECT_THAT(answer, HasSubstr(R"("rules":[{"rule":"recall","decisions":3}])"));
  EXPECT_THAT(answer, HasSubstr(R"({"product_id":"p4","gained":0,"lost":3})"));
  EXPECT_THAT(DryRun(R"({"since":"2030-01-01T00:00:00Z"})")->body, HasSubstr(R"("decisions":0)"));
  EXPECT_EQ(DryRun(R"({"last":0})").status().field(), "last");
  EXPECT_EQ(DryRun(R"({"rules":[{"id":"a"}]})").status().field(), "rules[0].then");
  EXPECT_EQ(DryRun("[]").status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace attune::server
