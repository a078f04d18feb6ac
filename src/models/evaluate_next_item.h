// The next-item benchmark, on the code that serves (`attune evaluate next-item`).
//
// Protocol: of each sequence the last item is the test target and the one before it the validation target.
// The model is trained on all items but the last two.  It is not trained again with the validation items,
// which some harnesses do.  Asked for the test target it sees all items but the last; for the validation
// target all but the last two.  All items of the file are ranked, except those of the shopper's history; a
// target that is in its own history counts as a miss.  Ties count by mid-rank (ranking_metrics.h).  A
// sequence of fewer than three items is trained on whole and asked nothing.
//
// Hyper-parameters are the defaults of NextItemOptions, and nothing is read from the test items before the
// measurement.  With `tuning` the settings of tunable_settings.h are moved on the validation target,
// recall@10
// + ndcg@10, and the test target is asked once more with the best of them.
//
// The result, except for its times, does not depend on the number of threads.
// Thread safety: pure function; starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_NEXT_ITEM_H_
#define ATTUNE_MODELS_EVALUATE_NEXT_ITEM_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/next_item_blend.h"
#include "models/next_item_model.h"
#include "models/tuned_options.h"

namespace attune::models {

// Called on the caller's thread: what is being done ("training"), and how much of it is, in [0, 1].
using EvaluationProgress = std::function<void(std::string_view stage, double share)>;

struct NextItemEvaluationOptions {
  enum class Target : uint8_t { kTest = 1, kValidation = 2 };
  Target target = Target::kTest;
  NextItemOptions model;
  // Of the self-attentive model; 0 epochs: it is not trained.
  AttentionOptions attention = {.epochs = 0};
  // Only with target kTest; its progress is that below.
  std::optional<TuningOptions> tuning;
  uint32_t threads = 1;
  EvaluationProgress progress;  // May be empty.
};

struct NextItemEvaluation {
  uint64_t users = 0;         // Sequences that were asked for a target.
  uint64_t items = 0;         // Products that were ranked.
  uint64_t interactions = 0;  // Items of all sequences.
  double recall_at_5 = 0, recall_at_10 = 0, recall_at_20 = 0;
  double ndcg_at_5 = 0, ndcg_at_10 = 0, ndcg_at_20 = 0;
  double mrr_at_20 = 0;
  double train_seconds = 0;   // Both parts, from sequences in memory to a source that answers.
  double predict_p99_ms = 0;  // Of Retrieve() for 20 candidates, over all users.
  uint64_t model_bytes = 0;
  double attention_share = 0;  // In the blend; 0: it was not trained, or did not help.
  // Of several seeds: largest minus smallest.
  double recall_at_10_spread = 0, ndcg_at_10_spread = 0;
  std::vector<double> mid_ranks;  // One per user, in file order; kUnrankedTarget for a masked target.
  std::optional<TuningReport> tuning;
};

// Fails as ReadSequenceFile, TrainNextItem and SearchSettings do, and with InvalidArgument when no sequence
// has three items.
Result<NextItemEvaluation> EvaluateNextItem(std::istream& sequences, const Clock& clock,
                                            const NextItemEvaluationOptions& options);

// The mean of every figure, with the spread; without mid_ranks.  REQUIRES: not empty, all of one file.
NextItemEvaluation MeanOfSeeds(const std::vector<NextItemEvaluation>& evaluations);

// A table for people, with a line per cutoff.
std::string FormatNextItemTable(const NextItemEvaluation& evaluation);
// {"recall@5":..,"recall@10":..,"recall@20":..,"ndcg@5":..,"ndcg@10":..,"ndcg@20":..,"users":..,"items":..,
//  "train_seconds":..,"predict_p99_ms":..}, with the members of WriteTuning when it was tuned.
void WriteNextItemJson(const NextItemEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_NEXT_ITEM_H_
