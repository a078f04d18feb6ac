// The session protocol: its files, its ranks, and its validation part.

#include "models/evaluate_sessions.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/random.h"
#include "models/ranking_metrics.h"
#include "models/session_file.h"

namespace attune::models {
namespace {

std::string RingFile(uint64_t seed, int count) {
  Random random(seed);
  std::string text;
  for (int i = 0; i < count; ++i) {
    uint64_t product = random.NextBelow(40);
    for (uint64_t length = 2 + random.NextBelow(4); length > 0; --length) {
      text += std::to_string(product) + " ";
      product = (product + 1 + random.NextBelow(2)) % 40;
    }
    text += "\n";
  }
  return text;
}

Result<SessionEvaluation> Evaluated(const std::string& train, const std::string& test,
                                    const SessionEvaluationOptions& options = {}) {
  std::istringstream train_input(train);
  std::istringstream test_input(test);
  const VirtualClock clock(0);
  return EvaluateSessions(train_input, test_input, clock, options);
}

TEST(EvaluateSessions, FindsWhatFollowsAndCountsWhatItCannotKnowAsAMiss) {
  const auto evaluation = Evaluated(RingFile(1, 2000), "3 4\t5\n999\t998\n");
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->questions, 2u);
  EXPECT_EQ(evaluation->items, 42u);
  ASSERT_EQ(evaluation->qualities.size(), 4u);
  EXPECT_EQ(evaluation->blend().name, "session_next");
  EXPECT_LE(evaluation->blend().mid_ranks[0], 3);
  EXPECT_GT(evaluation->blend().mid_ranks[1], 20);
  EXPECT_EQ(evaluation->blend().hit_rate_at_20, 0.5);
}

TEST(EvaluateSessions, RepeatsStayCandidates) {
  std::string train;
  for (int i = 0; i < 300; ++i) train += "1 2 1\n";
  const auto evaluation = Evaluated(train, "1 2\t1\n");
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->blend().mid_ranks[0], 1);
}

TEST(EvaluateSessions, ThreadsChangeNoRank) {
  SessionEvaluationOptions options;
  options.validation = true;
  const auto one = Evaluated(RingFile(2, 2500), "", options);
  options.threads = 4;
  const auto four = Evaluated(RingFile(2, 2500), "", options);
  ASSERT_TRUE(one.ok() && four.ok());
  for (size_t i = 0; i < one->qualities.size(); ++i) {
    EXPECT_EQ(one->qualities[i].mid_ranks, four->qualities[i].mid_ranks);
  }
  EXPECT_EQ(one->weights, four->weights);
}

TEST(EvaluateSessions, ValidationAsksTheNewestTenthOfTheTrainingSessions) {
  std::string train;
  for (int i = 0; i < 9; ++i) train += "1 2\n";
  train += "1 2 3\n";
  SessionEvaluationOptions options;
  options.validation = true;
  const auto evaluation = Evaluated(train, "this is not read", options);
  ASSERT_TRUE(evaluation.ok());
  EXPECT_EQ(evaluation->sessions, 9u);
  EXPECT_EQ(evaluation->questions, 2u);
}

TEST(EvaluateSessions, TuningAsksTheNewestTenthAndThenTheTestFileOnceMore) {
  const std::string train = RingFile(3, 2500);
  const std::string test = "3 4\t5\n7\t8\n20 21\t22\n";
  SessionEvaluationOptions options;
  const auto defaults = Evaluated(train, test, options);
  options.validation = true;
  const auto validation = Evaluated(train, "", options);
  options.tuning = {.trials_max = 6};
  EXPECT_EQ(Evaluated(train, "", options).status().field(), "tuning");
  options.validation = false;
  const auto tuned = Evaluated(train, test, options);
  ASSERT_TRUE(defaults.ok() && validation.ok() && tuned.ok());
  EXPECT_EQ(tuned->blend().mid_ranks, defaults->blend().mid_ranks);
  ASSERT_TRUE(tuned->tuning.has_value());
  const TuningReport& report = *tuned->tuning;
  EXPECT_EQ(report.trials, 6u);
  EXPECT_EQ(report.validation_of_defaults,
            validation->blend().hit_rate_at_20 + validation->blend().mrr_at_20);
  EXPECT_GE(report.validation_of_tuned, report.validation_of_defaults);
  ASSERT_EQ(report.figures.size(), 2u);
  EXPECT_EQ(report.figures[1].of_defaults, defaults->blend().mrr_at_20);
  // Other questions, the same settings.
  const auto other = Evaluated(train, "9\t30\n", options);
  ASSERT_TRUE(other.ok());
  for (size_t i = 0; i < report.settings.size(); ++i) {
    EXPECT_EQ(other->tuning->settings[i].of_tuned, report.settings[i].of_tuned) << report.settings[i].name;
  }
  JsonWriter json;
  WriteSessionJson(*tuned, json);
  EXPECT_NE(json.TakeText().find("\"defaults_over_tuned\":"), std::string::npos);
}

TEST(EvaluateSessions, WritesTheKeysOfTheProtocol) {
  const auto evaluation = Evaluated("1 2\n", "1\t2\n");
  ASSERT_TRUE(evaluation.ok());
  JsonWriter json;
  WriteSessionJson(*evaluation, json);
  const std::string text = json.TakeText();
  for (const char* key : {"\"hit_rate@20\":", "\"mrr@20\":", "\"train_seconds\":", "\"predict_p99_ms\":"}) {
    EXPECT_NE(text.find(key), std::string::npos) << key;
  }
  EXPECT_NE(FormatSessionTable(*evaluation).find("session_linear"), std::string::npos);
}

TEST(SessionFile, NamesTheLineThatIsWrong) {
  const auto field_of = [](const std::string& train, const std::string& test) {
    return Evaluated(train, test).status().field();
  };
  EXPECT_EQ(field_of("", "1\t2\n"), "line 1");
  EXPECT_EQ(field_of("1 2\n1 x\n", "1\t2\n"), "line 2, field 2");
  EXPECT_EQ(field_of("1 2\n", ""), "test: line 1");
  EXPECT_EQ(field_of("1 2\n", "1 2\n"), "test: line 1");
  EXPECT_EQ(field_of("1 2\n", "1\t2\n\t2\n"), "test: line 2");
  EXPECT_EQ(field_of("1 2\n", "1\t2 3\n"), "test: line 1");
  EXPECT_EQ(field_of("1 2\n", "1\t-2\n"), "test: line 1, field 1");
}

}  // namespace
}  // namespace attune::models
