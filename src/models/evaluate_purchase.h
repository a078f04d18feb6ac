// What a shopper buys next, from what they viewed, put into the cart and bought (`attune evaluate purchase`).
//
// Protocol: all events are trained on; each shopper of the test file is asked for one held-out purchase.  All
// products of both files are ranked but those of the shopper's own events; the list is the one that would be
// served, ties by stable hash; a product that no model answers is a miss.
//
// Every source of ModelSet is measured alone, and then their fusion (fusion.h).  What a view, a cart line and
// a purchase weigh as seeds, how fast they fade, and what each source weighs in the fusion is chosen on
// validation purchases: the last purchase of each shopper, with every event of that product taken out of the
// training part. The test file is read after that.
//
// With `tuning` the settings of tunable_settings.h are moved on the same validation purchases, each time with
// signals and weights chosen anew; the sum of the four figures decides.  The test purchases are asked for
// once more with the best of them.
//
// The result, except for its times, does not depend on the number of threads.
// Thread safety: pure function; starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_PURCHASE_H_
#define ATTUNE_MODELS_EVALUATE_PURCHASE_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/evaluate_next_item.h"
#include "models/fusion.h"
#include "models/model_set.h"
#include "models/tuned_options.h"

namespace attune::models {

// What the kinds of events weigh as seeds; of a product with several kinds the strongest counts.
struct SignalWeights {
  double view = 1;
  double cart = 2;
  double purchase = 1;
  int64_t half_life_ms = 7 * kDayMs;  // Before the shopper's latest event.
};

struct PurchaseEvaluationOptions {
  ModelSetOptions models;
  std::optional<TuningOptions> tuning;  // Its progress is that below.
  uint32_t threads = 1;
  EvaluationProgress progress;  // May be empty.
};

// Of one source or of the fusion.
struct PurchaseQuality {
  std::string name;
  double weight = 0;  // In the fusion.
  double hit_rate_at_10 = 0, ndcg_at_10 = 0;
  double hit_rate_at_20 = 0, ndcg_at_20 = 0;
};

struct PurchaseEvaluation {
  uint64_t events = 0;
  uint64_t items = 0;
  uint64_t shoppers = 0;  // Asked.
  uint64_t validation_shoppers = 0;
  SignalWeights signals;
  std::vector<PurchaseQuality> qualities;  // Each source, then the fusion.
  double train_seconds = 0;                // Of the models of the test, without the choice.
  std::optional<TuningReport> tuning;

  const PurchaseQuality& fusion() const { return qualities.back(); }
};

// Fails with InvalidArgument, naming line and field (those of the test file begin with "test: "), and as
// TrainModelSet and SearchSettings do; tuning needs validation purchases.
Result<PurchaseEvaluation> EvaluatePurchase(std::istream& events, std::istream& test, const Clock& clock,
                                            const PurchaseEvaluationOptions& options);

// A table for people, with a line per source.
std::string FormatPurchaseTable(const PurchaseEvaluation& evaluation);
// {"hit_rate@10":..,"ndcg@10":..,"hit_rate@20":..,"ndcg@20":..,"train_seconds":..,"models":{..}}, with
// the members of WriteTuning when it was tuned.
void WritePurchaseJson(const PurchaseEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_PURCHASE_H_
