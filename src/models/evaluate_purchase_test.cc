// The purchase protocol: its files, who is asked what, and that the fusion is chosen without the test file.

#include "models/evaluate_purchase.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/random.h"
#include "models/purchase_file.h"

namespace attune::models {
namespace {

// Shoppers of even number stay among even items; each views four of their kind and buys two.
std::string Checkerboard(int shoppers) {
  Random random(7);
  std::string text = "user\titem\tbehavior\tunix_time\n";
  for (int user = 0; user < shoppers; ++user) {
    for (int step = 0; step < 4; ++step) {
      const uint64_t item = random.NextBelow(15) * 2 + static_cast<uint64_t>(user % 2);
      const auto line = [&](const char* behavior, int at) {
        text += std::to_string(user) + "\t" + std::to_string(item) + "\t" + behavior + "\t" +
                std::to_string(1'400'000'000 + user * 1000 + step * 60 + at) + "\n";
      };
      line("view", 0);
      if (step >= 2) line("buy", 30);
    }
  }
  return text;
}

Result<PurchaseEvaluation> Evaluated(const std::string& events, const std::string& test, uint32_t threads = 1,
                                     uint64_t tuning_trials = 0) {
  std::istringstream events_input(events);
  std::istringstream test_input(test);
  const VirtualClock clock(0);
  PurchaseEvaluationOptions options;
  options.threads = threads;
  if (tuning_trials > 0) options.tuning = {.trials_max = tuning_trials};
  return EvaluatePurchase(events_input, test_input, clock, options);
}

TEST(EvaluatePurchase, MeasuresEverySourceAndTheFusion) {
  const auto evaluation = Evaluated(Checkerboard(120), "0\t4\n1\t5\n2\t999\n777\t4\n");
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->shoppers, 3u);  // 777 has no events.
  EXPECT_GT(evaluation->validation_shoppers, 100u);
  EXPECT_EQ(evaluation->qualities.size(), 11u);
  EXPECT_EQ(evaluation->fusion().name, "fusion");
  // Item 999 is known to nobody.
  EXPECT_LE(evaluation->fusion().hit_rate_at_20, 2.0 / 3 + 1e-9);
  EXPECT_LE(evaluation->fusion().hit_rate_at_10, evaluation->fusion().hit_rate_at_20);
}

TEST(EvaluatePurchase, ThreadsChangeNoFigure) {
  const auto one = Evaluated(Checkerboard(60), "0\t4\n1\t5\n3\t7\n", 1);
  const auto three = Evaluated(Checkerboard(60), "0\t4\n1\t5\n3\t7\n", 3);
  ASSERT_TRUE(one.ok() && three.ok());
  for (size_t i = 0; i < one->qualities.size(); ++i) {
    EXPECT_EQ(one->qualities[i].ndcg_at_20, three->qualities[i].ndcg_at_20);
    EXPECT_EQ(one->qualities[i].weight, three->qualities[i].weight);
  }
}

TEST(EvaluatePurchase, TheTestFileDoesNotChangeTheChoice) {
  const auto a = Evaluated(Checkerboard(60), "0\t4\n");
  const auto b = Evaluated(Checkerboard(60), "1\t5\n3\t9\n");
  ASSERT_TRUE(a.ok() && b.ok());
  for (size_t i = 0; i < a->qualities.size(); ++i) EXPECT_EQ(a->qualities[i].weight, b->qualities[i].weight);
}

TEST(EvaluatePurchase, TuningIsBlindForTheTestFileAndLeavesTheDefaultsFigures) {
  const std::string events = Checkerboard(60);
  const auto defaults = Evaluated(events, "0\t4\n1\t5\n");
  const auto tuned = Evaluated(events, "0\t4\n1\t5\n", 1, 5);
  const auto other = Evaluated(events, "3\t9\n", 2, 5);
  ASSERT_TRUE(defaults.ok() && tuned.ok() && other.ok());
  EXPECT_EQ(tuned->fusion().ndcg_at_20, defaults->fusion().ndcg_at_20);
  ASSERT_TRUE(tuned->tuning.has_value());
  EXPECT_EQ(tuned->tuning->trials, 5u);
  EXPECT_GE(tuned->tuning->validation_of_tuned, tuned->tuning->validation_of_defaults);
  ASSERT_EQ(tuned->tuning->figures.size(), 4u);
  EXPECT_EQ(tuned->tuning->figures[3].of_defaults, defaults->fusion().ndcg_at_20);
  for (size_t i = 0; i < tuned->tuning->settings.size(); ++i) {
    EXPECT_EQ(tuned->tuning->settings[i].of_tuned, other->tuning->settings[i].of_tuned);
  }
  JsonWriter json;
  WritePurchaseJson(*tuned, json);
  EXPECT_NE(json.TakeText().find("\"defaults_over_tuned\":"), std::string::npos);
  // One purchase and nothing before it: no question to tune on.
  const std::string header = "user\titem\tbehavior\tunix_time\n";
  EXPECT_EQ(Evaluated(header + "1\t2\tbuy\t3\n", "1\t2\n", 1, 5).status().field(), "tuning");
}

TEST(EvaluatePurchase, WritesItsKeysAndItsTable) {
  const auto evaluation = Evaluated(Checkerboard(30), "0\t4\n");
  ASSERT_TRUE(evaluation.ok());
  JsonWriter json;
  WritePurchaseJson(*evaluation, json);
  const std::string text = json.TakeText();
  for (const char* key :
       {"\"hit_rate@10\":", "\"ndcg@10\":", "\"hit_rate@20\":", "\"ndcg@20\":", "\"models\":"}) {
    EXPECT_NE(text.find(key), std::string::npos) << key;
  }
  EXPECT_NE(FormatPurchaseTable(*evaluation).find("also_viewed"), std::string::npos);
}

TEST(PurchaseFile, NamesTheLineThatIsWrong) {
  const std::string header = "user\titem\tbehavior\tunix_time\n";
  const auto field_of = [](const std::string& events, const std::string& test) {
    return Evaluated(events, test).status().field();
  };
  EXPECT_EQ(field_of("", "0\t1\n"), "line 1");
  EXPECT_EQ(field_of("user item\n", "0\t1\n"), "line 1");
  EXPECT_EQ(field_of(header + "1\t2\tview\n", "0\t1\n"), "line 2");
  EXPECT_EQ(field_of(header + "1\t2\tlook\t3\n", "0\t1\n"), "line 2, field 3");
  EXPECT_EQ(field_of(header + "1\tx\tview\t3\n", "0\t1\n"), "line 2, field 2");
  EXPECT_EQ(field_of(header + "1\t2\tview\t3\n", "0\n"), "test: line 1");
  EXPECT_EQ(field_of(header + "1\t2\tview\t3\n", "5\t1\n"), "test: line 1");
}

TEST(PurchaseFile, PurchasesOfOneSecondAreOneOrder) {
  std::istringstream input(
      "user\titem\tbehavior\tunix_time\r\n3\t7\tbuy\t100\r\n3\t8\tbuy\t100\n3\t9\tbuy\t101\n");
  ItemNumbering numbering;
  const auto rows = ReadPurchaseEvents(input, numbering);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].order_hash, (*rows)[1].order_hash);
  EXPECT_NE((*rows)[0].order_hash, (*rows)[2].order_hash);
  EXPECT_EQ((*rows)[0].at_ms, 100'000);
}

}  // namespace
}  // namespace attune::models
