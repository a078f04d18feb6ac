#include "models/evaluate_store.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "features/fold_event.h"
#include "models/evaluate_store_baselines.h"
#include "models/limits.h"
#include "models/ranking_metrics.h"

namespace attune::models {
namespace {

constexpr uint32_t kCutoff = 20;
constexpr std::string_view kHomeForYou = "home_for_you";

constexpr std::string_view kRankerName = "ranker";

// An order of the history as an event.
events::Event EventOf(const StoreOrder& order) {
  events::Event event;
  event.type = events::EventType::kOrderCompleted;
  event.occurred_at_ms = order.at_ms;
  event.received_at_ms = order.at_ms;
  event.shopper = order.shopper;
  event.order_id = order.order_id;
  for (const uint32_t product : order.products) {
    event.lines.emplace_back();
    event.lines.back().product = ProductIndex(product);
  }
  return event;
}

// An order of the history as the order book would report it.
events::OrderChange ChangeOf(const StoreOrder& order) {
  events::OrderChange change;
  change.order_id = order.order_id;
  change.shopper = order.shopper;
  change.ordered_at_ms = order.at_ms;
  change.order_count_delta = 1;
  for (const uint32_t product : order.products)
    change.lines.push_back({ProductIndex(product), 1, 0, true, false});
  return change;
}

// The share of `targets` that is in the first kCutoff of `ranked`; nothing when there are none.
void AddRecall(std::span<const uint32_t> ranked, const std::vector<uint32_t>& targets,
               std::vector<double>& recalls) {
  if (!targets.empty()) recalls.push_back(ListRecallAt(ranked, targets, kCutoff));
}

// The state of a store as its orders come in, and the questions put to it.
class StoreWalk {
 public:
  StoreWalk(const StoreHistory& history, const Clock& clock, const StoreEvaluationOptions& options)
      : clock_(clock), options_(options), baselines_(history.product_count) {
    result_.rankings.resize(1 + StoreBaselines::kCount);
    result_.rankings[0].name = kHomeForYou;
    for (size_t i = 0; i < StoreBaselines::kCount; ++i)
      result_.rankings[i + 1].name = StoreBaselines::kNames[i];
    if (options.models.ranker) {
      result_.rankings.emplace_back();
      result_.rankings.back().name = kRankerName;
    }
    repeat_recalls_.resize(result_.rankings.size());
    explore_recalls_.resize(result_.rankings.size());
    control_.thread_count = options.threads;
  }

  void Add(const StoreOrder& order) {
    const events::OrderChange change = ChangeOf(order);
    log_.ApplyOrderChange(change);
    if (order.shopper.value() != 0) {
      features::ShopperProfile& profile = profiles_[order.shopper];
      const Sequence sequence(++added_count_);
      features::FoldEvent(EventOf(order), sequence, fold_, profile);
      features::FoldOrderChange(change, sequence, fold_, profile);
    }
    baselines_.Add(order);
  }

  // Trains the next generation from all orders added so far.
  Status Train(int64_t now_ms) {
    const int64_t started = clock_.SteadyMicros();
    const ModelFileHeader header{Generation(++result_.generations), Sequence(result_.generations), now_ms};
    ModelSetOptions options = options_.models;
    if (options.ranker && models_ != nullptr) options.ranker->previous = models_->ranker();
    options.also_bought.before = also_bought_choice_;
    TrainingReport report;
    ASSIGN_OR_RETURN(models_, TrainModelSet(log_, nullptr, header, options, control_, &report));
    const TrainerReport* const also_bought = report.Find(kAlsoBought);
    if (also_bought != nullptr) also_bought_choice_ = also_bought->choice;
    result_.train_seconds += static_cast<double>(clock_.SteadyMicros() - started) / 1e6;
    return {};
  }

  // `targets`: ascending, each once.
  void Ask(ShopperHandle shopper, int64_t now_ms, const std::vector<uint32_t>& targets) {
    const std::vector<uint32_t> known = baselines_.ProductsOf(shopper);
    std::vector<uint32_t> repeats;
    std::vector<uint32_t> others;
    for (const uint32_t target : targets) {
      (std::binary_search(known.begin(), known.end(), target) ? repeats : others).push_back(target);
    }
    ++result_.cases;
    target_count_ += static_cast<double>(targets.size());
    repeat_count_ += static_cast<double>(repeats.size());
    const Asked asked = AskSources(shopper, now_ms);
    for (size_t i = 0; i < result_.rankings.size(); ++i) {
      const std::vector<uint32_t> ranked = i == 0 ? HomeForYou(asked, now_ms)
                                           : i > StoreBaselines::kCount
                                               ? Ranked(asked, shopper, now_ms)
                                               : baselines_.Ask(i - 1, shopper, now_ms, kCutoff);
      result_.rankings[i].recalls.push_back(ListRecallAt(ranked, targets, kCutoff));
      result_.rankings[i].ndcgs.push_back(ListNdcgAt(ranked, targets, kCutoff));
      AddRecall(ranked, repeats, repeat_recalls_[i]);
      AddRecall(ranked, others, explore_recalls_[i]);
    }
  }

  Result<StoreProtocolResult> Finish(std::string_view protocol) {
    if (result_.cases == 0)
      return InvalidArgument("no shopper with an order before and one to ask for", "orders");
    result_.protocol = protocol;
    result_.mean_targets = target_count_ / static_cast<double>(result_.cases);
    result_.repeat_share = repeat_count_ / target_count_;
    const RankingScores* best = nullptr;
    for (size_t i = 0; i < result_.rankings.size(); ++i) {
      RankingScores& ranking = result_.rankings[i];
      ranking.recall_at_20 = MeanOf(ranking.recalls);
      ranking.ndcg_at_20 = MeanOf(ranking.ndcgs);
      ranking.recall_repeat_at_20 = MeanOf(repeat_recalls_[i]);
      ranking.recall_explore_at_20 = MeanOf(explore_recalls_[i]);
      if (i > 0 && i <= StoreBaselines::kCount && (best == nullptr || ranking.ndcg_at_20 > best->ndcg_at_20))
        best = &ranking;
    }
    result_.best_baseline = best->name;
    ASSIGN_OR_RETURN(result_.ndcg_gain,
                     PairedBootstrap(result_.rankings[0].ndcgs, best->ndcgs, options_.bootstrap));
    if (models_->ranker() != nullptr) {
      result_.ranker_guards = models_->ranker()->parts().guards;
      ASSIGN_OR_RETURN(result_.ranker_gain, PairedBootstrap(result_.rankings.back().ndcgs,
                                                            result_.rankings[0].ndcgs, options_.bootstrap));
    }
    result_.predict_p99_ms = QuantileOf(std::move(predict_micros_), 0.99) / 1000;
    return std::move(result_);
  }

 private:
  // What the sources answer, and their blend.
  struct Asked {
    std::vector<std::vector<Candidate>> answers;
    FusionResult fused;
  };

  Asked AskSources(ShopperHandle shopper, int64_t now_ms) {
    const int64_t started = clock_.SteadyMicros();
    const ShopperSignals signals = SignalsOf(profiles_[shopper], now_ms, options_.signals);
    SourceQuery query = signals.Query(now_ms, nullptr);
    query.may_repeat = options_.recipe.may_repeat;
    Asked asked;
    asked.answers.resize(options_.recipe.parts.size());
    for (size_t i = 0; i < asked.answers.size(); ++i) {
      const CandidateSource* source = models_->Source(options_.recipe.parts[i].source);
      if (source != nullptr) source->Retrieve(query, options_.recipe.parts[i].limit, asked.answers[i]);
    }
    asked.fused = Fuse(options_.recipe, asked.answers, *models_->ties());
    predict_micros_.push_back(static_cast<double>(clock_.SteadyMicros() - started));
    return asked;
  }

  std::vector<uint32_t> HomeForYou(const Asked& asked, int64_t now_ms) const {
    std::vector<uint32_t> ranked;
    for (const FusedCandidate& fused : asked.fused.products) {
      if (ranked.size() == kCutoff) break;
      ranked.push_back(fused.product.value());
    }
    if (ranked.size() < kCutoff) FillWithBestsellers(now_ms, ranked);
    return ranked;
  }

  // As home_for_you would serve with its ranker: the blend where the guard does not let it.
  std::vector<uint32_t> Ranked(const Asked& asked, ShopperHandle shopper, int64_t now_ms) {
    const Ranker* const ranker = models_->ranker().get();
    if (ranker == nullptr || !ranker->Serves(kHomeForYou, false, RankObjective::kConversion)) {
      return HomeForYou(asked, now_ms);
    }
    const RankerContext context{.recipe = options_.recipe,
                                .profile = &profiles_[shopper],
                                .catalog = nullptr,
                                .statistics = *ranker->parts().statistics,
                                .page = {},
                                .cart = {},
                                .now_ms = now_ms,
                                .base_currency = {},
                                .settings = {}};
    const RankedOrder order =
        ranker->Rank(context, asked.fused, asked.answers, RankObjective::kConversion, *models_->ties());
    std::vector<uint32_t> ranked;
    for (size_t i = 0; i < std::min<size_t>(order.order.size(), kCutoff); ++i) {
      ranked.push_back(asked.fused.products[order.order[i]].product.value());
    }
    if (ranked.size() < kCutoff) FillWithBestsellers(now_ms, ranked);
    return ranked;
  }

  void FillWithBestsellers(int64_t now_ms, std::vector<uint32_t>& ranked) const {
    SourceQuery query;
    query.now_ms = now_ms;
    std::vector<Candidate> bestsellers;
    models_->Source(PopularityModel::kBestsellers)->Retrieve(query, 2 * kCutoff, bestsellers);
    for (const Candidate& candidate : bestsellers) {
      if (ranked.size() == kCutoff) return;
      if (std::find(ranked.begin(), ranked.end(), candidate.product.value()) == ranked.end()) {
        ranked.push_back(candidate.product.value());
      }
    }
  }

  const Clock& clock_;
  const StoreEvaluationOptions& options_;
  TrainingControl control_;
  InteractionLog log_;
  const features::FoldContext fold_{};  // No catalogue.
  uint64_t added_count_ = 0;
  absl::flat_hash_map<ShopperHandle, features::ShopperProfile> profiles_;
  StoreBaselines baselines_;
  std::shared_ptr<const ModelSet> models_;
  std::optional<MethodChoice> also_bought_choice_;  // Of those models; kept as a server keeps it.
  StoreProtocolResult result_;
  double target_count_ = 0;
  double repeat_count_ = 0;
  std::vector<std::vector<double>> repeat_recalls_;
  std::vector<std::vector<double>> explore_recalls_;
  std::vector<double> predict_micros_;
};

// Positions in history.orders of the orders that are asked for.
std::set<size_t> LastOrderCases(const StoreHistory& history, const StoreEvaluationOptions& options) {
  absl::flat_hash_map<ShopperHandle, std::vector<size_t>> orders_by_shopper;
  for (size_t i = 0; i < history.orders.size(); ++i) {
    if (history.orders[i].shopper.value() != 0) orders_by_shopper[history.orders[i].shopper].push_back(i);
  }
  const size_t from_end = options.target == StoreEvaluationOptions::Target::kLastOrder ? 1 : 2;
  std::set<size_t> cases;
  for (const auto& [shopper, orders] : orders_by_shopper) {
    if (orders.size() <= from_end) continue;
    const size_t position = orders[orders.size() - from_end];
    // An order of the same minute is no history.
    if (history.orders[orders.front()].at_ms == history.orders[position].at_ms) continue;
    if (history.orders[position].at_ms < options.cases_before_ms) cases.insert(position);
  }
  return cases;
}

Result<StoreProtocolResult> EvaluateLastOrder(const StoreHistory& history, const Clock& clock,
                                              const StoreEvaluationOptions& options) {
  StoreWalk walk(history, clock, options);
  const std::set<size_t> cases = LastOrderCases(history, options);
  size_t added = 0;  // Orders [0, added) are in the walk.
  int64_t trained_for_ms = INT64_MIN;
  size_t asked = 0;
  for (const size_t position : cases) {
    const StoreOrder& order = history.orders[position];
    const int64_t generation_ms = order.at_ms / options.generation_every_ms * options.generation_every_ms;
    if (generation_ms != trained_for_ms) {
      for (; added < position && history.orders[added].at_ms < generation_ms; ++added)
        walk.Add(history.orders[added]);
      RETURN_IF_ERROR(walk.Train(generation_ms));
      trained_for_ms = generation_ms;
    }
    // Strictly before: orders of the same minute are not history yet.
    for (; added < position && history.orders[added].at_ms < order.at_ms; ++added)
      walk.Add(history.orders[added]);
    walk.Ask(order.shopper, order.at_ms, order.products);
    if (options.progress)
      options.progress("last_order", static_cast<double>(++asked) / static_cast<double>(cases.size()));
  }
  return walk.Finish("last_order");
}

Result<StoreProtocolResult> EvaluateGlobalSplit(const StoreHistory& history, const Clock& clock,
                                                const StoreEvaluationOptions& options) {
  StoreWalk walk(history, clock, options);
  absl::flat_hash_map<ShopperHandle, int> known;
  absl::btree_map<uint64_t, std::vector<uint32_t>> targets_by_shopper;
  for (const StoreOrder& order : history.orders) {
    if (order.at_ms < options.split_ms) {
      walk.Add(order);
      known[order.shopper] = 1;
    } else if (order.shopper.value() != 0 && known.contains(order.shopper)) {
      std::vector<uint32_t>& targets = targets_by_shopper[order.shopper.value()];
      targets.insert(targets.end(), order.products.begin(), order.products.end());
    }
  }
  RETURN_IF_ERROR(walk.Train(options.split_ms));
  size_t asked = 0;
  for (auto& [shopper, targets] : targets_by_shopper) {
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    walk.Ask(ShopperHandle(shopper), options.split_ms, targets);
    if (options.progress) {
      options.progress("global_split",
                       static_cast<double>(++asked) / static_cast<double>(targets_by_shopper.size()));
    }
  }
  return walk.Finish("global_split");
}

void AppendLine(std::string& text, const char* format, auto... values) {
  char line[256];
  const int length = std::snprintf(line, sizeof(line), format, values...);
  text.append(line, static_cast<size_t>(std::clamp<int>(length, 0, sizeof(line) - 1)));
}

}  // namespace

Result<StoreEvaluation> EvaluateStore(std::istream& order_lines, const Clock& clock,
                                      const StoreEvaluationOptions& options) {
  RETURN_IF_ERROR(CheckRecipe(options.recipe));
  if (options.generation_every_ms <= 0) return InvalidArgument("must be positive", "generation_every");
  ASSIGN_OR_RETURN(const StoreHistory history, ReadStoreHistory(order_lines));
  if (history.product_count > kEvaluationProductsMax) {
    return InvalidArgument("too many products for the item-kNN baseline", "order_lines");
  }
  StoreEvaluation evaluation;
  evaluation.line_count = history.line_count;
  evaluation.kept_line_count = history.kept_line_count;
  evaluation.orders = history.orders.size();
  evaluation.products = history.product_count;
  evaluation.shoppers = history.shopper_count;
  ASSIGN_OR_RETURN(StoreProtocolResult last_order, EvaluateLastOrder(history, clock, options));
  evaluation.protocols.push_back(std::move(last_order));
  if (options.has_global_split) {
    ASSIGN_OR_RETURN(StoreProtocolResult split, EvaluateGlobalSplit(history, clock, options));
    evaluation.protocols.push_back(std::move(split));
  }
  return evaluation;
}

std::string FormatStoreTable(const StoreEvaluation& evaluation) {
  std::string text;
  AppendLine(text, "%llu of %llu order lines kept: %llu orders, %llu products, %llu shoppers\n",
             static_cast<unsigned long long>(evaluation.kept_line_count),
             static_cast<unsigned long long>(evaluation.line_count),
             static_cast<unsigned long long>(evaluation.orders),
             static_cast<unsigned long long>(evaluation.products),
             static_cast<unsigned long long>(evaluation.shoppers));
  for (const StoreProtocolResult& result : evaluation.protocols) {
    AppendLine(text, "\n%s: %llu shoppers, %.1f products each, %.1f %% bought before\n",
               result.protocol.c_str(), static_cast<unsigned long long>(result.cases), result.mean_targets,
               100 * result.repeat_share);
    AppendLine(text, "  %-22s %9s %9s %14s %15s\n", "", "recall@20", "ndcg@20", "repeat recall",
               "explore recall");
    for (const RankingScores& ranking : result.rankings) {
      AppendLine(text, "  %-22s %9.4f %9.4f %14.4f %15.4f\n", ranking.name.c_str(), ranking.recall_at_20,
                 ranking.ndcg_at_20, ranking.recall_repeat_at_20, ranking.recall_explore_at_20);
    }
    AppendLine(text, "  ndcg@20 over %s: %+.4f, 95 %% interval [%+.4f, %+.4f]\n",
               result.best_baseline.c_str(), result.ndcg_gain.mean_difference, result.ndcg_gain.low,
               result.ndcg_gain.high);
    if (result.rankings.back().name == kRankerName) {
      AppendLine(text, "  ndcg@20 of the ranker over home_for_you: %+.4f, 95 %% interval [%+.4f, %+.4f]\n",
                 result.ranker_gain.mean_difference, result.ranker_gain.low, result.ranker_gain.high);
    }
    for (const RankerGuard& guard : result.ranker_guards) {
      AppendLine(text, "  guard of the last ranker: %u lists, blend %.4f, ranker %.4f (all trees %.4f), %s\n",
                 guard.lists, guard.ndcg_blend, guard.ndcg_ranker, guard.ndcg_full,
                 guard.serves ? "serves" : "does not serve");
    }
    AppendLine(text, "  %llu generations trained in %.1f s, answer p99 %.3f ms\n",
               static_cast<unsigned long long>(result.generations), result.train_seconds,
               result.predict_p99_ms);
  }
  return text;
}

void WriteStoreJson(const StoreEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("lines").Uint(evaluation.line_count).Key("kept_lines").Uint(evaluation.kept_line_count);
  json.Key("orders").Uint(evaluation.orders).Key("products").Uint(evaluation.products);
  json.Key("shoppers").Uint(evaluation.shoppers);
  for (const StoreProtocolResult& result : evaluation.protocols) {
    json.Key(result.protocol).BeginObject();
    json.Key("cases").Uint(result.cases).Key("repeat_share").Fixed(result.repeat_share, 4);
    for (const RankingScores& ranking : result.rankings) {
      json.Key(ranking.name).BeginObject();
      json.Key("recall@20").Fixed(ranking.recall_at_20, 6).Key("ndcg@20").Fixed(ranking.ndcg_at_20, 6);
      json.Key("recall_repeat@20").Fixed(ranking.recall_repeat_at_20, 6);
      json.Key("recall_explore@20").Fixed(ranking.recall_explore_at_20, 6).EndObject();
    }
    json.Key("best_baseline").String(result.best_baseline);
    json.Key("ndcg_gain").Fixed(result.ndcg_gain.mean_difference, 6);
    json.Key("ndcg_gain_low")
        .Fixed(result.ndcg_gain.low, 6)
        .Key("ndcg_gain_high")
        .Fixed(result.ndcg_gain.high, 6);
    if (result.rankings.back().name == kRankerName) {
      json.Key("ranker_gain").Fixed(result.ranker_gain.mean_difference, 6);
      json.Key("ranker_gain_low").Fixed(result.ranker_gain.low, 6);
      json.Key("ranker_gain_high").Fixed(result.ranker_gain.high, 6);
    }
    json.Key("generations").Uint(result.generations).Key("train_seconds").Fixed(result.train_seconds, 3);
    json.Key("predict_p99_ms").Fixed(result.predict_p99_ms, 3).EndObject();
  }
  json.EndObject();
}

}  // namespace attune::models
