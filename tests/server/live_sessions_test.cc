// Goal: what shoppers look at now is in the answers of others about a second later, over HTTP, and every
// answer can be made again.
// Method: a server trains, then a product comes that no training knows; views and requests go on while the
// live sessions are built anew, across a training and a restart.

#include <gtest/gtest.h>

#include <string>

#include "server/replay_store.h"
#include "server/test_server.h"

namespace attune::server {
namespace {

constexpr int kProducts = 20;
constexpr int64_t kPatienceMs = 20'000;

class LiveSessionsTest : public ::testing::Test {
 protected:
  LiveSessionsTest() : server_("livesessions") {
    HttpClient client(server_);
    client.PutProducts(kProducts);
    EXPECT_EQ(client
                  .Call("PUT", "/v1/config/placements/visits",
                        R"({"title":"Visits","sources":[{"source":"session_next","weight":1,"depth":50}],)"
                        R"("seeds":{"page":1,"session":1},"fallback":["bestsellers"]})")
                  .status,
              201);
    for (int i = 0; i < 60; ++i) {
      Visit(client, "old" + std::to_string(i), Name(i % kProducts), Name((i + 1) % kProducts));
    }
    server_.Train();
  }

  static std::string Name(int product) { return "p" + std::to_string(product); }
  void Visit(HttpClient& client, const std::string& shopper, const std::string& first,
             const std::string& then) {
    for (const std::string& product : {first, then}) {
      server_.clock().Advance(1000);
      ASSERT_EQ(client.Event(R"({"type":"product_viewed","anonymous_id":")" + shopper +
                             R"(","product_id":")" + product + "\"}"),
                kOneAccepted);
    }
  }
  static std::string Ask(HttpClient& client, const std::string& shopper) {
    return client.Recommend(R"({"placement":"visits","shopper":{"anonymous_id":")" + shopper +
                            R"("},"limit":5})");
  }
  // Until `shopper` is shown `product` by session_next; how long that took, or kPatienceMs.
  static int64_t WaitFor(HttpClient& client, const std::string& shopper, const std::string& product) {
    const SystemClock clock;
    const int64_t begun = clock.SteadyMicros();
    int64_t waited_ms = 0;
    while (waited_ms < kPatienceMs) {
      const std::string answer = Ask(client, shopper);
      const size_t at = answer.find(R"({"product_id":")" + product + R"(","position":)");
      waited_ms = (clock.SteadyMicros() - begun) / 1000;
      const size_t source = at == std::string::npos ? at : answer.find(R"("source":)", at);
      if (source != std::string::npos && answer.find(R"("source":"session_next")", source) == source) {
        return waited_ms;
      }
    }
    return kPatienceMs;
  }
  static double Metric(HttpClient& client, const std::string& name) {
    const std::string text = client.Get("/metrics");
    const std::string line = "\n" + name + "{store=\"shop\"} ";
    const size_t at = text.find(line);
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size()));
  }

  TestServer server_;
};

TEST_F(LiveSessionsTest, AProductThatNoTrainingKnowsIsShownToOthersAndReplayed) {
  HttpClient client(server_);
  ASSERT_EQ(Metric(client, "attune_live_sessions"), 0);
  client.PutProduct("newcomer", 30, "Lamps");
  Visit(client, "asker", "p2", "p3");
  ASSERT_FALSE(Shows(Ask(client, "asker"), "newcomer"));
  Visit(client, "a", "p3", "newcomer");
  Visit(client, "b", "p3", "newcomer");
  const int64_t waited_ms = WaitFor(client, "asker", "newcomer");
  ASSERT_LT(waited_ms, kPatienceMs);
  RecordProperty("waited_ms", std::to_string(waited_ms));
  EXPECT_GE(Metric(client, "attune_live_sessions"), 2);
  EXPECT_GT(Metric(client, "attune_live_sequence"), 0);
  EXPECT_GT(Metric(client, "attune_live_bytes"), 0);

  server_.Stop();  // It lives in memory alone, and comes back from the log.
  server_.Start();
  HttpClient again(server_);
  EXPECT_LT(WaitFor(again, "asker", "newcomer"), kPatienceMs);

  server_.Train();
  EXPECT_EQ(Metric(again, "attune_live_sessions"), 0);
  EXPECT_TRUE(Shows(Ask(again, "asker"), "newcomer"));
  server_.Stop();
  const auto report = ReplayStore(server_.folder(), "", 1'000'000);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->same, report->replayed);
  EXPECT_EQ(report->not_replayable + report->too_old.size(), 0u);
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
}

TEST_F(LiveSessionsTest, DecisionsBetweenEventsAreMadeAgain) {
  constexpr int kRounds = 1500;
  HttpClient client(server_);
  Random random(11);
  int with_live = 0;
  for (int i = 0; i < kRounds; ++i) {
    server_.clock().Advance(static_cast<int64_t>(random.NextBelow(20'000)));
    const std::string shopper = "s" + std::to_string(random.NextBelow(25));
    const std::string product = Name(static_cast<int>(random.NextBelow(kProducts + 5)));
    std::string event =
        R"({"type":"product_viewed","anonymous_id":")" + shopper + R"(","product_id":")" + product + "\"";
    if (random.NextBelow(8) == 0) event += R"(,"customer_id":"c)" + shopper + "\"";
    ASSERT_EQ(client.Event(event + "}"), kOneAccepted);
    if (random.NextBelow(60) == 0) client.Call("DELETE", "/v1/shoppers/" + shopper);
    if (random.NextBelow(100) == 0) client.PutProduct(Name(kProducts + i % 5), 20, "Chairs");
    const std::string answer = Ask(client, shopper);
    ASSERT_TRUE(Contains(answer, "decision_id")) << answer;
    if (i == kRounds / 2) server_.Train();
    if (i % 100 != 0) continue;
    // Not before what was viewed lately is in them.
    const SystemClock clock;
    const int64_t begun = clock.SteadyMicros();
    const double sequence = Metric(client, "attune_live_sequence");
    while (Metric(client, "attune_live_sequence") == sequence &&
           clock.SteadyMicros() - begun < kPatienceMs * 1000) {
    }
    const size_t at = answer.find(R"("decision_id":")") + 15;
    const std::string decision = client.Get("/v1/decisions/" + answer.substr(at, 32));
    EXPECT_TRUE(Contains(decision, R"("is_same":true)")) << decision;
    with_live += Contains(decision, R"("live":)") ? 1 : 0;
  }
  EXPECT_GT(with_live, 5);
  server_.Stop();
  const auto report = ReplayStore(server_.folder(), "", 1'000'000);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->replayed, static_cast<uint64_t>(kRounds));
  EXPECT_EQ(report->same, report->replayed);
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
}

}  // namespace
}  // namespace attune::server
