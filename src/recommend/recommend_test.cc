// The recommendation touchpoint: bodies in, answers out, consent, audiences, and records that replay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/random.h"
#include "decisions/decide.h"
#include "decisions/request_fields.h"
#include "decisions/shop_for_tests.h"
#include "recommend/answer_json.h"
#include "recommend/recommender.h"
#include "recommend/request_json.h"

namespace attune::recommend {
namespace {

using decisions::DecisionRequest;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(RequestJsonTest, ReadsEveryField) {
  const Result<DecisionRequest> read = ParseRecommendationRequest(R"({
    "placement":"product_similar","shopper":{"anonymous_id":"a1","customer_id":"c1"},
    "context":{"product_ids":["p1",{"product_id":"p2"}],"cart":["p3"],"category":"Home > Lighting",
      "brand":"Lumo",
      "query":"lamp","page":{"url":"https://shop/x"},"market":"DE","locale":"de","location":"berlin","price_list":"b2b",
      "country":"DE","time_zone":"Europe/Berlin","device":"mobile","referrer":"https://r","campaign":"spring"},
    "limit":12,"filter":"price < 50","exclude":["p9"],"explain":true,"consent":{"personalization":false},
    "someday":{"new":[1]}})");
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->placement, "product_similar");
  EXPECT_EQ(read->anonymous_id, "a1");
  EXPECT_EQ(read->customer_id, "c1");
  EXPECT_THAT(read->context.product_ids, ElementsAre("p1", "p2"));
  EXPECT_THAT(read->context.cart, ElementsAre("p3"));
  EXPECT_THAT(read->context.category, ElementsAre("Home", "Lighting"));
  EXPECT_EQ(read->context.page, "https://shop/x");
  EXPECT_EQ(read->context.price_list, "b2b");
  EXPECT_EQ(read->context.campaign, "spring");
  EXPECT_EQ(read->limit, 12u);
  EXPECT_EQ(read->filter, "price < 50");
  EXPECT_THAT(read->exclude, ElementsAre("p9"));
  EXPECT_TRUE(read->explain);
  EXPECT_EQ(read->personalization_consent, std::optional<bool>(false));
  const Result<DecisionRequest> nulls = ParseRecommendationRequest(
      R"({"placement":"x","shopper":null,"context":{"category":null,"cart":null},"limit":null,"explain":null})");
  ASSERT_TRUE(nulls.ok());
  EXPECT_EQ(nulls->limit, 0u);
}

TEST(RequestJsonTest, WrongFieldsAreNamed) {
  const auto field_of = [](const std::string& rest) {
    const Status status = ParseRecommendationRequest(R"({"placement":"x",)" + rest + "}").status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << rest;
    return status.field();
  };
  EXPECT_EQ(ParseRecommendationRequest("{}").status().field(), "placement");
  EXPECT_EQ(ParseRecommendationRequest(R"({"placement":5})").status().field(), "placement");
  EXPECT_EQ(field_of(R"("shopper":"a1")"), "shopper");
  EXPECT_EQ(field_of(R"("shopper":{"anonymous_id":7})"), "shopper.anonymous_id");
  EXPECT_EQ(field_of(R"("context":{"product_ids":["a",7]})"), "context.product_ids[1]");
  EXPECT_EQ(field_of(R"("context":{"product_ids":["a",{}]})"), "context.product_ids[1]");
  EXPECT_EQ(field_of(R"("context":{"product_ids":"a"})"), "context.product_ids");
  EXPECT_EQ(field_of(R"("context":{"cart":[""]})"), "context.cart[0]");
  EXPECT_EQ(field_of(R"("context":{"category":["a",null]})"), "context.category[1]");
  EXPECT_EQ(field_of(R"("context":{"market":["DE"]})"), "context.market");
  EXPECT_EQ(field_of("\"context\":{\"market\":\"D\\u0000\"}"), "context.market");
  EXPECT_EQ(field_of(R"("context":{"brand":")" + std::string(600, 'x') + R"("})"), "context.brand");
  EXPECT_EQ(field_of(R"("limit":0)"), "limit");
  EXPECT_EQ(field_of(R"("limit":1e3)"), "limit");
  EXPECT_EQ(field_of(R"("limit":99999999999999999999)"), "")
      << "such a number is no JSON number to the parser";
  EXPECT_EQ(field_of(R"("filter":{})"), "filter");
  EXPECT_EQ(field_of(R"("explain":"yes")"), "explain");
  EXPECT_EQ(field_of(R"("continue":"XYZ")"), "continue");
  EXPECT_EQ(field_of(R"("continue":5)"), "continue");
  EXPECT_EQ(field_of(R"("consent":{"personalization":1})"), "consent.personalization");
  std::string many = R"("exclude":["p")";
  for (int i = 0; i < 200; ++i) many += R"(,"p")";
  EXPECT_EQ(field_of(many + "]"), "exclude");
  EXPECT_EQ(ParseRecommendationRequest("").status().message(), "the body is not JSON");
  EXPECT_EQ(ParseRecommendationRequest("[1]").status().message(), "the body is not a JSON object");
  EXPECT_EQ(ParseRecommendationRequest(std::string(10'000, '[')).status().message(), "the body is not JSON");
  EXPECT_THAT(
      ParseRecommendationRequest(std::string(decisions::kRequestBytesMax + 1, ' ')).status().message(),
      HasSubstr("larger than"));
}

TEST(RequestJsonTest, MutatedBodiesNeverCrash) {
  Random random(4);
  const std::string seed =
      R"({"placement":"home_for_you","shopper":{"anonymous_id":"a"},"context":{"product_ids":["p1"],"category":)"
      R"(["Home"]},"limit":5,"filter":"price < 5","exclude":["x"],"consent":{"personalization":true}})";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string body = seed;
    for (uint64_t change = 0; change <= random.NextBelow(4); ++change) {
      body[random.NextBelow(body.size())] = static_cast<char>(random.Next());
    }
    accepted += ParseRecommendationRequest(body).ok() ? 1 : 0;
  }
  EXPECT_GT(accepted, 100);
}

// Knows one shopper, "a1"; counts how often it is asked.
class OneShopper final : public decisions::ProfileReader {
 public:
  Result<decisions::ProfileReading> Read(std::string_view anonymous_id, std::string_view,
                                         const decisions::ProfileMoment&) const override {
    ++reads;
    if (fails) return Unavailable("disk");
    if (anonymous_id != "a1") return decisions::ProfileReading{};
    return reading;
  }

  decisions::ProfileReading reading;
  bool fails = false;
  mutable int reads = 0;
};

// Finds what is not written yet: nothing is, here.
class WaitingDecisions final : public decisions::DecisionReader {
 public:
  explicit WaitingDecisions(const decisions::DecisionLog* log) : log_(log) {}
  Result<std::optional<decisions::DecisionRecord>> Find(const DecisionId& id) const override {
    const auto bytes = log_->FindWaiting(id);
    if (!bytes) return std::optional<decisions::DecisionRecord>();
    ASSIGN_OR_RETURN(decisions::DecisionRecord record, decisions::DecodeDecisionRecord(id, *bytes));
    return std::optional<decisions::DecisionRecord>(std::move(record));
  }

 private:
  const decisions::DecisionLog* const log_;
};

class RecommenderTest : public testing::Test {
 protected:
  RecommenderTest() {
    lamp = shop.Add("lamp", {"Home", "Lighting"}, "Lumo", 2490);
    shelf = shop.Add("shelf", {"Home"}, "Oakly", 8900);
    shop.At(lamp).cost_minor = 901;
    shop.At(lamp).stock = 4321;
    shop.Source("trending", {shelf, lamp});
    shopper.reading.handles = {ShopperHandle(77)};
    shopper.reading.sequence = Sequence(90);
    shopper.reading.profile.recent.push_back(
        {lamp, events::EventType::kProductViewed, decisions::kTestNowMs - 5, 1});
  }
  std::unique_ptr<const Recommendation> Recommend(const std::string& body) {
    views =
        std::make_unique<Published<decisions::StoreView>>(std::make_shared<decisions::StoreView>(shop.view));
    catalogs = std::make_unique<Published<catalog::CatalogView>>(shop.Catalog());
    const WaitingDecisions decisions(&log);
    const Recommender recommender(
        {views.get(), catalogs.get(), &shopper, &decisions, &log, &clock, &random, 3});
    auto made = recommender.Recommend(ParseRecommendationRequest(body).value());
    last_status = made.status();
    return made.ok() ? std::move(made).value() : nullptr;
  }
  static std::string Answer(const Recommendation& made, bool explain, const AnswerAudience& audience) {
    JsonWriter json;
    WriteRecommendation(json, made, explain, 250, audience);
    std::string text = json.TakeText();
    simdjson::dom::parser parser;
    EXPECT_EQ(parser.parse(text).error(), simdjson::SUCCESS) << text;
    return text;
  }

  decisions::ShopForTests shop;
  ProductIndex lamp, shelf;
  OneShopper shopper;
  VirtualClock clock{decisions::kTestNowMs};
  SeededRandomSource random{5};
  decisions::DecisionLog log{[](const storage::WriteBatch&) { return Status(); }};
  std::unique_ptr<Published<decisions::StoreView>> views;
  std::unique_ptr<Published<catalog::CatalogView>> catalogs;
  Status last_status;
};

constexpr const char* kRecent =
    R"({"placement":"recently_viewed","shopper":{"anonymous_id":"a1"},"limit":1})";

TEST_F(RecommenderTest, ReadsTheProfileAndRecordsTheHandle) {
  const auto made = Recommend(kRecent);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->decision.products[0].product_id, "lamp");
  EXPECT_TRUE(made->decision.is_personalized);
  EXPECT_EQ(made->decision.id.time_ms(), decisions::kTestNowMs);
  EXPECT_EQ(made->decision.id.store_tag(), 3);
  const auto bytes = log.FindWaiting(made->decision.id);
  ASSERT_TRUE(bytes.has_value());
  const auto record = decisions::DecodeDecisionRecord(made->decision.id, *bytes);
  ASSERT_TRUE(record.ok());
  EXPECT_THAT(record->handles, ElementsAre(ShopperHandle(77)));
  EXPECT_EQ(record->profile_sequence, Sequence(90));
  const auto replay =
      decisions::ReplayDecision(*record, {*made->view, &shopper.reading.profile, *made->catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
}

TEST_F(RecommenderTest, RefusedConsentInTheRequestReadsNoProfileAtAll) {
  const auto made = Recommend(
      R"({"placement":"recently_viewed","shopper":{"anonymous_id":"a1"},"limit":1,"consent":{"personalization":false}})");
  EXPECT_EQ(shopper.reads, 0);
  EXPECT_FALSE(made->decision.is_personalized);
  EXPECT_NE(made->decision.products[0].source, "recently_viewed");
}

TEST_F(RecommenderTest, RefusedConsentOnRecordLeavesNoHandleAnywhere) {
  shopper.reading.profile.has_consent_record = true;
  shopper.reading.profile.consent.personalization = false;
  const auto made = Recommend(kRecent);
  EXPECT_FALSE(made->decision.is_personalized);
  EXPECT_TRUE(made->shopper.handles.empty());
  const auto record = decisions::DecodeDecisionRecord(made->decision.id, *log.FindWaiting(made->decision.id));
  EXPECT_TRUE(record->handles.empty());
  shop.view.settings.personalizes_by_default = false;
  shopper.reading.profile.has_consent_record = false;
  EXPECT_FALSE(Recommend(kRecent)->decision.is_personalized);
}

TEST_F(RecommenderTest, AnUnreadableProfileDegradesAndSaysSo) {
  shopper.fails = true;
  const auto made = Recommend(kRecent);
  ASSERT_NE(made, nullptr);
  EXPECT_THAT(made->decision.degraded, ElementsAre("shopper_unavailable"));
  EXPECT_FALSE(made->decision.products.empty());
}

TEST_F(RecommenderTest, WrongRequestsRecordNothing) {
  EXPECT_EQ(Recommend(R"({"placement":"nope"})"), nullptr);
  EXPECT_EQ(last_status.field(), "placement");
  EXPECT_EQ(Recommend(R"({"placement":"home_trending","filter":"x"})"), nullptr);
  EXPECT_EQ(last_status.field(), "filter");
  EXPECT_EQ(log.statistics().recorded, 0u);
}

TEST_F(RecommenderTest, ContinuingASlateRepeatsNothing) {
  const auto first = Recommend(kRecent);
  const auto continued = [&](const std::string& rest) {
    return Recommend(R"({"placement":"recently_viewed","limit":1,"continue":")" +
                     first->decision.id.ToString() + "\"" + rest + "}");
  };
  const auto second = continued(R"(,"shopper":{"anonymous_id":"a1"})");
  ASSERT_NE(second, nullptr) << last_status.message();
  EXPECT_NE(second->decision.products[0].product_id, first->decision.products[0].product_id);
  EXPECT_EQ(second->request.continues, first->decision.id);
  const auto record =
      decisions::DecodeDecisionRecord(second->decision.id, *log.FindWaiting(second->decision.id)).value();
  const auto replay =
      decisions::ReplayDecision(record, {*second->view, &shopper.reading.profile, *second->catalog}, nullptr);
  ASSERT_TRUE(replay.ok());
  EXPECT_TRUE(replay->is_same) << replay->difference;
  // Somebody else, nobody, and who has just refused.
  EXPECT_EQ(continued(R"(,"shopper":{"anonymous_id":"other"})"), nullptr);
  EXPECT_EQ(last_status.field(), "continue");
  EXPECT_EQ(continued(""), nullptr);
  EXPECT_NE(continued(R"(,"shopper":{"anonymous_id":"a1"},"consent":{"personalization":false})"), nullptr);
  shopper.reading.handles = {ShopperHandle(78)};
  EXPECT_EQ(continued(R"(,"shopper":{"anonymous_id":"a1"})"), nullptr);
}

TEST_F(RecommenderTest, UnknownDecisionsAndOtherPlacementsCannotBeContinued) {
  EXPECT_EQ(Recommend(R"({"placement":"home_trending","continue":"019b7689c4000001a4c1d5b0f2e39786"})"),
            nullptr);
  EXPECT_EQ(last_status.code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(last_status.field(), "continue");
  const auto first = Recommend(R"({"placement":"home_trending","limit":1})");
  EXPECT_EQ(Recommend(R"({"placement":"category_top","continue":")" + first->decision.id.ToString() + "\"}"),
            nullptr);
  EXPECT_THAT(last_status.message(), HasSubstr("home_trending"));
}

TEST_F(RecommenderTest, PropensitiesAreInTheExplanationOfWhatExplores) {
  decisions::Placement placement = shop.Get("home_trending");
  placement.exploration.epsilon = 0.5;
  shop.Put(placement);
  const auto made = Recommend(R"({"placement":"home_trending","limit":1,"explain":true})");
  EXPECT_THAT(Answer(*made, true, {catalog::Audience::kSecret, true}),
              HasSubstr(R"("propensity":0.5,"explored":)"));
  EXPECT_THAT(Answer(*made, true, {catalog::Audience::kPublic, false}), Not(HasSubstr("propensity")));
}

TEST_F(RecommenderTest, UnknownProductsOfThePageAreNamed) {
  const auto made = Recommend(R"({"placement":"product_similar","context":{"product_ids":["lamp","gone"]}})");
  EXPECT_THAT(made->decision.notice, HasSubstr("not in the catalogue: gone"));
}

TEST_F(RecommenderTest, PublicAnswersHoldNoCostStockOrReasons) {
  const auto made = Recommend(R"({"placement":"home_trending","explain":true,"limit":2})");
  const std::string open = Answer(*made, true, {catalog::Audience::kPublic, false});
  for (const char* secret : {"cost", "9.01", "4321", "reason", "explanation", "margin"}) {
    EXPECT_THAT(open, Not(HasSubstr(secret)));
  }
  const std::string own = Answer(*made, true, {catalog::Audience::kSecret, true});
  EXPECT_THAT(own, HasSubstr(R"("reason":"Trending now")"));
  EXPECT_THAT(own, HasSubstr(R"("explanation":[{"source":"trending","rank":0,)"));
  EXPECT_THAT(own, HasSubstr("4321"));
  EXPECT_THAT(Answer(*made, false, {catalog::Audience::kSecret, true}), Not(HasSubstr("explanation")));
}

TEST_F(RecommenderTest, AnAnswerHasTheShapeOfTheApi) {
  shop.At(shelf).price.sale_price_minor = 7900;
  const auto made = Recommend(R"({"placement":"home_trending","limit":1})");
  const std::string text = Answer(*made, false, {});
  const std::string head =
      R"({"decision_id":")" + made->decision.id.ToString() +
      R"(","placement":"home_trending","products":[{"product_id":"shelf","position":0,"score":1,)"
      R"("source":"trending","offer":{"title":"Title of shelf","price":"79.00","list_price":"89.00",)"
      R"("currency":"EUR"},"product":{)";
  EXPECT_EQ(text.substr(0, head.size()), head);
  EXPECT_THAT(
      text,
      HasSubstr(R"(}],"fallback":null,"experiment":null,"degraded":[],"notice":null,"personalized":false,)"
                R"("took_ms":0.25})"));
}

TEST_F(RecommenderTest, APreviewIsOfADraftAndLeavesNoRecord) {
  const auto made = Recommend(
      R"({"placement":"home_trending","limit":2,"preview":{"at":"2026-12-24T18:00:00Z","rules":[{"id":"draft",
          "when":{"from":"2026-12-01"},"then":[{"do":"pin","product_ids":["lamp","sofa"]},
          {"do":"redirect","url":"/sale"},{"do":"banner","banner":{"title":"Sale"}}]}]}})");
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(decisions::IdsOf(made->decision), (std::vector<std::string>{"lamp", "shelf"}));
  EXPECT_EQ(log.statistics().recorded, 0U);
  const std::string shown = Answer(*made, true, {});
  EXPECT_THAT(shown, HasSubstr(R"("redirect":{"url":"/sale"},"banners":[{"title":"Sale"}],"fallback":null)"));
  EXPECT_THAT(shown, HasSubstr(R"("personalized":false,"preview":true)"));
  EXPECT_THAT(shown, Not(HasSubstr("\"rules\"")));
  const std::string explained = Answer(*made, true, {catalog::Audience::kSecret, true});
  EXPECT_THAT(explained, HasSubstr(R"("rules":[{"rule":"draft","did":"pinned"}])"));
  EXPECT_THAT(explained, HasSubstr(R"("rules":{"applied":["draft"],"passed_over":[{"product_id":"sofa",)"
                                   R"("rule":"draft","filter":"unknown_product"}]})"));
  EXPECT_EQ(Recommend(R"({"placement":"home_trending"})")->decision.products[0].product_id, "shelf");
}

TEST_F(RecommenderTest, ADecisionExplainsItselfAndWhyAProductIsMissing) {
  const auto made = Recommend(R"({"placement":"home_trending","limit":1,"filter":"price < 500"})");
  const auto record =
      decisions::DecodeDecisionRecord(made->decision.id, *log.FindWaiting(made->decision.id)).value();
  decisions::DecisionTrace trace;
  const auto replay =
      decisions::ReplayDecision(record, {*made->view, nullptr, *made->catalog}, &trace).value();
  const decisions::DecideInput input = made->input();
  const decisions::WhyNot why = decisions::ExplainWhyNot(input, lamp).value();
  JsonWriter json;
  WriteDecision(json, {record, *made->catalog, &replay, &input, &trace, &why, "lamp"});
  const std::string text = json.TakeText();
  EXPECT_THAT(text, HasSubstr(R"("made_at":"2026-02-02T02:40:00.000Z")"));
  EXPECT_THAT(
      text,
      HasSubstr(R"("replayable":true,"explained_by":"replay","replay":{"is_same":true,"difference":null})"));
  EXPECT_THAT(text, HasSubstr(R"("reason":"Trending now")"));
  EXPECT_THAT(text, HasSubstr(R"("filter":"price < 500")"));
  EXPECT_THAT(text,
              HasSubstr(R"("why_not":{"product_id":"lamp","outcome":"ranked_below","rank":1,"sentence":)"));
  JsonWriter bare;
  WriteDecision(bare, {record, *made->catalog, nullptr, nullptr, nullptr, nullptr, {}});
  EXPECT_THAT(bare.TakeText(), HasSubstr(R"("replayable":false,"explained_by":"record"})"));
}

}  // namespace
}  // namespace attune::recommend
