// Order completion on a made-up shop of pairs: products 2k and 2k + 1 are bought together, among others.

#include "models/evaluate_order_completion.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include "base/random.h"

namespace attune::models {
namespace {

constexpr int kOrders = 400;
constexpr uint64_t kPairs = 20;

// A pair, and a third of the time one product more.
std::string PairShop(uint64_t seed) {
  Random random(seed);
  std::string text =
      "InvoiceNo\tStockCode\tDescription\tQuantity\tInvoiceDate\tUnitPrice\tCustomerID\tCountry\n";
  for (int order = 0; order < kOrders; ++order) {
    const uint64_t pair = random.NextBelow(kPairs);
    std::vector<uint64_t> products = {2 * pair, 2 * pair + 1};
    if (random.NextBelow(3) == 0) products.push_back(random.NextBelow(2 * kPairs));
    for (const uint64_t product : products) {
      char line[160];
      std::snprintf(line, sizeof(line), "%d\t%d\tX\t1\t2010-%02d-%02d %02d:00:00\t1.0\t\tUK\n", 1000 + order,
                    10'000 + static_cast<int>(product), 1 + order / 40, 1 + order % 28, order % 24);
      text += line;
    }
  }
  return text;
}

Result<OrderCompletionEvaluation> Evaluated(const std::string& lines, const OrderCompletionOptions& options) {
  std::istringstream input(lines);
  return EvaluateOrderCompletion(input, options);
}

TEST(EvaluateOrderCompletion, FindsTheOtherOfAPair) {
  const auto evaluation = Evaluated(PairShop(1), {});
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  EXPECT_EQ(evaluation->training_orders, 320u);
  ASSERT_EQ(evaluation->results.size(), 2u);
  EXPECT_GT(evaluation->results[0].rankings.front().hit_at_10, 0.8);
  EXPECT_FALSE(evaluation->results[0].best_other.empty());
}

TEST(EvaluateOrderCompletion, TuningAsksTheEndOfTheTrainingPart) {
  const std::string shop = PairShop(2);
  OrderCompletionOptions options;
  const auto defaults = Evaluated(shop, options);
  options.is_validation = true;
  const auto validation = Evaluated(shop, options);
  options.tuning = {.trials_max = 8};
  EXPECT_EQ(Evaluated(shop, options).status().field(), "tuning");
  options.is_validation = false;
  const auto tuned = Evaluated(shop, options);
  ASSERT_TRUE(defaults.ok() && validation.ok() && tuned.ok());
  ASSERT_TRUE(tuned->tuning.has_value());
  const TuningReport& report = *tuned->tuning;
  EXPECT_EQ(report.trials, 8u);
  double sum = 0;
  for (const CompletionResult& result : validation->results) {
    sum += result.rankings.front().hit_at_10 + result.rankings.front().ndcg_at_10;
  }
  EXPECT_EQ(report.validation_of_defaults, sum);
  EXPECT_GE(report.validation_of_tuned, sum);
  ASSERT_EQ(report.figures.size(), 4u);
  EXPECT_EQ(report.figures[0].name, "one/hit@10");
  EXPECT_EQ(report.figures[0].of_defaults, defaults->results[0].rankings.front().hit_at_10);
  EXPECT_EQ(tuned->results[1].rankings.front().ndcgs, defaults->results[1].rankings.front().ndcgs);
  JsonWriter json;
  WriteOrderCompletionJson(*tuned, json);
  EXPECT_NE(json.TakeText().find("\"defaults_over_tuned\":"), std::string::npos);
  EXPECT_NE(FormatOrderCompletionTable(*tuned).find("8 trials"), std::string::npos);
}

}  // namespace
}  // namespace attune::models
