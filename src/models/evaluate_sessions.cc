#include "models/evaluate_sessions.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>

#include "models/ranking_metrics.h"
#include "models/sequence_limits.h"
#include "models/session_file.h"
#include "models/tunable_settings.h"

namespace attune::models {
namespace {

constexpr size_t kQuestionBlock = 64;
constexpr size_t kSlateSize = 20;
constexpr size_t kQualityCount = kSessionPartCount + 1;  // Each part, and the blend.

struct Benchmark {
  Sequences training;
  SessionQuestions questions;
  uint32_t item_count = 0;
};

// Every click but the first of the newest tenth becomes a question.
Benchmark ValidationPart(const Sequences& sessions, uint32_t item_count) {
  Benchmark benchmark;
  benchmark.item_count = item_count;
  const size_t cut = sessions.size() - sessions.size() / 10;
  for (size_t i = 0; i < cut; ++i) benchmark.training.Add(sessions.Of(i));
  for (size_t i = cut; i < sessions.size(); ++i) {
    const auto products = sessions.Of(i);
    for (size_t place = 1; place < products.size(); ++place) {
      benchmark.questions.prefixes.Add(products.first(place));
      benchmark.questions.nexts.push_back(products[place]);
    }
  }
  return benchmark;
}

Status CheckAsks(const Benchmark& benchmark) {
  if (benchmark.questions.nexts.empty()) return InvalidArgument("there is nothing to ask", "train");
  return {};
}

Result<Benchmark> ReadBenchmark(std::istream& train, std::istream& test, bool validation) {
  ItemNumbering numbering;
  ASSIGN_OR_RETURN(Sequences sessions, ReadSessionFile(train, numbering));
  Benchmark benchmark;
  if (validation) {
    benchmark = ValidationPart(sessions, numbering.item_count());
  } else {
    Result<SessionQuestions> questions = ReadSessionQuestions(test, numbering);
    if (!questions.ok()) {
      const Status& status = questions.status();
      return Status(status.code(), status.message(), "test: " + status.field());
    }
    benchmark = {std::move(sessions), *std::move(questions), numbering.item_count()};
  }
  RETURN_IF_ERROR(CheckAsks(benchmark));
  return benchmark;
}

// A trial of the tuning reads nothing but the blend; asking is most of what it costs.
enum class Asked : uint8_t { kEverything = 1, kBlend = 2 };

// Scratch of one thread.
struct Asker {
  SparseAccumulator accumulator;
  std::vector<Seed> seeds;
  std::vector<Candidate> slate;

  // Shows `prefix`, oldest first; mid-ranks of `target` in each part and the blend.
  std::array<double, kQualityCount> Ask(const SessionNextModel& model, std::span<const uint32_t> prefix,
                                        uint32_t target, Asked asked, const Clock& clock, double& micros) {
    seeds.clear();
    for (size_t i = prefix.size(); i > 0 && seeds.size() < kSessionSeedsMax; --i) {
      seeds.push_back({ProductIndex(prefix[i - 1]), 1, 0, 0});
    }
    std::array<double, kQualityCount> mid_ranks{};
    if (asked == Asked::kEverything) {
      SourceQuery query;
      query.seeds = seeds;
      query.may_repeat = true;
      slate.clear();
      const int64_t started = clock.SteadyMicros();
      model.Retrieve(query, kSlateSize, slate);
      micros = static_cast<double>(clock.SteadyMicros() - started);
      for (size_t part = 0; part < kSessionPartCount; ++part) {
        model.ScorePart(static_cast<SessionPart>(part), seeds, nullptr, accumulator);
        mid_ranks[part] = accumulator.RankOf(target).mid_rank();
      }
    }
    model.Score(seeds, nullptr, accumulator);
    mid_ranks.back() = accumulator.RankOf(target).mid_rank();
    return mid_ranks;
  }
};

void NameQualities(SessionEvaluation& evaluation) {
  for (size_t part = 0; part < kSessionPartCount; ++part) {
    evaluation.qualities.push_back({std::string(SessionPartName(static_cast<SessionPart>(part))), 0, 0, {}});
  }
  evaluation.qualities.push_back({std::string(kSessionNext), 0, 0, {}});
  for (SessionQuality& quality : evaluation.qualities) quality.mid_ranks.resize(evaluation.questions);
}

std::string Line(const char* format, const auto&... values) {
  std::array<char, 256> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<size_t>(std::clamp<int>(length, 0, text.size() - 1))};
}

Result<SessionEvaluation> Measure(const Benchmark& benchmark, Asked asked, const Clock& clock,
                                  const SessionEvaluationOptions& options) {
  const auto progress = [&](std::string_view stage, double share) {
    if (options.progress) options.progress(stage, share);
  };
  const SessionQuestions& questions = benchmark.questions;
  SessionEvaluation evaluation;
  evaluation.sessions = benchmark.training.size();
  evaluation.clicks = benchmark.training.interaction_count();
  evaluation.items = benchmark.item_count;
  evaluation.questions = questions.nexts.size();
  NameQualities(evaluation);

  TrainingControl control;
  control.thread_count = static_cast<int>(options.threads);
  control.progress = [&](std::string_view stage, double share) { progress(stage, share * 0.99); };
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(const std::shared_ptr<const SessionNextModel> model,
                   SessionNextModel::Train(kSessionNext, benchmark.training, benchmark.item_count,
                                           ProductTies::Make(nullptr), options.model, control));
  evaluation.train_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  evaluation.model_bytes = model->memory_bytes();
  evaluation.weights = model->weights();

  std::vector<double> micros(questions.nexts.size());
  std::vector<Asker> askers(std::max<uint32_t>(options.threads, 1));
  control.progress = {};
  ForEachTrainingBlock(micros.size(), kQuestionBlock, control, [&](size_t begin, size_t end, size_t thread) {
    if (thread == 0) progress("asking", static_cast<double>(begin) / static_cast<double>(micros.size()));
    for (size_t i = begin; i < end; ++i) {
      const auto mid_ranks =
          askers[thread].Ask(*model, questions.prefixes.Of(i), questions.nexts[i], asked, clock, micros[i]);
      for (size_t q = 0; q < kQualityCount; ++q) evaluation.qualities[q].mid_ranks[i] = mid_ranks[q];
    }
  });
  progress("asking", 1);
  for (SessionQuality& quality : evaluation.qualities) {
    quality.hit_rate_at_20 = RecallAt(quality.mid_ranks, 20);
    quality.mrr_at_20 = MrrAt(quality.mid_ranks, 20);
  }
  evaluation.predict_p99_ms = QuantileOf(std::move(micros), 0.99) / 1000;
  return evaluation;
}

// On the newest sessions of the training part; the test questions are asked by the caller.
Result<TunedOptions<SessionNextOptions>> Tuned(const Benchmark& benchmark, const Clock& clock,
                                               const SessionEvaluationOptions& options) {
  const Benchmark validation = ValidationPart(benchmark.training, benchmark.item_count);
  RETURN_IF_ERROR(CheckAsks(validation));
  SessionEvaluationOptions trial = options;
  trial.progress = {};
  const auto objective = [&](const SessionNextOptions& model) -> Result<std::optional<double>> {
    trial.model = model;
    ASSIGN_OR_RETURN(const SessionEvaluation measured, Measure(validation, Asked::kBlend, clock, trial));
    return std::optional(measured.blend().hit_rate_at_20 + measured.blend().mrr_at_20);
  };
  TuningOptions tuning = *options.tuning;
  tuning.progress = options.progress;
  return TuneOptions<SessionNextOptions>(options.model, SessionSettings(), objective, tuning);
}

}  // namespace

Result<SessionEvaluation> EvaluateSessions(std::istream& train, std::istream& test, const Clock& clock,
                                           const SessionEvaluationOptions& options) {
  if (options.tuning && options.validation) {
    return InvalidArgument("the validation part is what is tuned on", "tuning");
  }
  if (options.progress) options.progress("reading", 0);
  ASSIGN_OR_RETURN(const Benchmark benchmark, ReadBenchmark(train, test, options.validation));
  if (!options.tuning) return Measure(benchmark, Asked::kEverything, clock, options);
  ASSIGN_OR_RETURN(TunedOptions<SessionNextOptions> tuned, Tuned(benchmark, clock, options));
  ASSIGN_OR_RETURN(SessionEvaluation evaluation, Measure(benchmark, Asked::kEverything, clock, options));
  SessionEvaluationOptions with_tuned = options;
  with_tuned.model = tuned.options;
  ASSIGN_OR_RETURN(const SessionEvaluation of_tuned,
                   Measure(benchmark, Asked::kEverything, clock, with_tuned));
  tuned.report.AddFigure("hit_rate@20", evaluation.blend().hit_rate_at_20, of_tuned.blend().hit_rate_at_20);
  tuned.report.AddFigure("mrr@20", evaluation.blend().mrr_at_20, of_tuned.blend().mrr_at_20);
  evaluation.tuning = std::move(tuned.report);
  return evaluation;
}

std::string FormatSessionTable(const SessionEvaluation& evaluation) {
  std::string text = Line("sessions: %llu sessions, %llu clicks, %llu items, %llu questions\n",
                          static_cast<unsigned long long>(evaluation.sessions),
                          static_cast<unsigned long long>(evaluation.clicks),
                          static_cast<unsigned long long>(evaluation.items),
                          static_cast<unsigned long long>(evaluation.questions));
  text += Line("  %-16s %12s %8s %8s\n", "model", "hit rate@20", "mrr@20", "weight");
  for (size_t i = 0; i < evaluation.qualities.size(); ++i) {
    const SessionQuality& quality = evaluation.qualities[i];
    const std::string weight = i < kSessionPartCount
                                   ? Line("%8.2f", static_cast<double>(evaluation.weights.parts[i]))
                                   : std::string();
    text += Line("  %-16s %12.4f %8.4f %s\n", quality.name.c_str(), quality.hit_rate_at_20, quality.mrr_at_20,
                 weight.c_str());
  }
  text += Line("further step: weight %.2f\n", static_cast<double>(evaluation.weights.further));
  text += Line("trained in %.2f s, model %.1f MB, answer p99 %.3f ms\n", evaluation.train_seconds,
               static_cast<double>(evaluation.model_bytes) / 1e6, evaluation.predict_p99_ms);
  if (evaluation.tuning) text += FormatTuning(*evaluation.tuning);
  return text;
}

void WriteSessionJson(const SessionEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("hit_rate@20").Fixed(evaluation.blend().hit_rate_at_20, 6);
  json.Key("mrr@20").Fixed(evaluation.blend().mrr_at_20, 6);
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("predict_p99_ms").Fixed(evaluation.predict_p99_ms, 3);
  json.Key("questions").Uint(evaluation.questions).Key("items").Uint(evaluation.items);
  json.Key("models").BeginObject();
  for (const SessionQuality& quality : evaluation.qualities) {
    json.Key(quality.name).BeginObject();
    json.Key("hit_rate@20").Fixed(quality.hit_rate_at_20, 6).Key("mrr@20").Fixed(quality.mrr_at_20, 6);
    json.EndObject();
  }
  json.EndObject();
  if (evaluation.tuning) WriteTuning(*evaluation.tuning, json);
  json.EndObject();
}

}  // namespace attune::models
