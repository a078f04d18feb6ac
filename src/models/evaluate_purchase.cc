#include "models/evaluate_purchase.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <tuple>
#include <utility>

#include "models/purchase_file.h"
#include "models/ranking_metrics.h"
#include "models/source_trainers.h"
#include "models/tunable_settings.h"

namespace attune::models {
namespace {

// Repeats are not asked for, so the sources about them have no part here.
constexpr std::array<std::string_view, 10> kSources = {
    "history_next", "session_next",    "viewed_next",           "also_viewed", "bought_after",
    "also_bought",  "bought_together", "for_shoppers_like_you", "bestsellers", "trending"};
constexpr uint32_t kListDepth = 100;
constexpr double kRankOffset = 10;
constexpr size_t kQuestionBlock = 16;
constexpr int kWeightPasses = 3;
constexpr std::array<double, 6> kWeightGrid = {0, 0.05, 0.15, 0.4, 1, 2};

struct Question {
  std::vector<Interaction> history;  // Oldest first.
  uint32_t target = 0;
};

// By source, best first, without products of the history.
using Answers = std::array<std::vector<Candidate>, kSources.size()>;

struct Gain {
  double hit_rate_at_10 = 0, ndcg_at_10 = 0, hit_rate_at_20 = 0, ndcg_at_20 = 0;

  double sum() const { return hit_rate_at_10 + ndcg_at_10 + hit_rate_at_20 + ndcg_at_20; }
};

using RowsByShopper = absl::flat_hash_map<uint64_t, std::vector<Interaction>>;

RowsByShopper Group(std::vector<Interaction> rows) {
  const auto key = [](const Interaction& row) { return std::tuple(row.at_ms, row.product, row.kind); };
  std::sort(rows.begin(), rows.end(),
            [&](const Interaction& a, const Interaction& b) { return key(a) < key(b); });
  RowsByShopper grouped;
  for (const Interaction& row : rows) grouped[row.shopper.value()].push_back(row);
  return grouped;
}

// Latest first, each product once.
std::vector<Seed> SeedsOf(std::span<const Interaction> history, const SignalWeights& weights) {
  std::vector<Seed> seeds;
  absl::flat_hash_map<uint32_t, size_t> place_of;
  for (size_t i = history.size(); i-- > 0;) {
    const Interaction& row = history[i];
    const double age = static_cast<double>(history.back().at_ms - row.at_ms);
    double weight = row.kind == InteractionKind::kView   ? weights.view
                    : row.kind == InteractionKind::kCart ? weights.cart
                                                         : weights.purchase;
    weight *= std::exp2(-age / static_cast<double>(weights.half_life_ms));
    const auto [place, is_new] = place_of.try_emplace(row.product.value(), seeds.size());
    if (is_new) seeds.push_back({row.product, 0, row.at_ms, 0});
    Seed& seed = seeds[place->second];
    seed.weight = std::max(seed.weight, static_cast<float>(weight));
  }
  return seeds;
}

Answers Ask(const ModelSet& models, const Question& question, const SignalWeights& weights) {
  const std::vector<Seed> seeds = SeedsOf(question.history, weights);
  std::vector<uint32_t> known;
  for (const Interaction& row : question.history) known.push_back(row.product.value());
  std::sort(known.begin(), known.end());
  SourceQuery query;
  query.seeds = seeds;
  query.now_ms = question.history.back().at_ms;
  Answers answers;
  for (size_t i = 0; i < kSources.size(); ++i) {
    const CandidateSource* const source = models.Source(kSources[i]);
    if (source == nullptr) continue;
    source->Retrieve(query, kListDepth + known.size(), answers[i]);
    std::erase_if(answers[i], [&](const Candidate& candidate) {
      return std::binary_search(known.begin(), known.end(), candidate.product.value());
    });
    answers[i].resize(std::min<size_t>(answers[i].size(), kListDepth));
  }
  return answers;
}

std::vector<Answers> AskAll(const ModelSet& models, const std::vector<Question>& questions,
                            const SignalWeights& weights, const TrainingControl& control) {
  std::vector<Answers> answers(questions.size());
  ForEachTrainingBlock(questions.size(), kQuestionBlock, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) answers[i] = Ask(models, questions[i], weights);
  });
  return answers;
}

FusionRecipe RecipeOf(const std::array<double, kSources.size()>& weights) {
  FusionRecipe recipe;
  recipe.k = kRankOffset;
  for (size_t i = 0; i < kSources.size(); ++i) {
    recipe.parts.push_back({std::string(kSources[i]), weights[i], kListDepth});
  }
  return recipe;
}

// `rank` is from 1; 0 for a product that was not answered.
void AddRank(size_t rank, Gain& gain) {
  const double mid_rank = rank == 0 ? kUnrankedTarget : static_cast<double>(rank);
  gain.hit_rate_at_10 += RecallOfRank(mid_rank, 10);
  gain.ndcg_at_10 += NdcgOfRank(mid_rank, 10);
  gain.hit_rate_at_20 += RecallOfRank(mid_rank, 20);
  gain.ndcg_at_20 += NdcgOfRank(mid_rank, 20);
}

template <class List>
size_t RankIn(const List& list, uint32_t target) {
  const auto found =
      std::find_if(list.begin(), list.end(), [target](const auto& c) { return c.product.value() == target; });
  return found == list.end() ? 0 : static_cast<size_t>(found - list.begin()) + 1;
}

Gain GainOf(const std::vector<Question>& questions, const std::vector<Answers>& answers,
            const std::array<double, kSources.size()>& weights, const ProductTies& ties,
            const TrainingControl& control) {
  const FusionRecipe recipe = RecipeOf(weights);
  std::vector<size_t> ranks(questions.size());
  ForEachTrainingBlock(questions.size(), kQuestionBlock, control, [&](size_t begin, size_t end, size_t) {
    for (size_t i = begin; i < end; ++i) {
      ranks[i] = RankIn(Fuse(recipe, answers[i], ties).products, questions[i].target);
    }
  });
  Gain gain;
  for (const size_t rank : ranks) AddRank(rank, gain);
  return gain;
}

// Each shopper's last purchase becomes a question; every event of its product leaves the shopper's rows.
struct ValidationPart {
  std::vector<Interaction> training;
  std::vector<Question> questions;
};

ValidationPart HoldOutLastPurchases(const RowsByShopper& rows_by_shopper) {
  std::vector<uint64_t> handles;
  for (const auto& [handle, rows] : rows_by_shopper) handles.push_back(handle);
  std::sort(handles.begin(), handles.end());
  ValidationPart part;
  for (const uint64_t handle : handles) {
    const std::vector<Interaction>& rows = rows_by_shopper.at(handle);
    const auto last = std::find_if(rows.rbegin(), rows.rend(), [](const Interaction& row) {
      return row.kind == InteractionKind::kPurchase;
    });
    Question question;
    for (const Interaction& row : rows) {
      if (last == rows.rend() || row.product != last->product) question.history.push_back(row);
    }
    part.training.insert(part.training.end(), question.history.begin(), question.history.end());
    if (last == rows.rend() || question.history.empty()) continue;
    question.target = last->product.value();
    part.questions.push_back(std::move(question));
  }
  return part;
}

Result<std::shared_ptr<const ModelSet>> Train(const std::vector<Interaction>& rows,
                                              const ModelSetOptions& options,
                                              const TrainingControl& control) {
  InteractionLog log;
  for (const Interaction& row : rows) log.Add(row);
  return TrainModelSet(log, nullptr, {Generation(1), Sequence(1), log.latest_at_ms()}, options, control);
}

struct Choice {
  SignalWeights signals;
  std::array<double, kSources.size()> weights{};
  double gain = 0;  // A validation purchase, of 4.
};

// Looks for better signals and weights, one coordinate after the other; a value must gain something to be
// taken.
class Chooser {
 public:
  Chooser(const ModelSet& models, const std::vector<Question>& questions, const TrainingControl& control)
      : models_(models), questions_(questions), control_(control) {
    choice_.weights.fill(1);
    answers_ = AskAll(models_, questions_, choice_.signals, control_);
    best_ = GainOfWeights(choice_.weights);
  }

  Choice Choose() {
    for (const double cart : {1.0, 4.0}) Try([&](SignalWeights& signals) { signals.cart = cart; });
    for (const double purchase : {0.25, 0.5, 2.0, 4.0}) {
      Try([&](SignalWeights& signals) { signals.purchase = purchase; });
    }
    for (const int64_t days : {1, 30, 120}) {
      Try([&](SignalWeights& signals) { signals.half_life_ms = days * kDayMs; });
    }
    StartFromBestSource();
    for (int pass = 0; pass < kWeightPasses; ++pass) {
      control_.Report("choosing", 0.3 + 0.1 * pass);
      for (double& weight : choice_.weights) ChooseWeight(weight);
    }
    choice_.gain = best_ / static_cast<double>(questions_.size());
    return choice_;
  }

 private:
  double GainOfWeights(const std::array<double, kSources.size()>& weights) const {
    return GainOf(questions_, answers_, weights, *models_.ties(), control_).sum();
  }

  template <class Change>
  void Try(const Change& change) {
    SignalWeights signals = choice_.signals;
    change(signals);
    std::vector<Answers> asked = AskAll(models_, questions_, signals, control_);
    asked.swap(answers_);
    const double gain = GainOfWeights(choice_.weights);
    if (gain > best_) {
      best_ = gain;
      choice_.signals = signals;
    } else {
      asked.swap(answers_);
    }
  }

  // From equal weights the search would have to unlearn every weak source first.
  void StartFromBestSource() {
    best_ = -1;
    for (size_t source = 0; source < kSources.size(); ++source) {
      std::array<double, kSources.size()> alone{};
      alone[source] = 1;
      const double gain = GainOfWeights(alone);
      if (gain <= best_) continue;
      best_ = gain;
      choice_.weights = alone;
    }
  }

  void ChooseWeight(double& weight) {
    double best_weight = weight;
    for (const double tried : kWeightGrid) {
      weight = tried;
      const double gain = GainOfWeights(choice_.weights);
      if (gain <= best_) continue;
      best_ = gain;
      best_weight = tried;
    }
    weight = best_weight;
  }

  const ModelSet& models_;
  const std::vector<Question>& questions_;
  const TrainingControl& control_;
  std::vector<Answers> answers_;
  Choice choice_;
  double best_ = 0;
};

PurchaseQuality QualityOf(std::string_view name, double weight, const Gain& gain, size_t count) {
  const auto n = static_cast<double>(count);
  return {std::string(name),  weight, gain.hit_rate_at_10 / n, gain.ndcg_at_10 / n, gain.hit_rate_at_20 / n,
          gain.ndcg_at_20 / n};
}

Result<std::vector<Question>> TestQuestions(std::istream& test, ItemNumbering& numbering,
                                            const RowsByShopper& rows_by_shopper) {
  auto held_out = ReadHeldOutPurchases(test, numbering);
  if (!held_out.ok()) {
    const Status& status = held_out.status();
    return Status(status.code(), status.message(), "test: " + status.field());
  }
  std::vector<Question> questions;
  for (const HeldOutPurchase& purchase : *held_out) {
    const auto rows = rows_by_shopper.find(purchase.shopper.value());
    // A shopper without events is asked nothing: nothing speaks for them.
    if (rows != rows_by_shopper.end()) questions.push_back({rows->second, purchase.product});
  }
  if (questions.empty()) return InvalidArgument("no shopper of the test file has events", "test: line 1");
  return questions;
}

// What is there to learn from and to ask.
struct Benchmark {
  std::vector<Interaction> rows;
  std::vector<Question> questions;
  ValidationPart validation;
  uint64_t item_count = 0;
};

// With these options of the models, on the validation purchases.
Result<Choice> ChooseOn(const ValidationPart& validation, const ModelSetOptions& models,
                        const TrainingControl& control) {
  Choice choice;
  choice.weights.fill(1);
  if (validation.questions.empty()) return choice;
  TrainingControl quiet = control;
  quiet.progress = {};
  ASSIGN_OR_RETURN(const auto earlier, Train(validation.training, models, quiet));
  control.Report("choosing", 0.2);
  return Chooser(*earlier, validation.questions, control).Choose();
}

Result<PurchaseEvaluation> Measure(const Benchmark& benchmark, const ModelSetOptions& model_options,
                                   const Choice& choice, const Clock& clock, const TrainingControl& control) {
  TrainingControl quiet = control;
  quiet.progress = {};
  control.Report("training", 0.7);
  const int64_t started = clock.SteadyMicros();
  ASSIGN_OR_RETURN(const auto models, Train(benchmark.rows, model_options, quiet));

  PurchaseEvaluation evaluation;
  evaluation.train_seconds = static_cast<double>(clock.SteadyMicros() - started) / 1e6;
  evaluation.events = benchmark.rows.size();
  evaluation.items = benchmark.item_count;
  evaluation.shoppers = benchmark.questions.size();
  evaluation.validation_shoppers = benchmark.validation.questions.size();
  evaluation.signals = choice.signals;
  control.Report("asking", 0.9);
  const std::vector<Question>& questions = benchmark.questions;
  const std::vector<Answers> answers = AskAll(*models, questions, choice.signals, quiet);
  for (size_t source = 0; source < kSources.size(); ++source) {
    Gain gain;
    for (size_t i = 0; i < questions.size(); ++i) {
      AddRank(RankIn(answers[i][source], questions[i].target), gain);
    }
    evaluation.qualities.push_back(
        QualityOf(kSources[source], choice.weights[source], gain, questions.size()));
  }
  const Gain fused = GainOf(questions, answers, choice.weights, *models->ties(), quiet);
  evaluation.qualities.push_back(QualityOf("fusion", 0, fused, questions.size()));
  control.Report("asking", 1);
  return evaluation;
}

// Adds the report, and what the test purchases say of the tuned options.
Status AddTuned(const Benchmark& benchmark, const PurchaseEvaluationOptions& options, const Clock& clock,
                const TrainingControl& control, PurchaseEvaluation& evaluation) {
  if (benchmark.validation.questions.empty()) return InvalidArgument("nothing to tune on", "tuning");
  TrainingControl quiet = control;
  quiet.progress = {};
  const std::vector<RankerSurface> asked = {{.recipe = RecipeOf(Choice().weights)}};
  const std::vector<std::string_view> trainers = TrainersFor(asked);
  const auto objective = [&](const ModelSetOptions& models) -> Result<std::optional<double>> {
    ModelSetOptions only_asked = models;
    only_asked.trainers = trainers;
    ASSIGN_OR_RETURN(const Choice choice, ChooseOn(benchmark.validation, only_asked, quiet));
    return std::optional(choice.gain);
  };
  TuningOptions tuning = *options.tuning;
  tuning.progress = options.progress;
  ASSIGN_OR_RETURN(TunedOptions<ModelSetOptions> tuned,
                   TuneOptions<ModelSetOptions>(options.models, PurchaseSettings(), objective, tuning));
  ASSIGN_OR_RETURN(const Choice choice, ChooseOn(benchmark.validation, tuned.options, control));
  ASSIGN_OR_RETURN(const PurchaseEvaluation of_tuned,
                   Measure(benchmark, tuned.options, choice, clock, control));
  const PurchaseQuality& defaults = evaluation.fusion();
  const PurchaseQuality& best = of_tuned.fusion();
  tuned.report.AddFigure("hit_rate@10", defaults.hit_rate_at_10, best.hit_rate_at_10);
  tuned.report.AddFigure("ndcg@10", defaults.ndcg_at_10, best.ndcg_at_10);
  tuned.report.AddFigure("hit_rate@20", defaults.hit_rate_at_20, best.hit_rate_at_20);
  tuned.report.AddFigure("ndcg@20", defaults.ndcg_at_20, best.ndcg_at_20);
  evaluation.tuning = std::move(tuned.report);
  return {};
}

std::string Line(const char* format, const auto&... values) {
  std::array<char, 256> text{};
  const int length = std::snprintf(text.data(), text.size(), format, values...);
  return {text.data(), static_cast<size_t>(std::clamp<int>(length, 0, text.size() - 1))};
}

}  // namespace

Result<PurchaseEvaluation> EvaluatePurchase(std::istream& events, std::istream& test, const Clock& clock,
                                            const PurchaseEvaluationOptions& options) {
  TrainingControl control;
  control.thread_count = static_cast<int>(std::max<uint32_t>(options.threads, 1));
  control.progress = options.progress;
  control.Report("reading", 0);
  ItemNumbering numbering;
  Benchmark benchmark;
  ASSIGN_OR_RETURN(benchmark.rows, ReadPurchaseEvents(events, numbering));
  const RowsByShopper rows_by_shopper = Group(benchmark.rows);
  ASSIGN_OR_RETURN(benchmark.questions, TestQuestions(test, numbering, rows_by_shopper));
  benchmark.item_count = numbering.item_count();
  benchmark.validation = HoldOutLastPurchases(rows_by_shopper);

  control.Report("training for validation", 0.05);
  ASSIGN_OR_RETURN(const Choice choice, ChooseOn(benchmark.validation, options.models, control));
  ASSIGN_OR_RETURN(PurchaseEvaluation evaluation, Measure(benchmark, options.models, choice, clock, control));
  if (options.tuning) RETURN_IF_ERROR(AddTuned(benchmark, options, clock, control, evaluation));
  return evaluation;
}

std::string FormatPurchaseTable(const PurchaseEvaluation& evaluation) {
  std::string text = Line(
      "purchase: %llu events, %llu items, %llu shoppers asked, %llu validation purchases\n",
      static_cast<unsigned long long>(evaluation.events), static_cast<unsigned long long>(evaluation.items),
      static_cast<unsigned long long>(evaluation.shoppers),
      static_cast<unsigned long long>(evaluation.validation_shoppers));
  text += Line("  %-22s %8s %8s %8s %8s %8s\n", "source", "hit@10", "ndcg@10", "hit@20", "ndcg@20", "weight");
  for (const PurchaseQuality& quality : evaluation.qualities) {
    text += Line("  %-22s %8.4f %8.4f %8.4f %8.4f %8.2f\n", quality.name.c_str(), quality.hit_rate_at_10,
                 quality.ndcg_at_10, quality.hit_rate_at_20, quality.ndcg_at_20, quality.weight);
  }
  text += Line("signals: view %.2f, cart %.2f, purchase %.2f, half-life %.0f days; trained in %.2f s\n",
               evaluation.signals.view, evaluation.signals.cart, evaluation.signals.purchase,
               static_cast<double>(evaluation.signals.half_life_ms) / static_cast<double>(kDayMs),
               evaluation.train_seconds);
  if (evaluation.tuning) text += FormatTuning(*evaluation.tuning);
  return text;
}

void WritePurchaseJson(const PurchaseEvaluation& evaluation, JsonWriter& json) {
  const auto write = [&json](const PurchaseQuality& quality) {
    json.Key("hit_rate@10").Fixed(quality.hit_rate_at_10, 6).Key("ndcg@10").Fixed(quality.ndcg_at_10, 6);
    json.Key("hit_rate@20").Fixed(quality.hit_rate_at_20, 6).Key("ndcg@20").Fixed(quality.ndcg_at_20, 6);
  };
  json.BeginObject();
  write(evaluation.fusion());
  json.Key("train_seconds").Fixed(evaluation.train_seconds, 3);
  json.Key("shoppers").Uint(evaluation.shoppers).Key("items").Uint(evaluation.items);
  json.Key("models").BeginObject();
  for (const PurchaseQuality& quality : evaluation.qualities) {
    json.Key(quality.name).BeginObject();
    write(quality);
    json.EndObject();
  }
  json.EndObject();
  if (evaluation.tuning) WriteTuning(*evaluation.tuning, json);
  json.EndObject();
}

}  // namespace attune::models
