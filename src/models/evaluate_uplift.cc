#include "models/evaluate_uplift.h"

#include <cmath>
#include <cstdio>
#include <vector>

#include "models/csv_table.h"
#include "models/uplift_learner.h"

namespace attune::models {
namespace {

constexpr double kNormal95 = 1.959963984540054;

void DescribeArms(const UpliftRows& rows, UpliftEvaluation& evaluation) {
  double sums[2] = {}, squares[2] = {}, counts[2] = {};
  for (size_t i = 0; i < rows.size(); ++i) counts[rows.is_treated[i]] += 1;
  for (size_t i = 0; i < rows.size(); ++i) sums[rows.is_treated[i]] += rows.outcome[i];
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t arm = rows.is_treated[i];
    const double off = rows.outcome[i] - sums[arm] / counts[arm];
    squares[arm] += off * off;
  }
  evaluation.treated = static_cast<uint64_t>(counts[1]);
  evaluation.untreated = static_cast<uint64_t>(counts[0]);
  evaluation.treated_mean = sums[1] / counts[1];
  evaluation.untreated_mean = sums[0] / counts[0];
  double variance = 0;
  for (size_t arm = 0; arm < 2; ++arm) variance += squares[arm] / (counts[arm] - 1) / counts[arm];
  evaluation.effect_error = std::sqrt(variance);
}

Result<UpliftScores> Measure(const UpliftData& data, UpliftLearner learner,
                             const UpliftEvaluationOptions& options) {
  UpliftOptions fitting;
  fitting.learner = learner;
  fitting.folds = options.folds;
  fitting.seed = options.seed;
  fitting.threads = options.threads;
  fitting.progress = options.progress;
  ASSIGN_OR_RETURN(const std::vector<double> scores, CrossFitUplift(data, fitting));
  ASSIGN_OR_RETURN(const QiniMeasure measure, QiniMeasure::Create(data.rows, scores));
  UpliftScores result;
  result.figures = measure.Figures();
  QiniBootstrapOptions bootstrap = options.bootstrap;
  bootstrap.threads = options.threads;
  bootstrap.widening = kCrossFitWidening;
  if (options.progress) options.progress("bootstrap", 0);
  ASSIGN_OR_RETURN(result.interval, measure.Bootstrap(bootstrap));
  if (options.progress) options.progress("bootstrap", 1);
  return result;
}

void AppendScores(const char* name, const UpliftScores& scores, std::string& text) {
  char line[256];
  std::snprintf(line, sizeof(line), "\n  %-16s %8.4f [%7.4f, %7.4f]", name, scores.figures.qini,
                scores.interval.low.qini, scores.interval.high.qini);
  text += line;
  for (size_t i = 0; i < UpliftFigures::kShares.size(); ++i) {
    std::snprintf(line, sizeof(line), "  %8.4f [%7.4f, %7.4f]", scores.figures.uplift_at[i],
                  scores.interval.low.uplift_at[i], scores.interval.high.uplift_at[i]);
    text += line;
  }
}

void WriteScores(const UpliftScores& scores, JsonWriter& json) {
  json.Key("qini").Fixed(scores.figures.qini, 6);
  json.Key("qini_low").Fixed(scores.interval.low.qini, 6);
  json.Key("qini_high").Fixed(scores.interval.high.qini, 6);
  for (size_t i = 0; i < UpliftFigures::kShares.size(); ++i) {
    const std::string name =
        "uplift@" + std::to_string(static_cast<int>(std::lround(100 * UpliftFigures::kShares[i])));
    json.Key(name).Fixed(scores.figures.uplift_at[i], 6);
    json.Key(name + "_low").Fixed(scores.interval.low.uplift_at[i], 6);
    json.Key(name + "_high").Fixed(scores.interval.high.uplift_at[i], 6);
  }
}

}  // namespace

Result<UpliftEvaluation> EvaluateUplift(std::string_view csv, const UpliftEvaluationOptions& options) {
  ASSIGN_OR_RETURN(const CsvTable table, CsvTable::Read(csv));
  ASSIGN_OR_RETURN(const UpliftData data, ReadUpliftData(table, options.columns));
  UpliftEvaluation evaluation;
  evaluation.left_out = data.rows_left_out;
  evaluation.features = data.feature_count();
  evaluation.folds = options.folds;
  DescribeArms(data.rows, evaluation);
  ASSIGN_OR_RETURN(evaluation.s_learner, Measure(data, UpliftLearner::kSLearner, options));
  ASSIGN_OR_RETURN(evaluation.effect_learner, Measure(data, UpliftLearner::kEffect, options));
  return evaluation;
}

std::string FormatUpliftTable(const UpliftEvaluation& evaluation) {
  char head[512];
  std::snprintf(head, sizeof(head),
                "uplift: %llu treated rows, mean outcome %.5f; %llu untreated, %.5f; %llu in neither arm\n"
                "  effect on all alike %.5f +- %.5f (95 %%); %llu features, %u folds\n"
                "  %-16s %-27s  %-27s  %-27s  %-27s",
                static_cast<unsigned long long>(evaluation.treated), evaluation.treated_mean,
                static_cast<unsigned long long>(evaluation.untreated), evaluation.untreated_mean,
                static_cast<unsigned long long>(evaluation.left_out), evaluation.effect(),
                kNormal95 * evaluation.effect_error, static_cast<unsigned long long>(evaluation.features),
                evaluation.folds, "", "qini", "uplift@10", "uplift@20", "uplift@30");
  std::string text = head;
  AppendScores("S-learner", evaluation.s_learner, text);
  AppendScores("effect learner", evaluation.effect_learner, text);
  return text;
}

void WriteUpliftJson(const UpliftEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  WriteScores(evaluation.s_learner, json);
  json.Key("treated").Uint(evaluation.treated).Key("untreated").Uint(evaluation.untreated);
  json.Key("left_out").Uint(evaluation.left_out).Key("features").Uint(evaluation.features);
  json.Key("treated_mean").Fixed(evaluation.treated_mean, 6);
  json.Key("untreated_mean").Fixed(evaluation.untreated_mean, 6);
  json.Key("effect").Fixed(evaluation.effect(), 6);
  json.Key("effect_error").Fixed(evaluation.effect_error, 6);
  json.Key("effect_learner").BeginObject();
  WriteScores(evaluation.effect_learner, json);
  json.EndObject().EndObject();
}

}  // namespace attune::models
