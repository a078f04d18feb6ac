// Goal: every decision can be made again from the log, whatever happened around it.
// Method: 16 clients write (also rules of the shop) and ask at once while two generations are published; then
// the log is folded anew and each of the 10 000 recorded decisions is made again and compared byte by byte.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "server/replay_store.h"
#include "server/test_server.h"

namespace attune::server {
namespace {

constexpr int kClients = 16;
constexpr int kDecisionsEach = 625;
constexpr int kProducts = 60;

std::string RandomEvent(Random& random, const std::string& shopper, const std::string& order) {
  const std::string product = "p" + std::to_string(random.NextBelow(kProducts));
  const std::string who = R"(","customer_id":")" + shopper + "\"";
  if (random.NextBelow(5) == 0) {
    return R"({"type":"order_completed","order_id":")" + order + who + R"(,"products":[{"product_id":")" +
           product + R"(","price":10},{"product_id":"p)" + std::to_string(random.NextBelow(kProducts)) +
           R"(","price":12}]})";
  }
  return R"({"type":"product_viewed","product_id":")" + product + who + "}";
}

bool PutRandomRule(HttpClient& client, Random& random) {
  static constexpr const char* kActions[] = {
      R"({"do":"pin","product_ids":["$"],"position":1})", R"({"do":"hide","product_ids":["$"]})",
      R"({"do":"boost","filter":"price > 30","factor":3})", R"({"do":"include","product_ids":["$"]})",
      R"({"do":"redirect","url":"/$"})"};
  std::string action = kActions[random.NextBelow(5)];
  if (const size_t at = action.find('$'); at != std::string::npos) {
    action.replace(at, 1, "p" + std::to_string(random.NextBelow(kProducts)));
  }
  const std::string when =
      random.NextBelow(2) == 0 ? R"({"segment":"views >= 3"})" : R"({"placements":["home_*"]})";
  const int status = client
                         .Call("PUT", "/v1/config/rules/r" + std::to_string(random.NextBelow(6)),
                               R"({"when":)" + when + R"(,"then":[)" + action + "]}")
                         .status;
  return status == 200 || status == 201;
}

void WriteAndAsk(TestServer& server, int number, std::atomic<int>& decisions, std::atomic<int>& failures) {
  static constexpr const char* kPlacements[] = {"home_for_you", "home_trending", "recently_viewed",
                                                "cart_cross_sell", "product_similar"};
  HttpClient client(server);
  Random random(static_cast<uint64_t>(100 + number));
  for (int i = 0; i < kDecisionsEach; ++i) {
    server.clock().Advance(1);
    const std::string shopper = "c" + std::to_string(random.NextBelow(30));  // Shared by all clients.
    const std::string product = "p" + std::to_string(random.NextBelow(kProducts));
    const uint64_t what = random.NextBelow(8);
    if (what < 3) {
      const std::string order = "o" + std::to_string(number) + "-" + std::to_string(i);
      if (client.Event(RandomEvent(random, shopper, order)) != kOneAccepted) ++failures;
    } else if (what == 3) {
      const std::string stock = R"({"stock":)" + std::to_string(random.NextBelow(3)) + "}";
      if (client.Call("PATCH", "/v1/products/" + product, stock).status != 200) ++failures;
    } else if (what == 4) {
      const std::string body =
          R"({"based_on":"home_trending","limit":)" + std::to_string(1 + random.NextBelow(9)) + "}";
      const int status = client.Call("PUT", "/v1/config/placements/mine", body).status;
      if (status != 200 && status != 201) ++failures;
    } else if (what == 5) {
      if (!PutRandomRule(client, random)) ++failures;
    }
    const std::string answer =
        client.Recommend(std::string(R"({"placement":")") + kPlacements[random.NextBelow(5)] +
                         R"(","shopper":{"customer_id":")" + shopper + R"("},"context":{"product_ids":[")" +
                         product + R"("],"cart":[")" + product + R"("]},"filter":"price > 11"})");
    if (Contains(answer, R"("decision_id")")) {
      ++decisions;
    } else {
      ++failures;
    }
  }
}

TEST(ReplayTest, TenThousandDecisionsUnderSixteenWritersAndTwoSwapsAreMadeAgain) {
  TestServer server("replay");
  {
    HttpClient client(server);
    client.PutProducts(kProducts);
  }
  std::atomic<int> decisions{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(
        [&server, i, &decisions, &failures] { WriteAndAsk(server, i, decisions, failures); });
  }
  for (int swap = 1; swap <= 2; ++swap) {
    while (decisions < swap * kClients * kDecisionsEach / 3 && failures == 0) std::this_thread::yield();
    server.Train();
  }
  for (std::thread& client : clients) client.join();
  ASSERT_EQ(failures, 0);
  ASSERT_EQ(decisions, kClients * kDecisionsEach);
  ASSERT_EQ(server.store()->decision_statistics().dropped, 0U);
  server.Stop();
  const decisions::RuleDraft nothing;  // A dry run with the rules that held changes nothing.
  const auto report = ReplayStore(server.folder(), "", 2 * kClients * kDecisionsEach, &nothing);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->replayed, static_cast<uint64_t>(kClients * kDecisionsEach));
  EXPECT_EQ(report->same, report->replayed);
  EXPECT_EQ(report->not_replayable, 0U);
  EXPECT_TRUE(Contains(report->dry_run, R"("decisions":10000,"changed":0,)")) << report->dry_run;
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
}

// Searches, of words that change, while products do; with taste, orders and selections.
TEST(ReplayTest, SearchesAreMadeAgain) {
  TestServer server("replay-search");
  HttpClient client(server);
  client.PutProducts(kProducts);
  Random random(3);
  const auto number = [&random](uint64_t bound) { return std::to_string(random.NextBelow(bound)); };
  constexpr int kSearches = 150;
  for (int i = 0; i < kSearches; ++i) {
    server.clock().Advance(1);
    const std::string product = "p" + number(kProducts);
    const uint64_t what = random.NextBelow(4);
    if (what == 0)
      client.Event(R"({"type":"product_viewed","product_id":")" + product + R"(","customer_id":"c1"})");
    if (what == 1) client.Call("PATCH", "/v1/products/" + product, R"({"stock":)" + number(3) + "}");
    if (what == 2) client.Call("PATCH", "/v1/products/" + product, R"({"title":"Lamp )" + number(9) + "\"}");
    if (i == kSearches / 2) server.Train();
    const std::string body =
        R"({"query":")" +
        std::string(i % 3 == 0   ? ""
                    : i % 3 == 1 ? "prodct "
                                 : "lamp ") +
        number(9) + R"(","shopper":{"customer_id":"c1"},"limit":7,"page":)" + number(2) + R"(,"sort":")" +
        (i % 5 == 0 ? "price_descending" : "relevance") +
        (i % 4 == 0 ? R"(","selected":{"brand":["B1"],"price":{"min":20}})" : R"(","filter":"price > 11")") +
        "}";
    ASSERT_EQ(client.Call("POST", "/v1/search", body).status, 200) << body;
  }
  server.Stop();
  const auto report = ReplayStore(server.folder(), "", kSearches);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->replayed, static_cast<uint64_t>(kSearches));
  EXPECT_EQ(report->same, report->replayed);
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
}

// Of a language that takes compounds apart, while the catalogue outgrows one vocabulary after the other, and
// after a restart that reads the last one from its file.
TEST(ReplayTest, SearchesOfCompoundsAreMadeAgain) {
  TestServer server("replay-compounds");
  auto client = std::make_unique<HttpClient>(server);
  client->Call("PATCH", "/v1/settings", R"({"default_locale":"de"})");
  const std::vector<std::string> titles = {"Lampe", "Stehlampe", "Tisch", "Stehtisch", "Tischlampen"};
  constexpr int kSearches = 120;
  int found = 0;
  for (size_t i = 0; i < kSearches; ++i) {
    server.clock().Advance(1);
    client->Call("PUT", "/v1/products/p" + std::to_string(i),
                 R"({"title":")" + titles[i % titles.size()] + "\"}");
    const std::string query = titles[i % 3];
    const auto answer = client->Call("POST", "/v1/search", R"({"query":")" + query + R"(","limit":200})");
    ASSERT_EQ(answer.status, 200);
    if (query == "Lampe" && Contains(answer.body, R"("product_id":"p1")")) ++found;
    if (i % 50 == 49) {
      client.reset();
      server.Stop();
      server.Start();
      client = std::make_unique<HttpClient>(server);
    }
  }
  EXPECT_GT(found, kSearches / 6);
  client.reset();
  server.Stop();
  const auto report = ReplayStore(server.folder(), "", kSearches);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->replayed, static_cast<uint64_t>(kSearches));
  EXPECT_EQ(report->same, report->replayed);
  for (const auto& [id, difference] : report->differences) ADD_FAILURE() << id << ": " << difference;
}

}  // namespace
}  // namespace attune::server
