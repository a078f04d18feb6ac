#include "models/evaluate_top_n.h"

#include <absl/container/flat_hash_map.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "models/ranking_metrics.h"
#include "models/top_n_measure.h"

namespace attune::models {
namespace {

double PeakMemoryMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);  // ru_maxrss is in KiB.
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

TopNSplit SplitByFiles(SequenceFile train, const SequenceFile& test) {
  absl::flat_hash_map<uint64_t, size_t> test_line_by_user;
  for (size_t line = 0; line < test.users.size(); ++line) test_line_by_user[test.users[line]] = line;
  TopNSplit split;
  for (const uint64_t user : train.users) {
    const auto line = test_line_by_user.find(user);
    std::vector<uint32_t> products;
    if (line != test_line_by_user.end()) {
      const auto held_out = test.sequences.Of(line->second);
      products.assign(held_out.begin(), held_out.end());
      test_line_by_user.erase(line);
    }
    AddHeldOut(std::move(products), split);
  }
  split.training = std::move(train.sequences);
  // Users without a training line come last, in the order of the test file: nothing is known of them.
  for (size_t line = 0; line < test.users.size(); ++line) {
    if (!test_line_by_user.contains(test.users[line])) continue;
    split.training.Add({});
    const auto held_out = test.sequences.Of(line);
    AddHeldOut({held_out.begin(), held_out.end()}, split);
  }
  return split;
}

Result<TopNSplit> ReadSplit(std::istream& train, std::istream& test, const TopNEvaluationOptions& options,
                            ItemNumbering& numbering) {
  if (!(options.hold_out_share >= 0 && options.hold_out_share <= 0.9)) {
    return InvalidArgument("share must be 0 to 0.9", "hold_out_share");
  }
  ASSIGN_OR_RETURN(SequenceFile train_file, ReadSequenceFile(train, numbering));
  if (options.hold_out_share > 0) {
    return HoldOut(train_file.sequences, options.hold_out_share, [&](size_t line, uint32_t product) {
      const uint64_t user = MixHash64(train_file.users[line], options.hold_out_seed);
      return static_cast<uint32_t>(MixHash64(user, numbering.items()[product]) >> 32);
    });
  }
  Result<SequenceFile> test_file = ReadSequenceFile(test, numbering);
  if (!test_file.ok()) {
    const Status status = test_file.status();
    return Status(status.code(), status.message(), "test: " + status.field());
  }
  return SplitByFiles(std::move(train_file), *test_file);
}

void AddTestFigures(TopNEvaluation& evaluation) {
  if (!evaluation.choice || !evaluation.choice->tuning) return;
  TuningReport& report = *evaluation.choice->tuning;
  report.AddFigure("recall@20", evaluation.default_recall_at_20, evaluation.recall_at_20);
  report.AddFigure("ndcg@20", evaluation.default_ndcg_at_20, evaluation.ndcg_at_20);
}

// Trains what was asked for and measures it; the defaults too, when the choice went beyond them.
Status TrainAndMeasure(const TopNSplit& split, uint32_t items, const Clock& clock,
                       const TopNEvaluationOptions& options, TopNEvaluation& evaluation) {
  const int64_t started = clock.SteadyMicros();
  TopNOptions model = options.model;
  evaluation.model = NameOf(model.method);
  if (options.choose) {
    TopNChoiceOptions choosing = options.choice;
    choosing.threads = options.threads;
    choosing.progress = options.progress;
    ASSIGN_OR_RETURN(evaluation.choice, ChooseTopN(split.training, items, choosing));
    model = evaluation.choice->best().options;
    evaluation.model = evaluation.choice->best().name;
  }
  model.threads = options.threads;
  ASSIGN_OR_RETURN(const std::shared_ptr<const TransitionSource> source,
                   TrainTopN(split.training, items, model));
  evaluation.train_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  evaluation.model_bytes = source->memory_bytes();
  TopNMeasureOptions measuring;
  measuring.threads = options.threads;
  measuring.clock = &clock;
  measuring.progress = [&](double share) {
    if (options.progress) options.progress("scoring", share);
  };
  TopNMeasures measures = MeasureTopN(*source, split, measuring);
  evaluation.recalls = std::move(measures.recalls);
  evaluation.ndcgs = std::move(measures.ndcgs);
  evaluation.recall_at_20 = MeanOf(evaluation.recalls);
  evaluation.ndcg_at_20 = MeanOf(evaluation.ndcgs);
  evaluation.predict_p99_ms = QuantileOf(std::move(measures.micros), 0.99) / 1000;
  evaluation.default_recall_at_20 = evaluation.recall_at_20;
  evaluation.default_ndcg_at_20 = evaluation.ndcg_at_20;
  evaluation.peak_memory_mb = PeakMemoryMegabytes();
  if (!evaluation.choice || evaluation.choice->chosen == evaluation.choice->chosen_by_default) {
    AddTestFigures(evaluation);
    return {};
  }
  model = evaluation.choice->best_default().options;
  model.threads = options.threads;
  ASSIGN_OR_RETURN(const std::shared_ptr<const TransitionSource> default_source,
                   TrainTopN(split.training, items, model));
  measuring.clock = nullptr;
  const TopNMeasures of_defaults = MeasureTopN(*default_source, split, measuring);
  evaluation.default_recall_at_20 = of_defaults.recall();
  evaluation.default_ndcg_at_20 = of_defaults.ndcg();
  AddTestFigures(evaluation);
  return {};
}

}  // namespace

Result<TopNEvaluation> EvaluateTopN(std::istream& train, std::istream& test, const Clock& clock,
                                    const TopNEvaluationOptions& options) {
  const auto progress = [&](std::string_view stage, double share) {
    if (options.progress) options.progress(stage, share);
  };
  progress("reading", 0);
  ItemNumbering numbering;
  ASSIGN_OR_RETURN(const TopNSplit split, ReadSplit(train, test, options, numbering));
  TopNEvaluation evaluation;
  for (size_t user = 0; user < split.held_out.size(); ++user) {
    evaluation.users += !split.held_out.Of(user).empty();
  }
  if (evaluation.users == 0) return InvalidArgument("no user has test items", "line 1");
  evaluation.items = numbering.item_count();
  evaluation.train_interactions = split.training.interaction_count();
  evaluation.test_interactions = split.held_out.interaction_count();
  progress("training", 0);
  RETURN_IF_ERROR(TrainAndMeasure(split, numbering.item_count(), clock, options, evaluation));
  progress("scoring", 1);
  return evaluation;
}

std::string FormatTopNTable(const TopNEvaluation& evaluation) {
  char text[768];
  const int length = std::snprintf(
      text, sizeof(text),
      "top-n: %llu users, %llu items, %llu training and %llu held-out interactions\n"
      "  %-30s %10s %10s\n"
      "  %-30s %10.4f %10.4f\n"
      "  %-30s %10.4f %10.4f\n"
      "trained in %.2f s, model %.1f MB, answer p99 %.3f ms, peak memory %.0f MB\n",
      static_cast<unsigned long long>(evaluation.users), static_cast<unsigned long long>(evaluation.items),
      static_cast<unsigned long long>(evaluation.train_interactions),
      static_cast<unsigned long long>(evaluation.test_interactions), "", "recall@20", "ndcg@20",
      evaluation.model.c_str(), evaluation.recall_at_20, evaluation.ndcg_at_20, "fixed defaults",
      evaluation.default_recall_at_20, evaluation.default_ndcg_at_20, evaluation.train_seconds,
      static_cast<double>(evaluation.model_bytes) / 1e6, evaluation.predict_p99_ms,
      evaluation.peak_memory_mb);
  std::string table(text, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(text) - 1)));
  if (!evaluation.choice) return table;
  const std::string tuned = evaluation.choice->tuning ? FormatTuning(*evaluation.choice->tuning) : "";
  return FormatTopNChoice(*evaluation.choice) + table + tuned;
}

void WriteTopNJson(const TopNEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("recall@20").Fixed(evaluation.recall_at_20, 6).Key("ndcg@20").Fixed(evaluation.ndcg_at_20, 6);
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("peak_memory_mb").Fixed(evaluation.peak_memory_mb, 1);
  json.Key("users").Uint(evaluation.users).Key("items").Uint(evaluation.items);
  json.Key("model").String(evaluation.model);
  json.Key("default_recall@20").Fixed(evaluation.default_recall_at_20, 6);
  json.Key("default_ndcg@20").Fixed(evaluation.default_ndcg_at_20, 6);
  json.Key("model_mb").Fixed(static_cast<double>(evaluation.model_bytes) / 1e6, 1);
  json.Key("predict_p99_ms").Fixed(evaluation.predict_p99_ms, 4);
  json.Key("trials").BeginArray();
  for (const TopNTrial& trial : evaluation.choice ? evaluation.choice->trials : std::vector<TopNTrial>()) {
    json.BeginObject().Key("name").String(trial.name).Key("tried").Bool(trial.was_tried);
    json.Key("estimated_seconds").Fixed(trial.cost.processor_seconds, 1);
    json.Key("estimated_mb").Fixed(static_cast<double>(trial.cost.memory_bytes) / 1e6, 0);
    json.Key("recall@20").Fixed(trial.recall_at_20, 6).Key("ndcg@20").Fixed(trial.ndcg_at_20, 6);
    json.EndObject();
  }
  json.EndArray();
  if (evaluation.choice && evaluation.choice->tuning) WriteTuning(*evaluation.choice->tuning, json);
  json.EndObject();
}

}  // namespace attune::models
