// Does `bought_together` find what else is in an order?  (`attune evaluate order-completion`)
//
// Protocol: a shop's order lines (evaluate_store_history.h) in time; the models learn from the first
// `train_share` of the orders, the orders after are asked for.  Of each, what is given are known products
// (bought in the training part), drawn by a stable hash of order and product:
//
//   one   one product                    half  half of the products, at least one
//
// and the targets are the rest, without what the shopper had bought before that order: repeats are no
// complements.  Every product is ranked, except the given ones and the shopper's earlier ones.  hit@10: the
// list of 10 holds a target; ndcg@10 as in ranking_metrics.h.  Scores of several given products are added.
//
// Compared with, on the same orders: counts N_XY, cosine N / sqrt(n_X n_Y), lift N |orders| / (n_X n_Y), PMI
// ln lift, Jaccard N / (n_X + n_Y - N).  Lift and PMI need the support that bought_together needs: alone they
// put pairs first that were seen once.
//
// Validation, for choosing options: the orders before `train_share` are split at train_share of them.  With
// `tuning` the settings of tunable_settings.h are moved on that split, hit@10 + ndcg@10 over both ways of
// giving products, and the orders after `train_share` are asked for once more with the best of them.
// Thread safety: pure function; training starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_ORDER_COMPLETION_H_
#define ATTUNE_MODELS_EVALUATE_ORDER_COMPLETION_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "models/bootstrap.h"
#include "models/bought_together.h"
#include "models/tuned_options.h"

namespace attune::models {

struct OrderCompletionOptions {
  bool is_validation = false;
  double train_share = 0.8;
  BoughtTogetherOptions model;
  BootstrapOptions bootstrap;
  // Not with is_validation; its progress is that below.
  std::optional<TuningOptions> tuning;
  int threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

struct CompletionScores {
  std::string name;
  double hit_at_10 = 0;
  double ndcg_at_10 = 0;
  std::vector<double> hits, ndcgs;  // One per order.
};

// Of one way of giving products.
struct CompletionResult {
  std::string given;  // "one" or "half".
  uint64_t orders = 0;
  std::vector<CompletionScores> rankings;  // bought_together, then the others.
  std::string best_other;                  // By hit@10.
  BootstrapInterval hit_gain;              // bought_together minus that.
};

struct OrderCompletionEvaluation {
  uint64_t training_orders = 0;
  uint64_t products = 0;
  std::vector<CompletionResult> results;
  std::optional<TuningReport> tuning;
};

// Fails as ReadStoreHistory and SearchSettings do, and with kInvalidArgument when nothing is left to ask for.
Result<OrderCompletionEvaluation> EvaluateOrderCompletion(std::istream& order_lines,
                                                          const OrderCompletionOptions& options);

std::string FormatOrderCompletionTable(const OrderCompletionEvaluation& evaluation);
// {"training_orders":..,"one":{"orders":..,"hit@10":..,"ndcg@10":..,"counts":{..},..,"hit_gain":..},
//  "half":{..}}, with the members of WriteTuning when it was tuned.
void WriteOrderCompletionJson(const OrderCompletionEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_ORDER_COMPLETION_H_
