// Goal: what was acknowledged holds in the next answer, over HTTP.
// Method: random events and stock changes from a seed, each followed by the request that must show it; and
// readers that ask all the time while products are sold out and come back.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "server/test_server.h"

namespace attune::server {
namespace {

constexpr int kProducts = 40;
constexpr int kRounds = 1000;
constexpr int kShoppers = 150;

std::string Product(int number) { return "p" + std::to_string(number); }

std::string Ask(const std::string& placement, const std::string& shopper, int limit) {
  return R"({"placement":")" + placement + R"(","shopper":{"customer_id":")" + shopper + R"("},"limit":)" +
         std::to_string(limit) + "}";
}

TEST(FreshnessTest, AnAcknowledgedEventChangesTheNextAnswerOfItsShopper) {
  TestServer server("freshness");
  HttpClient client(server);
  client.PutProducts(kProducts);
  Random random(17);
  std::array<int, 3> seen{};
  for (int round = 0; round < kRounds; ++round) {
    server.clock().Advance(1 + static_cast<int64_t>(random.NextBelow(1000)));
    const std::string shopper = "c" + std::to_string(random.NextBelow(kShoppers));
    const std::string product = Product(static_cast<int>(random.NextBelow(kProducts)));
    const std::string who = R"(,"customer_id":")" + shopper + "\"";
    const uint64_t kind = random.NextBelow(3);
    ++seen[kind];
    SCOPED_TRACE("round " + std::to_string(round) + ", " + shopper + ", " + product);
    if (kind == 0) {
      ASSERT_EQ(client.Event(R"({"type":"product_viewed","product_id":")" + product + "\"" + who + "}"),
                kOneAccepted);
      ASSERT_TRUE(Shows(client.Recommend(Ask("recently_viewed", shopper, 1)), product));
    } else if (kind == 1) {
      // Bought: out of the cross-sell, in which every other product is.
      ASSERT_EQ(client.Event(R"({"type":"order_completed","order_id":"o)" + std::to_string(round) +
                             R"(","products":[{"product_id":")" + product + R"(","price":10}])" + who + "}"),
                kOneAccepted);
      const std::string answer = client.Recommend(Ask("cart_cross_sell", shopper, 50));
      ASSERT_FALSE(Shows(answer, product)) << answer;
      ASSERT_TRUE(Contains(answer, R"("position":0,)")) << answer;
    } else {
      ASSERT_EQ(
          client.Event(R"({"type":"consent_changed","consent":{"analytics":true,"personalization":false})" +
                       who + "}"),
          kOneAccepted);
      ASSERT_TRUE(Contains(client.Recommend(Ask("home_for_you", shopper, 5)), R"("personalized":false)"));
      server.clock().Advance(1);
      ASSERT_EQ(client.Event(R"({"type":"consent_changed","consent":true)" + who + "}"), kOneAccepted);
      ASSERT_TRUE(Contains(client.Recommend(Ask("home_for_you", shopper, 5)), R"("personalized":true)"));
    }
  }
  for (const int count : seen) EXPECT_GT(count, kRounds / 5);
}

// How often a product was sold out and came back: odd while it is sold out and the shop was told so.
using Turns = std::array<std::atomic<int>, kProducts>;

void ReadUntil(TestServer& server, const Turns& turns, const std::atomic<bool>& is_over,
               std::atomic<int>& answers, std::atomic<int>& broken) {
  HttpClient client(server);
  while (!is_over) {
    std::array<int, kProducts> before{};
    for (int i = 0; i < kProducts; ++i) before[static_cast<size_t>(i)] = turns[static_cast<size_t>(i)].load();
    const std::string answer = client.Recommend(R"({"placement":"home_trending","limit":50})");
    if (!Contains(answer, "decision_id")) ++broken;
    ++answers;
    for (size_t i = 0; i < kProducts; ++i) {
      const bool was_gone_throughout = before[i] % 2 == 1 && turns[i].load() == before[i];
      if (was_gone_throughout && Shows(answer, Product(static_cast<int>(i)))) ++broken;
    }
  }
}

TEST(FreshnessTest, WhatIsSoldOutIsInNoAnswerSentAfterTheAcknowledgement) {
  TestServer server("soldout");
  HttpClient client(server);
  client.PutProducts(kProducts);
  Turns turns{};
  std::atomic<bool> is_over{false};
  std::atomic<int> answers{0};
  std::atomic<int> broken{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] { ReadUntil(server, turns, is_over, answers, broken); });
  }
  Random random(23);
  for (int round = 0; round < 500; ++round) {
    const auto product = static_cast<size_t>(random.NextBelow(kProducts));
    const bool is_gone = turns[product].load() % 2 == 1;
    if (is_gone) ++turns[product];  // From here on it may be shown again.
    const auto answer = client.Call("PATCH", "/v1/products/" + Product(static_cast<int>(product)),
                                    is_gone ? R"({"stock":5})" : R"({"stock":0})");
    if (answer.status != 200) ++broken;
    if (!is_gone) ++turns[product];
    const std::string next = client.Recommend(R"({"placement":"home_trending","limit":50})");
    if (Shows(next, Product(static_cast<int>(product))) != is_gone) ++broken;
  }
  is_over = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(broken, 0);
  EXPECT_GT(answers, 0);
}

}  // namespace
}  // namespace attune::server
