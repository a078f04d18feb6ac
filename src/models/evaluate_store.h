// Does `home_for_you` show what a shop's customers buy next?  (`attune evaluate store`)
//
// What is measured is what serves: profiles folded by features/, generations trained by TrainModelSet, the
// recipe and signals of for_you.h, fused by Fuse; a short answer is filled up with bestsellers, as the ladder
// of a placement does.
//
//   last order    For every shopper with two or more orders, the products of the last one.  Asked at its
//   time, from
//                 what was there strictly before: the profile of that moment, and the models of the latest
//                 generation.  Generations are trained every `generation_every_ms`, as a server does, each
//                 from orders before its time.
//   global split  Everything before split_ms is history; asked at split_ms, for every shopper with an order
//   before
//                 and one after, for all products bought after.
//
// All products that were ever ordered may be ranked, also those the shopper has bought: recall and NDCG are
// given over all, recall also over repeats (products bought before) and over new ones apart.  The baselines
// (evaluate_store_baselines.h) are up to date to the minute.  The interval is that of the NDCG difference
// between home_for_you and the best baseline by NDCG, by a paired bootstrap over shoppers.
//
// With options.models.ranker there is one more ranking, "ranker": home_for_you as a generation with a ranker
// serves it, that is, in the ranker's order where its guard lets it and else in that of the blend.  Each
// ranker is trained with its generation, from what came before.
//
// Validation, for choosing options: target kSecondLastOrder asks for the last order but one instead, and only
// for those before cases_before_ms; no last order is ever a target then.
//
// Thread safety: pure function; training starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_STORE_H_
#define ATTUNE_MODELS_EVALUATE_STORE_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/bootstrap.h"
#include "models/evaluate_store_history.h"
#include "models/for_you.h"
#include "models/model_set.h"

namespace attune::models {

struct StoreEvaluationOptions {
  enum class Target : uint8_t { kLastOrder = 1, kSecondLastOrder = 2 };
  Target target = Target::kLastOrder;
  int64_t cases_before_ms = INT64_MAX;   // Later orders are not asked for.
  int64_t split_ms = 1'317'427'200'000;  // 2011-10-01; of the global split.
  bool has_global_split = true;
  int64_t generation_every_ms = 7 * kDayMs;
  FusionRecipe recipe = ForYouRecipe();
  SignalOptions signals;
  ModelSetOptions models;
  BootstrapOptions bootstrap;
  int threads = 1;
  std::function<void(std::string_view stage, double share)> progress;  // May be empty.
};

// One ranking over all cases of a protocol.
struct RankingScores {
  std::string name;
  double recall_at_20 = 0;
  double ndcg_at_20 = 0;
  double recall_repeat_at_20 =
      0;  // Mean over cases with repeats, of the share of their repeats that was found.
  double recall_explore_at_20 = 0;     // The same for products that the shopper had not bought before.
  std::vector<double> recalls, ndcgs;  // One per case.
};

struct StoreProtocolResult {
  std::string protocol;  // "last_order" or "global_split".
  uint64_t cases = 0;
  double mean_targets = 0;                 // Products of a case.
  double repeat_share = 0;                 // Of all targets, those bought before.
  std::vector<RankingScores> rankings;     // home_for_you, the baselines, and the ranker when asked for.
  std::string best_baseline;               // By NDCG.
  BootstrapInterval ndcg_gain;             // home_for_you minus the best baseline.
  BootstrapInterval ranker_gain;           // The ranker minus home_for_you; nothing when none was asked for.
  std::vector<RankerGuard> ranker_guards;  // Of the last generation.
  uint64_t generations = 0;
  double train_seconds = 0;  // Of all generations together.
  double predict_p99_ms = 0;
};

struct StoreEvaluation {
  uint64_t line_count = 0, kept_line_count = 0, orders = 0, products = 0, shoppers = 0;
  std::vector<StoreProtocolResult> protocols;
};

// Fails as ReadStoreHistory and TrainModelSet do, and with kInvalidArgument when nothing is left to measure
// on.
Result<StoreEvaluation> EvaluateStore(std::istream& order_lines, const Clock& clock,
                                      const StoreEvaluationOptions& options);

// A table for people.
std::string FormatStoreTable(const StoreEvaluation& evaluation);
// {"orders":..,"last_order":{"cases":..,"home_for_you":{"recall@20":..,"ndcg@20":..,"recall_repeat@20":..,
//  "recall_explore@20":..},"bestsellers":{..},..,"best_baseline":"..","ndcg_gain":..,"ndcg_gain_low":..,
//  "ndcg_gain_high":..},"global_split":{..}}
void WriteStoreJson(const StoreEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_STORE_H_
