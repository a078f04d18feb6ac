// The protocols ask the right orders, from nothing but the past, and count as defined.
// Method: small shops whose answers are known; a shop whose future is changed; the real giftshop when it is
// there.

#include "models/evaluate_store.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/random.h"
#include "models/evaluate_store_baselines.h"

namespace attune::models {
namespace {

constexpr std::string_view kHeader =
    "InvoiceNo\tStockCode\tDescription\tQuantity\tInvoiceDate\tUnitPrice\tCustomerID\tCountry\n";

std::string Line(const std::string& invoice, const std::string& code, int quantity, const std::string& time,
                 const std::string& customer) {
  return invoice + "\t" + code + "\tX\t" + std::to_string(quantity) + "\t" + time + "\t1.0\t" + customer +
         "\tUK\n";
}

Result<StoreHistory> Read(const std::string& lines) {
  std::istringstream in(std::string(kHeader) + lines);
  return ReadStoreHistory(in);
}

TEST(EvaluateStoreTest, ServiceCodesAreNoProducts) {
  for (const char* code : {"POST", "M", "m", "D", "DOT", "C2", "CRUK", "BANK CHARGES", "AMAZONFEE", "PADS",
                           "S", "B", "gift_0001_20"}) {
    EXPECT_TRUE(IsServiceCode(code)) << code;
  }
  for (const char* code : {"85123A", "22423", "15056BL", "DCGS0003"})
    EXPECT_FALSE(IsServiceCode(code)) << code;
}

TEST(EvaluateStoreTest, LinesBecomeOrdersOfDistinctProducts) {
  const auto history = Read(Line("2", "85123a", 6, "2010-12-02 08:26:00", "17850") +
                            Line("1", "85123A", 2, "2010-12-01 08:26:00", "17850.0") +
                            Line("1", "85123a", 1, "2010-12-01 08:26:00", "17850") +
                            Line("1", "POST", 1, "2010-12-01 08:26:00", "17850") +
                            Line("C3", "85123A", -6, "2010-12-03 08:26:00", "17850") +
                            Line("4", "22423", 1, "2010-12-03 08:26:00", ""));
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(history->line_count, 6u);
  EXPECT_EQ(history->kept_line_count, 4u);
  EXPECT_EQ(history->product_count, 2u);
  EXPECT_EQ(history->shopper_count, 1u);
  ASSERT_EQ(history->orders.size(), 3u);
  EXPECT_EQ(history->orders[0].order_id, "1");
  EXPECT_EQ(history->orders[0].products, (std::vector<uint32_t>{0}));
  EXPECT_EQ(history->orders[2].shopper, ShopperHandle(0));
}

TEST(EvaluateStoreTest, WhatCannotBeReadIsNamed) {
  std::istringstream no_header("");
  EXPECT_EQ(ReadStoreHistory(no_header).status().field(), "line 1");
  std::istringstream no_column("InvoiceNo\tStockCode\n");
  EXPECT_EQ(ReadStoreHistory(no_column).status().field(), "Quantity");
  EXPECT_EQ(Read("1\t2\n").status().field(), "line 2, columns");
  EXPECT_EQ(Read(Line("1", "2", 1, "yesterday", "3")).status().field(), "line 2, InvoiceDate");
  EXPECT_EQ(Read(Line("1", "2", 1, "2010-12-01", "Bob")).status().field(), "line 2, CustomerID");
  EXPECT_EQ(Read("1\t2\tX\tmany\t2010-12-01\t1\t3\tUK\n").status().field(), "line 2, Quantity");
}

std::string Day(int day) {
  char text[32];
  std::snprintf(text, sizeof(text), "2011-%02d-%02d 10:00:00", 1 + day / 28, 1 + day % 28);
  return text;
}

// 40 shoppers who buy the same three products of their own every four weeks, and one of the store's by
// chance.
std::string LoyalShop(int orders_each) {
  std::string lines;
  Random random(3);
  for (int shopper = 1; shopper <= 40; ++shopper) {
    for (int order = 0; order < orders_each; ++order) {
      const std::string id = "o" + std::to_string(shopper) + "_" + std::to_string(order);
      const std::string time = Day(order * 28 + shopper % 28);
      for (int k = 0; k < 3; ++k) {
        lines += Line(id, "1" + std::to_string((shopper * 3 + k) % 60), 1, time, std::to_string(shopper));
      }
      lines += Line(id, "9" + std::to_string(random.NextBelow(30)), 1, time, std::to_string(shopper));
    }
  }
  return lines;
}

Result<StoreEvaluation> Evaluate(const std::string& lines, StoreEvaluationOptions options = {}) {
  std::istringstream in(std::string(kHeader) + lines);
  const VirtualClock clock(0);
  options.models.als.dimensions = 8;
  options.models.als.iterations = 2;
  return EvaluateStore(in, clock, options);
}

StoreEvaluationOptions LastOrderOnly() {
  StoreEvaluationOptions options;
  options.has_global_split = false;
  options.generation_every_ms = 28 * kDayMs;
  return options;
}

TEST(EvaluateStoreTest, LoyalShoppersAreUnderstood) {
  const auto evaluation = Evaluate(LoyalShop(5), LastOrderOnly());
  ASSERT_TRUE(evaluation.ok());
  const StoreProtocolResult& result = evaluation->protocols[0];
  EXPECT_EQ(result.cases, 40u);
  EXPECT_EQ(result.rankings[0].name, "home_for_you");
  EXPECT_GT(result.rankings[0].recall_repeat_at_20, 0.9);
  EXPECT_GT(result.rankings[0].ndcg_at_20, result.rankings[1].ndcg_at_20);
  EXPECT_EQ(result.rankings[0].ndcgs.size(), 40u);
}

TEST(EvaluateStoreTest, NothingAfterTheAskedOrderIsSeen) {
  // The last-but-one order is asked: whatever the last orders hold, the answers must stay the same to the
  // bit.
  StoreEvaluationOptions options = LastOrderOnly();
  options.target = StoreEvaluationOptions::Target::kSecondLastOrder;
  const std::string past = LoyalShop(4);
  std::string one = past;
  std::string other = past;
  for (int shopper = 1; shopper <= 40; ++shopper) {
    const std::string id = "last" + std::to_string(shopper);
    one += Line(id, "777", 1, "2011-09-01 10:00:00", std::to_string(shopper));
    other += Line(id, "10", 500, "2011-09-02 10:00:00", std::to_string(shopper));
    other += Line(id + "b", "12", 1, "2011-09-02 11:00:00", "");
  }
  const auto first = Evaluate(one, options);
  const auto second = Evaluate(other, options);
  ASSERT_TRUE(first.ok() && second.ok());
  for (size_t i = 0; i < first->protocols[0].rankings.size(); ++i) {
    EXPECT_EQ(first->protocols[0].rankings[i].ndcgs, second->protocols[0].rankings[i].ndcgs) << i;
    EXPECT_EQ(first->protocols[0].rankings[i].recalls, second->protocols[0].rankings[i].recalls) << i;
  }
}

TEST(EvaluateStoreTest, CasesBeforeADateAreTheOnlyOnesAsked) {
  StoreEvaluationOptions options = LastOrderOnly();
  options.cases_before_ms = 0;
  EXPECT_EQ(Evaluate(LoyalShop(3), options).status().code(), StatusCode::kInvalidArgument);
}

TEST(EvaluateStoreTest, TheSplitAsksForEverythingAfterItOfKnownShoppers) {
  StoreEvaluationOptions options;
  options.generation_every_ms = 28 * kDayMs;
  options.split_ms = 1'298'937'600'000;  // 2011-03-01
  const auto evaluation =
      Evaluate(LoyalShop(5) + Line("new", "10", 1, "2011-05-01 10:00:00", "999"), options);
  ASSERT_TRUE(evaluation.ok());
  const StoreProtocolResult& split = evaluation->protocols[1];
  EXPECT_EQ(split.protocol, "global_split");
  EXPECT_EQ(split.cases, 40u);
  EXPECT_EQ(split.generations, 1u);
  EXPECT_GT(split.mean_targets, 3.5);
}

TEST(EvaluateStoreTest, TheSameInputGivesTheSameTextAndJsonHasTheKeys) {
  const auto one = Evaluate(LoyalShop(4), LastOrderOnly());
  const auto two = Evaluate(LoyalShop(4), LastOrderOnly());
  ASSERT_TRUE(one.ok() && two.ok());
  JsonWriter first;
  JsonWriter second;
  WriteStoreJson(*one, first);
  WriteStoreJson(*two, second);
  EXPECT_EQ(first.text(), second.text());
  for (const char* key :
       {"\"last_order\":{", "\"home_for_you\":{\"recall@20\":", "\"own_frequency\":{", "\"item_knn\":{",
        "\"bestsellers_30_days\":{", "\"recall_explore@20\":", "\"ndcg_gain_low\":"}) {
    EXPECT_NE(first.text().find(key), std::string::npos) << key;
  }
  EXPECT_NE(FormatStoreTable(*one).find("home_for_you"), std::string::npos);
}

TEST(EvaluateStoreTest, BaselinesAnswerByTheirDefinitions) {
  StoreBaselines baselines(6);
  const auto add = [&](const std::string& id, uint64_t shopper, std::vector<uint32_t> products, int64_t day) {
    baselines.Add({id, ShopperHandle(shopper), day * kDayMs, std::move(products)});
  };
  add("a", 1, {0, 1}, 1);
  add("b", 2, {0, 2}, 2);
  add("c", 1, {1}, 3);
  add("d", 0, {0}, 4);
  add("e", 3, {1, 3}, 50);
  using Products = std::vector<uint32_t>;
  EXPECT_EQ(baselines.Ask(0, ShopperHandle(1), 51 * kDayMs, 2).size(), 2u);
  EXPECT_EQ(baselines.Ask(0, ShopperHandle(1), 51 * kDayMs, 1)[0] <= 1, true);
  auto recent = baselines.Ask(1, ShopperHandle(1), 51 * kDayMs, 6);
  std::sort(recent.begin(), recent.end());
  EXPECT_EQ(recent, (Products{1, 3}));
  const auto own = baselines.Ask(2, ShopperHandle(1), 51 * kDayMs, 3);
  EXPECT_EQ(own[0], 1u);
  EXPECT_EQ(own[1], 0u);
  EXPECT_EQ(own.size(), 3u);  // Filled up with bestsellers.
  // Shopper 2 knows 0 and 2.  cosine(0, 1) = 1 / sqrt(2 * 2), cosine(0, 2) = 1 / sqrt(2 * 1).
  EXPECT_EQ(baselines.Ask(3, ShopperHandle(2), 51 * kDayMs, 2).size(), 2u);
  EXPECT_EQ(baselines.Ask(4, ShopperHandle(2), 51 * kDayMs, 6).back(), 1u);
  EXPECT_EQ(baselines.ProductsOf(ShopperHandle(2)), (Products{0, 2}));
  EXPECT_TRUE(baselines.Ask(3, ShopperHandle(77), 51 * kDayMs, 5).empty());
}

}  // namespace
}  // namespace attune::models
