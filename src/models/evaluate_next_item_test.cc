// The protocol against an independent, dense version of it, and its files.

#include "models/evaluate_next_item.h"

#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "base/random.h"
#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

using Lists = std::vector<std::vector<uint32_t>>;

Lists RandomSequences(uint64_t seed, uint32_t product_count, int count) {
  Random random(seed);
  Lists lists;
  for (int i = 0; i < count; ++i) {
    std::vector<uint32_t> list;
    auto product = static_cast<uint32_t>(random.NextBelow(product_count));
    for (uint64_t length = 1 + random.NextBelow(9); length > 0; --length) {
      list.push_back(product);
      // Mostly the neighbour, so that there is something to learn.
      product = (product + 1 + static_cast<uint32_t>(random.NextBelow(random.NextBelow(3) == 0 ? 9 : 2))) %
                product_count;
    }
    lists.push_back(list);
  }
  return lists;
}

std::string ToFile(const Lists& lists) {
  std::string text;
  for (size_t user = 0; user < lists.size(); ++user) {
    text += std::to_string(user + 1);
    for (const uint32_t product : lists[user]) text += " " + std::to_string(product);
    text += "\n";
  }
  return text;
}

// Dense transitions by their definition; mid-ranks of the targets `back` items from the end.
std::vector<double> ReferenceRanks(const Lists& lists, uint32_t products, const TransitionOptions& options,
                                   double tau, size_t back) {
  std::vector<std::vector<double>> weights(products, std::vector<double>(products, 0));
  std::vector<double> counts(products, 0);
  for (const auto& list : lists) {
    const size_t length = list.size() < 3 ? list.size() : list.size() - 2;
    for (size_t i = 0; i < length; ++i) {
      counts[list[i]] += 1;
      for (size_t j = i + 1; j < length; ++j) {
        if (list[i] == list[j]) continue;
        const double weight = std::exp(-static_cast<double>(j - i - 1) / options.gap);
        weights[list[i]][list[j]] += weight;
        weights[list[j]][list[i]] += options.reverse * weight;
      }
    }
  }
  std::vector<double> ranks;
  for (const auto& list : lists) {
    if (list.size() < 3) continue;
    const size_t target = list.size() - back;
    std::vector<double> scores(products, 0);
    std::vector<bool> masked(products, false);
    for (size_t i = 0; i < target; ++i) {
      masked[list[i]] = true;
      for (uint32_t b = 0; b < products; ++b) {
        scores[b] += std::exp(-static_cast<double>(target - 1 - i) / tau) * weights[list[i]][b] /
                     std::pow(counts[list[i]] + 1, options.row_exponent) /
                     std::pow(counts[b] + 1, options.column_exponent);
      }
    }
    double better = 0;
    double tied = 0;
    for (uint32_t b = 0; b < products; ++b) {
      if (masked[b] || b == list[target]) continue;
      const double difference = scores[b] - scores[list[target]];
      if (std::fabs(difference) < 1e-6)
        tied += 1;
      else if (difference > 0)
        better += 1;
    }
    ranks.push_back(masked[list[target]] ? kUnrankedTarget : 1 + better + tied / 2);
  }
  return ranks;
}

NextItemEvaluation Evaluated(const std::string& text, const NextItemEvaluationOptions& options) {
  std::istringstream input(text);
  const VirtualClock clock(0);
  auto evaluation = EvaluateNextItem(input, clock, options);
  EXPECT_TRUE(evaluation.ok()) << evaluation.status().message();
  return std::move(evaluation).value();
}

TEST(EvaluateNextItem, AgreesWithADenseProtocol) {
  constexpr uint32_t kProducts = 30;
  Lists lists = RandomSequences(7, kProducts, 200);
  std::vector<uint32_t> all(kProducts);  // Every product is in the file, in the order of its number.
  for (uint32_t product = 0; product < kProducts; ++product) all[product] = product;
  lists.insert(lists.begin(), all);
  NextItemEvaluationOptions options;
  options.model.ridge_share = 0;
  for (const auto target :
       {NextItemEvaluationOptions::Target::kTest, NextItemEvaluationOptions::Target::kValidation}) {
    options.target = target;
    const size_t back = target == NextItemEvaluationOptions::Target::kTest ? 1 : 2;
    const auto expected =
        ReferenceRanks(lists, kProducts, options.model.transitions, options.model.transition_tau, back);
    const NextItemEvaluation evaluation = Evaluated(ToFile(lists), options);
    ASSERT_EQ(evaluation.users, expected.size());
    EXPECT_EQ(evaluation.items, kProducts);
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(evaluation.mid_ranks[i], expected[i], 0.5) << i;
    EXPECT_NEAR(evaluation.ndcg_at_10, NdcgAt(expected, 10), 0.005);
    EXPECT_GT(evaluation.recall_at_5, 0.2) << "neighbours are easy to predict";
    EXPECT_LE(evaluation.recall_at_5, evaluation.recall_at_10);
  }
}

TEST(EvaluateNextItem, TheTargetIsNotTrainedOn) {
  // 7 is only ever a last item: a model that saw it would know what it follows.
  const NextItemEvaluation evaluation = Evaluated("1 1 2 3 7\n2 1 2 3 7\n3 1 2 3 7\n", {});
  for (const double rank : evaluation.mid_ranks) EXPECT_EQ(rank, 1) << "the only product left";
  const NextItemEvaluation wider = Evaluated("1 1 2 3 7\n2 1 2 3 7\n3 4 5 6 8\n", {});
  for (const double rank : wider.mid_ranks) EXPECT_GT(rank, 1);
}

TEST(EvaluateNextItem, ATargetFromTheHistoryIsAMiss) {
  const NextItemEvaluation evaluation = Evaluated("1 1 2 1\n2 1 2 3\n", {});
  EXPECT_EQ(evaluation.mid_ranks[0], kUnrankedTarget);
  EXPECT_EQ(evaluation.users, 2u);
}

TEST(EvaluateNextItem, ThreadsChangeNothing) {
  NextItemEvaluationOptions options;
  const std::string text = ToFile(RandomSequences(3, 50, 400));
  const NextItemEvaluation one = Evaluated(text, options);
  options.threads = 4;
  const NextItemEvaluation four = Evaluated(text, options);
  EXPECT_EQ(one.mid_ranks, four.mid_ranks);
  EXPECT_EQ(one.ndcg_at_20, four.ndcg_at_20);
}

TEST(EvaluateNextItem, JsonHasTheAgreedKeysInOrder) {
  NextItemEvaluation evaluation;
  evaluation.recall_at_10 = 0.5;
  evaluation.users = 3;
  JsonWriter json;
  WriteNextItemJson(evaluation, json);
  EXPECT_EQ(json.TakeText(),
            R"({"recall@5":0,"recall@10":0.5,"recall@20":0,"ndcg@5":0,"ndcg@10":0,"ndcg@20":0,)"
            R"("users":3,"items":0,"train_seconds":0,"predict_p99_ms":0})");
  EXPECT_NE(FormatNextItemTable(evaluation).find("0.5000"), std::string::npos);
}

TEST(EvaluateNextItem, WrongFilesAndOptionsAreNamed) {
  const VirtualClock clock(0);
  std::istringstream broken("1 1 2 3\n2 1 x 3\n");
  EXPECT_EQ(EvaluateNextItem(broken, clock, {}).status().field(), "line 2, field 3");
  std::istringstream short_lines("1 1 2\n2 1\n");
  EXPECT_EQ(EvaluateNextItem(short_lines, clock, {}).status().code(), StatusCode::kInvalidArgument);
  std::istringstream fine("1 1 2 3\n");
  NextItemEvaluationOptions options;
  options.model.transitions.gap = 0;
  EXPECT_EQ(EvaluateNextItem(fine, clock, options).status().field(), "gap");
  NextItemEvaluationOptions on_validation;
  on_validation.target = NextItemEvaluationOptions::Target::kValidation;
  on_validation.tuning = {.trials_max = 3};
  EXPECT_EQ(EvaluateNextItem(fine, clock, on_validation).status().field(), "tuning");
}

TEST(EvaluateNextItem, TuningMovesTheSettingsOnTheValidationTarget) {
  const std::string text = ToFile(RandomSequences(5, 50, 400));
  NextItemEvaluationOptions options;
  const NextItemEvaluation defaults = Evaluated(text, options);
  options.target = NextItemEvaluationOptions::Target::kValidation;
  const NextItemEvaluation validation = Evaluated(text, options);
  options.target = NextItemEvaluationOptions::Target::kTest;
  options.tuning = {.trials_max = 20};
  const NextItemEvaluation tuned = Evaluated(text, options);
  EXPECT_EQ(tuned.mid_ranks, defaults.mid_ranks) << "the defaults are measured as ever";
  ASSERT_TRUE(tuned.tuning.has_value());
  const TuningReport& report = *tuned.tuning;
  EXPECT_EQ(report.trials, 20u);
  EXPECT_EQ(report.validation_of_defaults, validation.recall_at_10 + validation.ndcg_at_10);
  EXPECT_GT(report.validation_of_tuned, report.validation_of_defaults) << "made-up data, defaults of a shop";
  ASSERT_EQ(report.figures.size(), 2u);
  EXPECT_EQ(report.figures[0].of_defaults, defaults.recall_at_10);
  EXPECT_EQ(report.figures[1].of_defaults, defaults.ndcg_at_10);
  options.threads = 3;
  EXPECT_EQ(Evaluated(text, options).tuning->figures[1].of_tuned, report.figures[1].of_tuned);

  JsonWriter json;
  WriteNextItemJson(tuned, json);
  const std::string written = json.TakeText();
  EXPECT_NE(written.find("\"tuned\":{\"recall@10\":"), std::string::npos) << written;
  EXPECT_NE(written.find("\"defaults_over_tuned\":"), std::string::npos) << written;
  EXPECT_NE(FormatNextItemTable(tuned).find("20 trials"), std::string::npos);
}

TEST(EvaluateNextItem, TheTestTargetsDoNotChangeWhatIsTuned) {
  Lists lists = RandomSequences(5, 50, 400);
  NextItemEvaluationOptions options;
  options.tuning = {.trials_max = 15};
  const NextItemEvaluation one = Evaluated(ToFile(lists), options);
  // Every product stays in the file, whoever's last it is.
  for (auto& list : lists) {
    if (list.size() >= 3) list.back() = (list.back() + 7) % 50;
  }
  const NextItemEvaluation other = Evaluated(ToFile(lists), options);
  ASSERT_EQ(one.items, other.items);
  ASSERT_EQ(one.tuning->settings.size(), other.tuning->settings.size());
  for (size_t i = 0; i < one.tuning->settings.size(); ++i) {
    EXPECT_EQ(one.tuning->settings[i].of_tuned, other.tuning->settings[i].of_tuned)
        << one.tuning->settings[i].name;
  }
}

TEST(EvaluateNextItem, ProgressIsToldInOrder) {
  std::vector<std::string> stages;
  NextItemEvaluationOptions options;
  options.threads = 3;
  options.progress = [&](std::string_view stage, double share) {
    EXPECT_TRUE(share >= 0 && share <= 1);
    if (stages.empty() || stages.back() != stage) stages.emplace_back(stage);
  };
  Evaluated(ToFile(RandomSequences(3, 50, 400)), options);
  EXPECT_EQ(stages, (std::vector<std::string>{"reading", "training", "scoring"}));
}

}  // namespace
}  // namespace attune::models
