// The top-n benchmark, on the code that serves (`attune evaluate top-n`).
//
// Protocol: the model is trained on the training file, and asked for 20 products for each user of the test
// file.  All items of both files are ranked, except the user's own training items.  Recall divides by all
// test items of the user, NDCG by the best order of min(20, test items) (ranking_metrics.h); the list is the
// one that would be served, its ties by stable hash.  Users without test items are left out; a test item that
// is also in the user's training part can not be shown, and counts as missed.
//
// The model is the one that ChooseTopN (top_n_choice.h) picks on a cut of the training part, unless `choose`
// is false: then it is options.model.  What the fixed defaults, without tuning, reach on the same test items
// is printed beside it.
//
// The published splits have no validation file.  With hold_out_share > 0 the test file is not read: that
// share of the training interactions, drawn by a stable hash of user and item, is held out and measured on
// instead.  The defaults of TopNOptions were chosen that way.
//
// The result, except for time and memory, does not depend on the number of threads.
// Thread safety: pure function; starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_TOP_N_H_
#define ATTUNE_MODELS_EVALUATE_TOP_N_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/evaluate_next_item.h"
#include "models/top_n_choice.h"
#include "models/top_n_model.h"

namespace attune::models {

struct TopNEvaluationOptions {
  bool choose = false;
  TopNChoiceOptions choice;  // When `choose`; threads and progress are those below.
  TopNOptions model;         // When not.
  // In [0, 0.9]; 0 measures on the test file.
  double hold_out_share = 0;
  uint64_t hold_out_seed = 1;
  uint32_t threads = 1;
  EvaluationProgress progress;  // May be empty.
};

struct TopNEvaluation {
  uint64_t users = 0;  // With test items.
  uint64_t items = 0;  // Products that were ranked.
  uint64_t train_interactions = 0;
  uint64_t test_interactions = 0;
  double recall_at_20 = 0;
  double ndcg_at_20 = 0;
  double train_seconds = 0;   // With the choice: everything between the file and the first answer.
  double peak_memory_mb = 0;  // Largest resident size of this process so far, in 10^6 bytes.
  double predict_p99_ms = 0;  // Of Retrieve() for 20 candidates.
  uint64_t model_bytes = 0;
  std::optional<TopNChoice> choice;
  std::string model;                // What was measured, by name.
  double default_recall_at_20 = 0;  // Of the best fixed defaults; the same figures when nothing was tuned.
  double default_ndcg_at_20 = 0;
  std::vector<double> recalls, ndcgs;  // One per user, in the order of the file that was measured on.
};

// Fails as ReadSequenceFile and TrainTopN do (fields of the test file begin with "test: "), and with
// InvalidArgument when nothing is left to measure on or hold_out_share is out of range.
Result<TopNEvaluation> EvaluateTopN(std::istream& train, std::istream& test, const Clock& clock,
                                    const TopNEvaluationOptions& options);

// A table for people.
std::string FormatTopNTable(const TopNEvaluation& evaluation);
// {"recall@20":..,"ndcg@20":..,"train_seconds":..,"peak_memory_mb":..,"users":..,"items":..,"model":..,
//  "default_recall@20":..,"default_ndcg@20":..,"model_mb":..,"predict_p99_ms":..,
//  "trials":[{"name":..,"tried":..,"estimated_seconds":..,"estimated_mb":..,"recall@20":..,"ndcg@20":..},
//  ..]}
// with the trials' figures on the validation cut, and the members of WriteTuning when it was tuned.
void WriteTopNJson(const TopNEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_TOP_N_H_
