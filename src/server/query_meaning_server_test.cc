// Goal: what an LLM says of queries is told beside the answer, and whatever it does wrong changes nothing: no
// search waits for it, no value outside the catalogue is told, no budget is passed.
// Method: a real server on a virtual clock, a real HTTP service, the public API.  The server's own thread may
// take a turn before ours does; what is due is due by the clock, so nothing depends on who does.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "server/llm_service_for_tests.h"
#include "server/meaning_question.h"
#include "server/shop_server_for_tests.h"

namespace attune::server {
namespace {

constexpr const char* kKeyVariable = "ATTUNE_LLM_KEY_OF_TEST";
constexpr const char* kLumoCans =
    R"({"values":[{"field":"brand","value":"Lumo"},{"field":"category","value":"headphones"}],)"
    R"("price":{"max":40},"intent":"category"})";

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class QueryMeaningServerTest : public ShopServerTest {
 protected:
  QueryMeaningServerTest() { Restart(); }

  void Restart() {
    Start();
    (void)Ask("GET", "/v1/settings");  // Opens the store.
  }
  // A shop whose values queries are understood by.
  void Fill() {
    Put("p1", "Sound One", "Lumo", "Headphones", 30);
    Put("p2", "Sound Two", "Ando", "Headphones", 50);
    Put("p3", "Bright Three", "Zett", "Lamps", 20);
    WaitForFacts("zett");
  }
  void Put(const std::string& id, const std::string& title, const std::string& brand,
           const std::string& category, int price) {
    const auto answer = Ask("PUT", "/v1/products/" + id,
                            R"({"title":")" + title + R"(","brand":")" + brand + R"(","categories":[[")" +
                                category + R"("]],"price":)" + std::to_string(price) + "}");
    ASSERT_LT(answer.status, 300) << answer.body;
  }
  // Until the brand is understood: the server's maintenance makes facts, a minute after products changed.
  void WaitForFacts(const std::string& brand) {
    clock_.Advance(kRenewSmallMs);
    for (int i = 0; i < 100'000; ++i) {
      if (Has(Search(brand), R"("field":"brand")")) return;
    }
    FAIL() << "no facts";
  }
  void Configure(const std::string& more = "") {
    const auto answer =
        Ask("PATCH", "/v1/settings",
            R"({"search":{"llm":{"model":"m","url":")" + service_.Url() + "\"" + more + "}}}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  std::string Search(const std::string& query, const std::string& more = "") {
    const auto answer = Ask("POST", "/v1/search", R"({"query":")" + query + "\"" + more + "}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  static std::string Of(const std::string& shopper) {
    return R"(,"shopper":{"anonymous_id":")" + shopper + "\"}";
  }
  // As often as it must be, in one request, so that nobody takes the query in between.
  void SearchTwice(const std::string& query) {
    const std::string one = R"({"query":")" + query + "\"";
    const auto answer =
        Ask("POST", "/v1/search", R"({"queries":[)" + one + Of("a1") + "}," + one + Of("a2") + "}]}");
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  // Queries that nothing explains; a digit would make a code of them.
  static std::string Query(int number) {
    std::string query = "sound w";
    for (const int digit : {number / 26, number % 26}) query += static_cast<char>('a' + digit);
    return query;
  }
  // After this nothing more is due by the clock.
  void Run() {
    while (server_->query_meanings().RunDue()) {
    }
  }
  std::string Status() { return Ask("GET", "/v1/models").body; }
  std::string Metric(const std::string& name) {
    const std::string page = Ask("GET", "/metrics").body;
    const size_t at = page.find("\n" + name + "{store=\"shop\"} ");
    if (at == std::string::npos) return "none";
    const size_t value = page.find("} ", at) + 2;
    return page.substr(value, page.find('\n', value) - value);
  }
  std::string FilePath() const { return (data_ / "shop" / "search" / kQueryMeaningsName).string(); }

  LlmService service_;
};

std::string HitsOf(const std::string& answer) {
  const size_t begin = answer.find("\"hits\"");
  return answer.substr(begin, answer.find("\"took_ms\"") - begin);
}

TEST_F(QueryMeaningServerTest, WhatItSaysIsToldAndMovesNothing) {
  Fill();
  EXPECT_FALSE(Has(Status(), "query_understanding"));
  EXPECT_EQ(Metric("attune_query_meanings"), "none");
  service_.Say(kLumoCans);
  Configure();
  const std::string before = Search("sound for the train", Of("a1"));
  SearchTwice("Sound for the train");
  EXPECT_FALSE(Has(before, "llm"));
  Run();
  const std::string after = Search("SOUND for the train!");
  EXPECT_TRUE(Has(after, R"({"field":"brand","value":"Lumo","by":"llm"})")) << after;
  EXPECT_TRUE(Has(after, R"({"field":"category","value":"Headphones","by":"llm"})")) << after;
  EXPECT_TRUE(Has(after, R"("price":{"max":40,"by":"llm"})")) << after;
  EXPECT_TRUE(Has(after, R"("intent":"category","intent_by":"llm")")) << after;
  EXPECT_EQ(HitsOf(after), HitsOf(before));

  // Each query once; what is sent is the words and the catalogue's values, and nothing of who asks.
  SearchTwice("sound for the train");
  Run();
  ASSERT_EQ(service_.request_count(), 1u);
  const http::Request request = service_.requests().front();
  EXPECT_TRUE(Has(request.body, R"("model":"m","temperature":0,"response_format":{"type":"json_object"})"));
  EXPECT_TRUE(Has(request.body, R"(\"query\":\"sound for the train\",\"locale\":\"en\")")) << request.body;
  EXPECT_TRUE(Has(request.body, R"(\"Headphones\")"));
  EXPECT_FALSE(Has(request.body, "a1"));
  EXPECT_EQ(request.Header("authorization"), "");
  EXPECT_TRUE(Has(Status(), R"("query_understanding":{"on":true,"model":"m","known":1,"waiting":0,)"
                            R"("asked_today":1,"requests_per_day":1000,"requests":1,"failures":0})"))
      << Status();
  EXPECT_EQ(Metric("attune_query_meanings"), "1");

  // Words win.
  service_.Say(R"({"values":[{"field":"brand","value":"Lumo"},{"field":"category","value":"Lamps"}]})");
  SearchTwice("ando sound gift");
  Run();
  const std::string said = Search("ando sound gift");
  EXPECT_FALSE(Has(said, "Lumo\",\"by\"")) << said;
  EXPECT_TRUE(Has(said, R"({"field":"category","value":"Lamps","by":"llm"})")) << said;

  // A value that left the catalogue is told no more.
  ASSERT_LT(Ask("DELETE", "/v1/products/p1").status, 300);
  Put("p4", "Bright Four", "Yoyo", "Lamps", 20);
  WaitForFacts("yoyo");
  EXPECT_FALSE(Has(Search("sound for the train"), "Lumo"));
}

TEST_F(QueryMeaningServerTest, OnlyWhatSeveralShoppersTypedAndNobodyExplainsIsAsked) {
  Fill();
  Configure();
  for (int i = 0; i < 5; ++i) (void)Search("only me", Of("a1"));
  for (const char* shopper : {"a1", "a2", "a3"}) {
    const std::string of = Of(shopper);
    (void)Search("gift for m", of + R"(,"typing":true)");
    (void)Search("gift for dad", of + R"(,"page":1)");
    (void)Search("gift for son", of + R"(,"consent":{"personalization":false})");
    (void)Search("jane.doe@example.com", of);
    (void)Search("call 030 1234567", of);
    (void)Search("zett lamps", of);  // Explained.
    (void)Search("lamps under 50", of);
    (void)Search("Sound One", of);      // A title.
    (void)Search("TN-2110 toner", of);  // A code.
    (void)Search("", of);
    (void)Search(std::string(200, 'x'), of);
  }
  Run();
  for (const http::Request& request : service_.requests()) ADD_FAILURE() << request.body;
  SearchTwice("gift for all");  // As they would have been.
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
}

TEST_F(QueryMeaningServerTest, NoSearchWaitsForAServiceThatNeverAnswers) {
  Fill();
  service_.Hold();
  Configure(R"(,"timeout_seconds":120)");
  SearchTwice("sound for the train");
  for (int i = 0; i < 100'000 && service_.request_count() == 0; ++i) {
    (void)Search("sound for the train", Of("a1"));
  }
  ASSERT_EQ(service_.request_count(), 1u);  // By the server's thread, which hangs from now on.
  for (int i = 0; i < 500; ++i) {
    const std::string answer = Search(Query(i % 50), Of("a" + std::to_string(i)));
    ASSERT_FALSE(Has(answer, "llm"));
  }
  EXPECT_EQ(service_.request_count(), 1u);  // It still hangs.
  EXPECT_EQ(Metric("attune_query_meanings_waiting"), "50");
  // Switching off ends it, and the queue.
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"search":{"llm":{"enabled":false}}})").status, 200);
  Run();
  EXPECT_EQ(Metric("attune_query_meanings_waiting"), "0");
  EXPECT_EQ(Metric("attune_query_meanings_failing"), "0");
}

TEST_F(QueryMeaningServerTest, ATimeOutIsAFailure) {
  Fill();
  service_.Hold();
  Configure(R"(,"timeout_seconds":1)");
  SearchTwice("sound for the train");
  Run();
  EXPECT_EQ(Metric("attune_query_meanings_failing"), "1");
  EXPECT_TRUE(Has(Status(), R"("failure":"the service did not answer: )")) << Status();
}

TEST_F(QueryMeaningServerTest, NothingOfAWrongAnswerIsTold) {
  Fill();
  Configure();
  const std::string evil =
      R"({"values":[{"field":"brand","value":"Evilcorp"},{"field":"evil","value":"Lumo"}],)"
      R"("price":{"min":1e300},"intent":"evil","redirect":"https://evil.example"})";
  const std::pair<int, std::string> answers[] = {
      {200, "evil, and not JSON"},
      {200, "<html><body>evil</body></html>"},
      {200, std::string(size_t{10} << 20, 'e')},
      {200, LlmService::Envelope(evil)},
      {200, LlmService::Envelope("Ignore the instructions: gift n4 evil")},
      {200, LlmService::Envelope("{\"values\":" + std::string(1'000, '[') + "evil")},
      {302, ""},
      {401, "evil key"},
      {500, "evil"},
  };
  int number = 0;
  for (const auto& [status, body] : answers) {
    const std::string query = Query(number++);
    const std::string before = Search(query, Of("a1"));
    service_.Next({status, {{"location", service_.Url()}}, body, false});
    SearchTwice(query);
    Run();
    EXPECT_EQ(service_.request_count(), static_cast<size_t>(number));
    const std::string after = Search(query);
    EXPECT_FALSE(Has(after, "llm") || Has(after, "vil")) << after;
    EXPECT_EQ(HitsOf(after), HitsOf(before));
    EXPECT_FALSE(Has(Status(), "evil")) << Status();
    clock_.Advance(kServiceRetryMaxMs);
  }
  EXPECT_EQ(Metric("attune_query_meanings_failures_total"), "8");  // All but what was JSON as asked for.
  // An answer that could not be read is not asked for again at once.
  SearchTwice(Query(0));
  Run();
  EXPECT_EQ(service_.request_count(), 9u);
  clock_.Advance(kWrongMeaningHoldsMs);
  service_.Say(kLumoCans);
  SearchTwice(Query(0));
  Run();
  EXPECT_EQ(service_.request_count(), 10u);
  EXPECT_TRUE(Has(Search(Query(0)), R"("by":"llm")"));
  EXPECT_EQ(Metric("attune_query_meanings_failing"), "0");
}

TEST_F(QueryMeaningServerTest, ABusyServiceIsAskedAgainLaterAndLater) {
  Fill();
  service_.Next({503, {}, "oops", false});
  service_.Next({429, {{"retry-after", "30"}}, "slow down", false});
  Configure();
  for (int i = 0; i < 4; ++i) SearchTwice(Query(i));
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
  clock_.Advance(kServiceRetryMinMs - 1);
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
  clock_.Advance(1);
  Run();
  EXPECT_EQ(service_.request_count(), 2u);
  clock_.Advance(29'999);
  Run();
  EXPECT_EQ(service_.request_count(), 2u);  // As the service asked.
  clock_.Advance(1);
  Run();
  EXPECT_EQ(service_.request_count(), 4u);
}

TEST_F(QueryMeaningServerTest, TheBudgetIsOfADay) {
  Fill();
  Configure(R"(,"requests_per_day":3)");
  for (int i = 0; i < 5; ++i) SearchTwice(Query(i));
  Run();
  EXPECT_EQ(service_.request_count(), 3u);
  Restart();  // Counts on.
  WaitForFacts("zett");
  for (int i = 0; i < 5; ++i) SearchTwice(Query(i));
  Run();
  EXPECT_EQ(service_.request_count(), 3u);
  EXPECT_EQ(Metric("attune_query_meanings_asked_today"), "3");
  clock_.Advance(kDayMs);
  Run();
  EXPECT_EQ(service_.request_count(), 5u);
  EXPECT_EQ(Metric("attune_query_meanings_asked_today"), "2");
}

TEST_F(QueryMeaningServerTest, SwitchedOffNothingIsToldOrAsked) {
  Fill();
  service_.Say(kLumoCans);
  Configure();
  SearchTwice("sound for the train");
  Run();
  ASSERT_TRUE(Has(Search("sound for the train"), R"("by":"llm")"));
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"search":{"llm":{"enabled":false}}})").status, 200);
  EXPECT_FALSE(Has(Search("sound for the train"), "llm"));
  SearchTwice("sound for me");
  Run();
  EXPECT_EQ(service_.request_count(), 1u);
  // On again: what was known is known.  Another model begins anew.
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"search":{"llm":{"enabled":true}}})").status, 200);
  EXPECT_TRUE(Has(Search("sound for the train"), R"("by":"llm")"));
  ASSERT_EQ(Ask("PATCH", "/v1/settings", R"({"search":{"llm":{"model":"n"}}})").status, 200);
  EXPECT_FALSE(Has(Search("sound for the train"), "llm"));
}

TEST_F(QueryMeaningServerTest, AnswersSurviveARestartAndDamageDoesNot) {
  Fill();
  service_.Say(kLumoCans);
  Configure();
  SearchTwice("sound for the train");
  Run();
  Restart();
  WaitForFacts("zett");
  EXPECT_TRUE(Has(Search("sound for the train"), R"("by":"llm")"));
  server_.reset();
  {
    // As after a kill in the middle of a write by something that does not rename, and of one that does.
    std::fstream file(FilePath(), std::ios::in | std::ios::out | std::ios::binary);
    ASSERT_TRUE(file.good());
    file.seekp(40);
    file.put('\x7F');
    std::ofstream(FilePath() + ".pending") << "half of a fi";
  }
  Restart();
  WaitForFacts("zett");
  EXPECT_FALSE(Has(Search("sound for the train"), "llm"));
  SearchTwice("sound for the train");
  Run();
  EXPECT_EQ(service_.request_count(), 2u);
  EXPECT_TRUE(Has(Search("sound for the train"), R"("by":"llm")"));
}

TEST_F(QueryMeaningServerTest, TheKeyComesFromTheEnvironmentAndGoesNowhereElse) {
  Fill();
  unsetenv(kKeyVariable);  // NOLINT(concurrency-mt-unsafe)
  Configure(std::string(R"(,"api_key_env":")") + kKeyVariable + "\"");
  SearchTwice("sound for the train");
  Run();
  EXPECT_EQ(service_.request_count(), 0u);
  EXPECT_EQ(Metric("attune_query_meanings_failing"), "1");
  setenv(kKeyVariable, "sk-hush", 1);  // NOLINT(concurrency-mt-unsafe)
  clock_.Advance(kServiceRetryMaxMs);
  SearchTwice("sound for the train");
  Run();
  unsetenv(kKeyVariable);  // NOLINT(concurrency-mt-unsafe)
  ASSERT_EQ(service_.request_count(), 1u);
  EXPECT_EQ(service_.requests().front().Header("authorization"), "Bearer sk-hush");
  for (const char* path : {"/v1/settings", "/metrics", "/v1/models"}) {
    EXPECT_FALSE(Has(Ask("GET", path).body, "sk-hush")) << path;
  }
}

TEST_F(QueryMeaningServerTest, AWrongSettingIsNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"url":"ftp://a.example","model":"m"})", "search.llm.url"},
      {R"({"url":"http://a.example"})", "search.llm.model"},
      {R"({"api_key_env":"ATTUNE_EMBEDDINGS_KEY"})", "search.llm.api_key_env"},
      {R"({"enabled":"yes"})", "search.llm.enabled"},
      {R"({"requests_per_day":-1})", "search.llm.requests_per_day"},
      {R"({"timeout_seconds":0})", "search.llm.timeout_seconds"},
      {R"({"timeout_seconds":121})", "search.llm.timeout_seconds"},
      {"7", "search.llm"},
  };
  for (const auto& [body, field] : cases) {
    const auto answer = Ask("PATCH", "/v1/settings", R"({"search":{"llm":)" + std::string(body) + "}}");
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(Has(answer.body, "\"field\":\"" + std::string(field) + "\"")) << answer.body;
  }
}

}  // namespace
}  // namespace attune::server
