#include "models/evaluate_order_completion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "models/evaluate_store_history.h"
#include "models/limits.h"
#include "models/ranking_metrics.h"
#include "models/transition_source.h"
#include "models/tunable_settings.h"

namespace attune::models {
namespace {

constexpr uint32_t kCutoff = 10;
constexpr size_t kRankings = 6;
constexpr std::array<std::string_view, kRankings> kNames = {kBoughtTogether, "counts", "cosine",
                                                            "lift",          "pmi",    "jaccard"};
constexpr double kSupportMin = 3;

using Products = std::vector<uint32_t>;

// One order that is asked for.
struct Question {
  Products given;
  Products targets;                                        // Ascending.
  const absl::flat_hash_set<uint32_t>* earlier = nullptr;  // The shopper's; null: nobody's order.
};

// Orders of every pair, as a full matrix.
class PairCounts {
 public:
  explicit PairCounts(uint32_t product_count)
      : product_count_(product_count),
        orders_(product_count, 0),
        together_(size_t{product_count} * product_count) {}

  void Add(const Products& order) {
    ++order_count_;
    for (const uint32_t a : order) {
      ++orders_[a];
      for (const uint32_t b : order) ++together_[size_t{a} * product_count_ + b];
    }
  }
  bool IsKnown(uint32_t product) const { return orders_[product] > 0; }
  double Score(size_t ranking, uint32_t x, uint32_t y) const {
    const double together = together_[size_t{x} * product_count_ + y];
    if (together == 0) return 0;
    const double n_x = orders_[x];
    const double n_y = orders_[y];
    const double lift = together < kSupportMin ? 0 : together * order_count_ / (n_x * n_y);
    switch (ranking) {
      case 1:
        return together;
      case 2:
        return together / std::sqrt(n_x * n_y);
      case 3:
        return lift;
      case 4:
        return lift > 1 ? std::log(lift) : 0;
      default:
        return together / (n_x + n_y - together);
    }
  }
  uint32_t product_count() const { return product_count_; }

 private:
  const uint32_t product_count_;
  double order_count_ = 0;
  std::vector<uint32_t> orders_;
  std::vector<uint32_t> together_;
};

// `count` products of an order, by a stable hash.
Products DrawGiven(Products known, std::string_view order_id, size_t count) {
  const uint64_t order = StableHash64(order_id);
  std::sort(known.begin(), known.end(), [order](uint32_t a, uint32_t b) {
    return std::pair(MixHash64(order, a), a) < std::pair(MixHash64(order, b), b);
  });
  known.resize(count);
  return known;
}

class Completion {
 public:
  // The first `ranking_count` of kNames are measured; of the model alone no gain is.
  Completion(const StoreHistory& history, const OrderCompletionOptions& options, size_t ranking_count)
      : history_(history),
        options_(options),
        ranking_count_(ranking_count),
        counts_(history.product_count),
        scores_(history.product_count) {
    const auto share_of = [&](double share, size_t count) {
      return static_cast<size_t>(share * static_cast<double>(count));
    };
    end_ = history.orders.size();
    begin_ = share_of(options.train_share, end_);
    if (options.is_validation) {
      end_ = begin_;
      begin_ = share_of(options.train_share, end_);
    }
  }

  Status Train() {
    InteractionLog log;
    for (size_t i = 0; i < begin_; ++i) {
      const StoreOrder& order = history_.orders[i];
      counts_.Add(order.products);
      for (const uint32_t product : order.products) {
        log.Add({order.shopper, ProductIndex(product), InteractionKind::kPurchase, 1, order.at_ms,
                 OrderHash(order.order_id)});
      }
      if (order.shopper.value() != 0)
        earlier_[order.shopper].insert(order.products.begin(), order.products.end());
    }
    TrainingControl control;
    control.thread_count = options_.threads;
    ASSIGN_OR_RETURN(SparseRows rows, TrainBoughtTogether(log, nullptr, options_.model, control));
    std::vector<TransitionPart> parts;
    parts.push_back({std::make_shared<const SparseRows>(std::move(rows)), 0, 1});
    source_ = std::make_unique<TransitionSource>(std::string(kBoughtTogether), std::move(parts));
    return {};
  }

  // Walks through the orders that are asked for; what a shopper bought grows as they go by.
  Result<std::vector<CompletionResult>> Run() {
    std::array<CompletionResult, 2> results;
    results[0].given = "one";
    results[1].given = "half";
    for (CompletionResult& result : results) {
      result.rankings.resize(ranking_count_);
      for (size_t i = 0; i < ranking_count_; ++i) result.rankings[i].name = kNames[i];
    }
    for (size_t i = begin_; i < end_; ++i) {
      const StoreOrder& order = history_.orders[i];
      Products known;
      std::copy_if(order.products.begin(), order.products.end(), std::back_inserter(known),
                   [&](uint32_t product) { return counts_.IsKnown(product); });
      if (known.size() >= 2) {
        Ask(order, DrawGiven(known, order.order_id, 1), results[0]);
        Ask(order, DrawGiven(known, order.order_id, std::max<size_t>(known.size() / 2, 1)), results[1]);
      }
      if (order.shopper.value() != 0)
        earlier_[order.shopper].insert(order.products.begin(), order.products.end());
      if (options_.progress) {
        options_.progress("asking", static_cast<double>(i + 1 - begin_) / static_cast<double>(end_ - begin_));
      }
    }
    for (CompletionResult& result : results) RETURN_IF_ERROR(Finish(result));
    return std::vector<CompletionResult>(results.begin(), results.end());
  }
  size_t training_orders() const { return begin_; }

 private:
  void Ask(const StoreOrder& order, Products given, CompletionResult& result) {
    Question question{std::move(given), {}, nullptr};
    const auto earlier = earlier_.find(order.shopper);
    if (order.shopper.value() != 0 && earlier != earlier_.end()) question.earlier = &earlier->second;
    for (const uint32_t product : order.products) {
      const bool is_given =
          std::find(question.given.begin(), question.given.end(), product) != question.given.end();
      const bool is_repeat = question.earlier != nullptr && question.earlier->contains(product);
      if (!is_given && !is_repeat) question.targets.push_back(product);
    }
    if (question.targets.empty()) return;
    ++result.orders;
    for (size_t i = 0; i < ranking_count_; ++i) {
      const Products ranked = Rank(i, question);
      result.rankings[i].hits.push_back(ListRecallAt(ranked, question.targets, kCutoff) > 0 ? 1 : 0);
      result.rankings[i].ndcgs.push_back(ListNdcgAt(ranked, question.targets, kCutoff));
    }
  }

  Products Rank(size_t ranking, const Question& question) {
    std::fill(scores_.begin(), scores_.end(), 0);
    if (ranking == 0) {
      std::vector<Seed> seeds;
      for (const uint32_t product : question.given) seeds.push_back({ProductIndex(product), 1, 0, 0});
      source_->Score(seeds, accumulator_);
      for (uint32_t y = 0; y < source_->product_count(); ++y) {
        scores_[y] = static_cast<double>(accumulator_.ScoreOf(y));
      }
    } else {
      for (const uint32_t x : question.given) {
        for (uint32_t y = 0; y < scores_.size(); ++y) scores_[y] += counts_.Score(ranking, x, y);
      }
    }
    for (const uint32_t product : question.given) scores_[product] = 0;
    Products ranked;
    for (uint32_t y = 0; y < scores_.size(); ++y) {
      if (scores_[y] > 0 && (question.earlier == nullptr || !question.earlier->contains(y)))
        ranked.push_back(y);
    }
    const size_t kept = std::min<size_t>(kCutoff, ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<ptrdiff_t>(kept), ranked.end(),
                      [&](uint32_t a, uint32_t b) {
                        return scores_[a] != scores_[b] ? scores_[a] > scores_[b] : ties_->IsBefore(a, b);
                      });
    ranked.resize(kept);
    return ranked;
  }

  Status Finish(CompletionResult& result) const {
    if (result.orders == 0) return InvalidArgument("no order with something to find", "orders");
    const CompletionScores* best = nullptr;
    for (CompletionScores& scores : result.rankings) {
      scores.hit_at_10 = MeanOf(scores.hits);
      scores.ndcg_at_10 = MeanOf(scores.ndcgs);
      if (&scores == &result.rankings.front()) continue;
      if (best == nullptr || scores.hit_at_10 > best->hit_at_10) best = &scores;
    }
    if (best == nullptr) return {};
    result.best_other = best->name;
    ASSIGN_OR_RETURN(result.hit_gain,
                     PairedBootstrap(result.rankings.front().hits, best->hits, options_.bootstrap));
    return {};
  }

  const StoreHistory& history_;
  const OrderCompletionOptions& options_;
  const size_t ranking_count_;
  size_t begin_ = 0, end_ = 0;  // Of the orders that are asked for.
  PairCounts counts_;
  std::unique_ptr<TransitionSource> source_;
  const std::shared_ptr<const ProductTies> ties_ = ProductTies::Make(nullptr);
  absl::flat_hash_map<ShopperHandle, absl::flat_hash_set<uint32_t>> earlier_;
  std::vector<double> scores_;
  SparseAccumulator accumulator_;
};

Result<OrderCompletionEvaluation> Measure(const StoreHistory& history, const OrderCompletionOptions& options,
                                          size_t ranking_count = kRankings) {
  Completion completion(history, options, ranking_count);
  RETURN_IF_ERROR(completion.Train());
  OrderCompletionEvaluation evaluation;
  evaluation.training_orders = completion.training_orders();
  evaluation.products = history.product_count;
  ASSIGN_OR_RETURN(evaluation.results, completion.Run());
  return evaluation;
}

// On the validation split; the orders after it are asked for by the caller.
Result<TunedOptions<BoughtTogetherOptions>> Tuned(const StoreHistory& history,
                                                  const OrderCompletionOptions& options) {
  OrderCompletionOptions trial = options;
  trial.is_validation = true;
  trial.progress = {};
  const auto objective = [&](const BoughtTogetherOptions& model) -> Result<std::optional<double>> {
    trial.model = model;
    ASSIGN_OR_RETURN(const OrderCompletionEvaluation measured, Measure(history, trial, 1));
    double sum = 0;
    for (const CompletionResult& result : measured.results) {
      sum += result.rankings.front().hit_at_10 + result.rankings.front().ndcg_at_10;
    }
    return std::optional(sum);
  };
  TuningOptions tuning = *options.tuning;
  tuning.progress = options.progress;
  return TuneOptions<BoughtTogetherOptions>(options.model, BoughtTogetherSettings(), objective, tuning);
}

}  // namespace

Result<OrderCompletionEvaluation> EvaluateOrderCompletion(std::istream& order_lines,
                                                          const OrderCompletionOptions& options) {
  if (options.tuning && options.is_validation) {
    return InvalidArgument("the validation split is what is tuned on", "tuning");
  }
  if (!(options.train_share > 0 && options.train_share < 1)) {
    return InvalidArgument("must be between 0 and 1", "train_share");
  }
  ASSIGN_OR_RETURN(const StoreHistory history, ReadStoreHistory(order_lines));
  if (history.product_count > kEvaluationProductsMax) {
    return InvalidArgument("too many products for the matrix of pairs", "orders");
  }
  if (!options.tuning) return Measure(history, options);
  ASSIGN_OR_RETURN(TunedOptions<BoughtTogetherOptions> tuned, Tuned(history, options));
  ASSIGN_OR_RETURN(OrderCompletionEvaluation evaluation, Measure(history, options));
  OrderCompletionOptions with_tuned = options;
  with_tuned.model = tuned.options;
  ASSIGN_OR_RETURN(const OrderCompletionEvaluation of_tuned, Measure(history, with_tuned));
  for (size_t i = 0; i < evaluation.results.size(); ++i) {
    const CompletionScores& defaults = evaluation.results[i].rankings.front();
    const CompletionScores& best = of_tuned.results[i].rankings.front();
    const std::string given = evaluation.results[i].given + "/";
    tuned.report.AddFigure(given + "hit@10", defaults.hit_at_10, best.hit_at_10);
    tuned.report.AddFigure(given + "ndcg@10", defaults.ndcg_at_10, best.ndcg_at_10);
  }
  evaluation.tuning = std::move(tuned.report);
  return evaluation;
}

std::string FormatOrderCompletionTable(const OrderCompletionEvaluation& evaluation) {
  char line[256];
  std::snprintf(line, sizeof(line), "order completion: %llu training orders, %llu products\n",
                static_cast<unsigned long long>(evaluation.training_orders),
                static_cast<unsigned long long>(evaluation.products));
  std::string text = line;
  for (const CompletionResult& result : evaluation.results) {
    std::snprintf(line, sizeof(line), "\n%s given: %llu orders\n  %-16s %8s %8s\n", result.given.c_str(),
                  static_cast<unsigned long long>(result.orders), "", "hit@10", "ndcg@10");
    text += line;
    for (const CompletionScores& scores : result.rankings) {
      std::snprintf(line, sizeof(line), "  %-16s %8.4f %8.4f\n", scores.name.c_str(), scores.hit_at_10,
                    scores.ndcg_at_10);
      text += line;
    }
    std::snprintf(line, sizeof(line), "  hit@10 over %s: %+.4f, 95 %% interval [%+.4f, %+.4f]\n",
                  result.best_other.c_str(), result.hit_gain.mean_difference, result.hit_gain.low,
                  result.hit_gain.high);
    text += line;
  }
  if (evaluation.tuning) text += "\n" + FormatTuning(*evaluation.tuning);
  return text;
}

void WriteOrderCompletionJson(const OrderCompletionEvaluation& evaluation, JsonWriter& json) {
  json.BeginObject();
  json.Key("training_orders").Uint(evaluation.training_orders).Key("products").Uint(evaluation.products);
  for (const CompletionResult& result : evaluation.results) {
    json.Key(result.given).BeginObject().Key("orders").Uint(result.orders);
    for (const CompletionScores& scores : result.rankings) {
      if (&scores != &result.rankings.front()) json.Key(scores.name).BeginObject();
      json.Key("hit@10").Fixed(scores.hit_at_10, 6).Key("ndcg@10").Fixed(scores.ndcg_at_10, 6);
      if (&scores != &result.rankings.front()) json.EndObject();
    }
    json.Key("best_other").String(result.best_other);
    json.Key("hit_gain").Fixed(result.hit_gain.mean_difference, 6);
    json.Key("hit_gain_low").Fixed(result.hit_gain.low, 6);
    json.Key("hit_gain_high").Fixed(result.hit_gain.high, 6).EndObject();
  }
  if (evaluation.tuning) WriteTuning(*evaluation.tuning, json);
  json.EndObject();
}

}  // namespace attune::models
