#include "models/evaluate_next_item.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "models/ranking_metrics.h"
#include "models/sequence_limits.h"
#include "models/sparse_parallel.h"
#include "models/tunable_settings.h"

namespace attune::models {
namespace {

constexpr size_t kUserBlock = 64;
constexpr size_t kSlateSize = 20;
constexpr size_t kItemsMin = 3;

double Seconds(int64_t micros) { return static_cast<double>(micros) / 1e6; }

// Everything but the last two items of each sequence that is long enough to be asked.
Sequences TrainingPart(const Sequences& all) {
  Sequences training;
  for (size_t user = 0; user < all.size(); ++user) {
    const auto items = all.Of(user);
    training.Add(items.size() < kItemsMin ? items : items.first(items.size() - 2));
  }
  return training;
}

// Scratch of one thread.
struct Asker {
  SparseAccumulator accumulator;
  std::vector<Seed> seeds;
  std::vector<Candidate> slate;
};

struct Answer {
  double mid_rank = kUnrankedTarget;
  double micros = 0;
};

// Shows `history`, oldest first, to the source and finds where `target` stands.
Answer Ask(const NextItemBlend& source, std::span<const uint32_t> history, uint32_t target,
           const Clock& clock, Asker& asker) {
  asker.seeds.clear();
  for (size_t i = history.size(); i > 0 && asker.seeds.size() < kTransitionSeedsMax; --i) {
    asker.seeds.push_back({ProductIndex(history[i - 1]), 1, 0});
  }
  Answer answer;
  SourceQuery query;
  query.seeds = asker.seeds;
  asker.slate.clear();
  const int64_t started = clock.SteadyMicros();
  source.Retrieve(query, kSlateSize, asker.slate);
  answer.micros = static_cast<double>(clock.SteadyMicros() - started);

  source.Score(asker.seeds, asker.accumulator);
  for (const uint32_t product : history) asker.accumulator.Mask(product);
  if (!asker.accumulator.IsMasked(target)) answer.mid_rank = asker.accumulator.RankOf(target).mid_rank();
  return answer;
}

void Summarize(std::vector<double> micros, NextItemEvaluation& evaluation) {
  evaluation.recall_at_5 = RecallAt(evaluation.mid_ranks, 5);
  evaluation.recall_at_10 = RecallAt(evaluation.mid_ranks, 10);
  evaluation.recall_at_20 = RecallAt(evaluation.mid_ranks, 20);
  evaluation.ndcg_at_5 = NdcgAt(evaluation.mid_ranks, 5);
  evaluation.ndcg_at_10 = NdcgAt(evaluation.mid_ranks, 10);
  evaluation.ndcg_at_20 = NdcgAt(evaluation.mid_ranks, 20);
  evaluation.mrr_at_20 = MrrAt(evaluation.mid_ranks, 20);
  evaluation.predict_p99_ms = QuantileOf(std::move(micros), 0.99) / 1000;
}

// A file in memory.
struct Benchmark {
  Sequences all;
  Sequences training;
  std::vector<size_t> users;  // Those that are asked.
  uint32_t item_count = 0;
};

Result<Benchmark> ReadBenchmark(std::istream& sequences) {
  ItemNumbering numbering;
  ASSIGN_OR_RETURN(SequenceFile file, ReadSequenceFile(sequences, numbering));
  Benchmark benchmark;
  benchmark.all = std::move(file.sequences);
  benchmark.item_count = numbering.item_count();
  for (size_t user = 0; user < benchmark.all.size(); ++user) {
    if (benchmark.all.Of(user).size() >= kItemsMin) benchmark.users.push_back(user);
  }
  if (benchmark.users.empty()) return InvalidArgument("no sequence has three items", "line 1");
  benchmark.training = TrainingPart(benchmark.all);
  return benchmark;
}

Result<NextItemEvaluation> Measure(const Benchmark& benchmark, const Clock& clock,
                                   const NextItemEvaluationOptions& options) {
  const auto progress = [&](std::string_view stage, double share) {
    if (options.progress) options.progress(stage, share);
  };
  const Sequences& all = benchmark.all;
  const std::vector<size_t>& users = benchmark.users;
  NextItemEvaluation evaluation;
  evaluation.users = users.size();
  evaluation.items = benchmark.item_count;
  evaluation.interactions = all.interaction_count();
  progress("training", 0);
  TrainingControl control;
  control.thread_count = static_cast<int>(std::max<uint32_t>(options.threads, 1));
  control.progress = [&](std::string_view stage, double share) { progress(stage, share * 0.99); };
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(const std::shared_ptr<const NextItemBlend> source,
                   NextItemBlend::Train(benchmark.training, benchmark.item_count,
                                        {options.model, options.attention}, control));
  evaluation.train_seconds = Seconds(clock.SteadyMicros() - started);
  evaluation.model_bytes = source->memory_bytes();
  evaluation.attention_share = static_cast<double>(source->attention_share());

  const size_t back = options.target == NextItemEvaluationOptions::Target::kTest ? 1 : 2;
  evaluation.mid_ranks.resize(users.size());
  std::vector<double> micros(users.size());
  std::vector<Asker> askers(WorkerCount(options.threads));
  ForEachBlock(users.size(), kUserBlock, options.threads, [&](uint32_t worker, size_t begin, size_t end) {
    if (worker == 0) progress("scoring", static_cast<double>(begin) / static_cast<double>(users.size()));
    for (size_t i = begin; i < end; ++i) {
      const auto items = all.Of(users[i]);
      const size_t target = items.size() - back;
      const Answer answer = Ask(*source, items.first(target), items[target], clock, askers[worker]);
      evaluation.mid_ranks[i] = answer.mid_rank;
      micros[i] = answer.micros;
    }
  });
  progress("scoring", 1);
  Summarize(std::move(micros), evaluation);
  return evaluation;
}

// On the validation target; the test target is asked by the caller.
Result<TunedOptions<NextItemOptions>> Tuned(const Benchmark& benchmark, const Clock& clock,
                                            const NextItemEvaluationOptions& options) {
  NextItemEvaluationOptions trial = options;
  trial.target = NextItemEvaluationOptions::Target::kValidation;
  trial.progress = {};
  const auto objective = [&](const NextItemOptions& model) -> Result<std::optional<double>> {
    trial.model = model;
    ASSIGN_OR_RETURN(const NextItemEvaluation measured, Measure(benchmark, clock, trial));
    return std::optional(measured.recall_at_10 + measured.ndcg_at_10);
  };
  TuningOptions tuning = *options.tuning;
  tuning.progress = options.progress;
  return TuneOptions<NextItemOptions>(options.model, NextItemSettings(), objective, tuning);
}

}  // namespace

Result<NextItemEvaluation> EvaluateNextItem(std::istream& sequences, const Clock& clock,
                                            const NextItemEvaluationOptions& options) {
  if (options.tuning && options.target != NextItemEvaluationOptions::Target::kTest) {
    return InvalidArgument("the validation target is what is tuned on", "tuning");
  }
  if (options.progress) options.progress("reading", 0);
  ASSIGN_OR_RETURN(const Benchmark benchmark, ReadBenchmark(sequences));
  if (!options.tuning) return Measure(benchmark, clock, options);
  ASSIGN_OR_RETURN(TunedOptions<NextItemOptions> tuned, Tuned(benchmark, clock, options));
  ASSIGN_OR_RETURN(NextItemEvaluation evaluation, Measure(benchmark, clock, options));
  NextItemEvaluationOptions with_tuned = options;
  with_tuned.model = tuned.options;
  ASSIGN_OR_RETURN(const NextItemEvaluation of_tuned, Measure(benchmark, clock, with_tuned));
  tuned.report.AddFigure("recall@10", evaluation.recall_at_10, of_tuned.recall_at_10);
  tuned.report.AddFigure("ndcg@10", evaluation.ndcg_at_10, of_tuned.ndcg_at_10);
  evaluation.tuning = std::move(tuned.report);
  return evaluation;
}

NextItemEvaluation MeanOfSeeds(const std::vector<NextItemEvaluation>& evaluations) {
  CHECK(!evaluations.empty());
  NextItemEvaluation mean = evaluations.front();
  mean.mid_ranks.clear();
  for (double NextItemEvaluation::* const figure :
       {&NextItemEvaluation::recall_at_5, &NextItemEvaluation::recall_at_10,
        &NextItemEvaluation::recall_at_20, &NextItemEvaluation::ndcg_at_5, &NextItemEvaluation::ndcg_at_10,
        &NextItemEvaluation::ndcg_at_20, &NextItemEvaluation::mrr_at_20, &NextItemEvaluation::train_seconds,
        &NextItemEvaluation::predict_p99_ms, &NextItemEvaluation::attention_share}) {
    std::vector<double> values;
    for (const NextItemEvaluation& evaluation : evaluations) values.push_back(evaluation.*figure);
    mean.*figure = MeanOf(values);
  }
  const auto spread = [&](double NextItemEvaluation::* figure) {
    const auto [low, high] =
        std::minmax_element(evaluations.begin(), evaluations.end(),
                            [&](const auto& a, const auto& b) { return a.*figure < b.*figure; });
    return (*high).*figure - (*low).*figure;
  };
  mean.recall_at_10_spread = spread(&NextItemEvaluation::recall_at_10);
  mean.ndcg_at_10_spread = spread(&NextItemEvaluation::ndcg_at_10);
  return mean;
}

std::string FormatNextItemTable(const NextItemEvaluation& evaluation) {
  char text[512];
  const int length = std::snprintf(
      text, sizeof(text),
      "next-item: %llu users, %llu items, %llu interactions\n"
      "  k    recall    ndcg\n"
      "  5    %.4f    %.4f\n"
      "  10   %.4f    %.4f\n"
      "  20   %.4f    %.4f\n"
      "trained in %.2f s, model %.1f MB, answer p99 %.3f ms\n"
      "attention share %.2f; spread of seeds: recall@10 %.4f, ndcg@10 %.4f\n",
      static_cast<unsigned long long>(evaluation.users), static_cast<unsigned long long>(evaluation.items),
      static_cast<unsigned long long>(evaluation.interactions), evaluation.recall_at_5, evaluation.ndcg_at_5,
      evaluation.recall_at_10, evaluation.ndcg_at_10, evaluation.recall_at_20, evaluation.ndcg_at_20,
      evaluation.train_seconds, static_cast<double>(evaluation.model_bytes) / 1e6, evaluation.predict_p99_ms,
      evaluation.attention_share, evaluation.recall_at_10_spread, evaluation.ndcg_at_10_spread);
  const std::string table(text, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(text) - 1)));
  return evaluation.tuning ? table + FormatTuning(*evaluation.tuning) : table;
}

void WriteNextItemJson(const NextItemEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("recall@5").Fixed(evaluation.recall_at_5, 6).Key("recall@10").Fixed(evaluation.recall_at_10, 6);
  json.Key("recall@20").Fixed(evaluation.recall_at_20, 6).Key("ndcg@5").Fixed(evaluation.ndcg_at_5, 6);
  json.Key("ndcg@10").Fixed(evaluation.ndcg_at_10, 6).Key("ndcg@20").Fixed(evaluation.ndcg_at_20, 6);
  json.Key("users").Uint(evaluation.users).Key("items").Uint(evaluation.items);
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("predict_p99_ms").Fixed(evaluation.predict_p99_ms, 3);
  if (evaluation.attention_share > 0) {
    json.Key("attention_share").Fixed(evaluation.attention_share, 3);
    json.Key("recall@10_spread").Fixed(evaluation.recall_at_10_spread, 6);
    json.Key("ndcg@10_spread").Fixed(evaluation.ndcg_at_10_spread, 6);
  }
  if (evaluation.tuning) WriteTuning(*evaluation.tuning, json);
  json.EndObject();
}

}  // namespace attune::models
