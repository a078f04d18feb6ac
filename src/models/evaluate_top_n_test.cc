// The top-n protocol against an independent, dense version of it.

#include "models/evaluate_top_n.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "base/random.h"

namespace attune::models {
namespace {

struct Files {
  std::string train;
  std::string test;
};

// Shoppers of two groups; item numbers are in the order in which the training file names them.
Files RandomFiles(uint64_t seed) {
  Random random(seed);
  Files files;
  files.train = "0";
  for (uint32_t item = 0; item < 60; ++item) files.train += " " + std::to_string(item);
  files.train += "\n";
  for (uint32_t user = 1; user <= 150; ++user) {
    std::set<uint64_t> train;
    std::set<uint64_t> test;
    for (int i = 0; i < 8; ++i) train.insert(random.NextBelow(30) * 2 + user % 2);
    for (int i = 0; i < 3; ++i) test.insert(random.NextBelow(30) * 2 + user % 2);
    files.train += std::to_string(user);
    for (const uint64_t item : train) files.train += " " + std::to_string(item);
    files.train += "\n";
    files.test += std::to_string(user);
    for (const uint64_t item : test) files.test += " " + std::to_string(item);
    files.test += "\n";
  }
  return files;
}

Result<TopNEvaluation> Evaluate(const Files& files, const TopNEvaluationOptions& options) {
  std::istringstream train(files.train);
  std::istringstream test(files.test);
  const VirtualClock clock(0);
  return EvaluateTopN(train, test, clock, options);
}

TEST(EvaluateTopN, AgreesWithADenseProtocol) {
  const Files files = RandomFiles(4);
  TopNEvaluationOptions options;
  options.model.method = TopNMethod::kItemKnn;  // Cosine.
  const auto evaluation = Evaluate(files, options);
  ASSERT_TRUE(evaluation.ok());
  ASSERT_EQ(evaluation->users, 150u);
  EXPECT_EQ(evaluation->items, 60u);

  std::vector<std::vector<uint32_t>> train(151);
  std::vector<std::set<uint32_t>> test(151);
  for (const auto* text : {&files.train, &files.test}) {
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      uint32_t user = 0;
      fields >> user;
      for (uint32_t item = 0; fields >> item;) {
        if (text == &files.train)
          train[user].push_back(item);
        else
          test[user].insert(item);
      }
    }
  }
  std::vector<std::vector<double>> together(60, std::vector<double>(60, 0));
  for (const auto& items : train) {
    for (const uint32_t a : items) {
      for (const uint32_t b : items) together[a][b] += 1;
    }
  }
  double recall_sum = 0;
  for (uint32_t user = 1; user <= 150; ++user) {
    std::vector<std::pair<double, uint32_t>> ranked;
    for (uint32_t b = 0; b < 60; ++b) {
      if (std::count(train[user].begin(), train[user].end(), b) > 0) continue;
      double score = 0;
      for (const uint32_t a : train[user])
        score += together[a][b] / std::sqrt(together[a][a] * together[b][b]);
      ranked.emplace_back(-score, b);
    }
    std::sort(ranked.begin(), ranked.end());
    double hits = 0;
    for (size_t i = 0; i < 20; ++i) hits += test[user].contains(ranked[i].second);
    const double recall = hits / static_cast<double>(test[user].size());
    // Scores that differ only by rounding may change places around the cut.
    EXPECT_NEAR(evaluation->recalls[user - 1], recall, 0.35) << user;
    recall_sum += recall;
  }
  EXPECT_NEAR(evaluation->recall_at_20, recall_sum / 150, 0.005);
  EXPECT_GT(evaluation->recall_at_20, 0.4) << "a shopper's group is 30 of 60 products";
}

TEST(EvaluateTopN, ThreadsChangeNothing) {
  const Files files = RandomFiles(5);
  TopNEvaluationOptions options;
  const auto one = Evaluate(files, options);
  options.threads = 4;
  const auto four = Evaluate(files, options);
  ASSERT_TRUE(one.ok() && four.ok());
  EXPECT_EQ(one->recalls, four->recalls);
  EXPECT_EQ(one->ndcgs, four->ndcgs);
}

TEST(EvaluateTopN, TheChosenModelIsMeasuredBesideTheDefaults) {
  const Files files = RandomFiles(7);
  TopNEvaluationOptions options;
  options.choose = true;
  options.choice.tuning = {.trials_max = 10};
  options.choice.held_out_share = 0.3;
  const auto evaluation = Evaluate(files, options);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  ASSERT_TRUE(evaluation->choice.has_value());
  EXPECT_EQ(evaluation->model, evaluation->choice->best().name);
  EXPECT_GT(evaluation->default_recall_at_20, 0.4);
  options.threads = 3;
  const auto other = Evaluate(files, options);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->model, evaluation->model);
  EXPECT_EQ(other->recalls, evaluation->recalls);
  EXPECT_NE(FormatTopNTable(*evaluation).find("> "), std::string::npos);
  const TuningReport& report = *evaluation->choice->tuning;
  ASSERT_EQ(report.figures.size(), 2u);
  EXPECT_EQ(report.figures[0].of_defaults, evaluation->default_recall_at_20);
  EXPECT_EQ(report.figures[1].of_tuned, evaluation->ndcg_at_20);
}

TEST(EvaluateTopN, HoldingOutNeverReadsTheTestFile) {
  Files files = RandomFiles(6);
  files.test = "this is not a sequence file\n";
  TopNEvaluationOptions options;
  options.hold_out_share = 0.2;
  const auto evaluation = Evaluate(files, options);
  ASSERT_TRUE(evaluation.ok()) << evaluation.status().message();
  const double total = static_cast<double>(evaluation->train_interactions + evaluation->test_interactions);
  EXPECT_NEAR(static_cast<double>(evaluation->test_interactions) / total, 0.2, 0.05);
  options.hold_out_seed = 2;
  const auto other = Evaluate(files, options);
  ASSERT_TRUE(other.ok());
  EXPECT_NE(other->recalls, evaluation->recalls);
}

TEST(EvaluateTopN, UsersWithoutTestItemsAreLeftOutAndUnknownUsersMiss) {
  const auto evaluation = Evaluate({"1 1 2\n2 1 2 3\n3 1\n", "1 3\n2\n9 1\n"}, {});
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->users, 2u);
  EXPECT_EQ(evaluation->recalls, (std::vector<double>{1, 0}));
}

TEST(EvaluateTopN, WrongFilesAndOptionsAreNamed) {
  EXPECT_EQ(Evaluate({"1 x\n", "1 1\n"}, {}).status().field(), "line 1, field 2");
  EXPECT_EQ(Evaluate({"1 1\n", "1 1\n2 -\n"}, {}).status().field(), "test: line 2, field 2");
  EXPECT_EQ(Evaluate({"1 1\n", "1\n"}, {}).status().code(), StatusCode::kInvalidArgument);
  TopNEvaluationOptions options;
  options.hold_out_share = 1;
  EXPECT_EQ(Evaluate({"1 1\n", "1 1\n"}, options).status().field(), "hold_out_share");
}

TEST(EvaluateTopN, JsonHasTheAgreedKeysInOrder) {
  TopNEvaluation evaluation;
  evaluation.recall_at_20 = 0.25;
  evaluation.peak_memory_mb = 12.5;
  JsonWriter json;
  WriteTopNJson(evaluation, json);
  EXPECT_EQ(
      json.TakeText().rfind(R"({"recall@20":0.25,"ndcg@20":0,"train_seconds":0,"peak_memory_mb":12.5,)", 0),
      0u);
  EXPECT_NE(FormatTopNTable(evaluation).find("0.2500"), std::string::npos);
}

}  // namespace
}  // namespace attune::models
