// The session benchmark, on the code that serves (`attune evaluate sessions`).
//
// Protocol: the models are trained on the sessions of the training file, the oldest line first.  Each line of
// the test file is one question: the clicks of a visit so far, and the click that came next.  All items of
// both files are ranked, those already clicked too; ties count by mid-rank (ranking_metrics.h); a target that
// no model answers is a miss.
//
// Parameters are the defaults of SessionNextOptions; the weights of the blend are chosen while training, on
// the newest training sessions (session_weights.h).  With `validation` the test file is not read: the newest
// tenth of the training file is asked instead, and the rest is trained on.  With `tuning` the settings of
// tunable_settings.h are moved on that part, hit_rate@20 + mrr@20 of the blend, and the test file is asked
// once more with the best of them.
//
// The result, except for its times, does not depend on the number of threads.
// Thread safety: pure function; starts threads of its own and joins them.

#ifndef ATTUNE_MODELS_EVALUATE_SESSIONS_H_
#define ATTUNE_MODELS_EVALUATE_SESSIONS_H_

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json_writer.h"
#include "base/status.h"
#include "models/evaluate_next_item.h"
#include "models/session_next.h"
#include "models/tuned_options.h"

namespace attune::models {

struct SessionEvaluationOptions {
  SessionNextOptions model;
  bool validation = false;
  // Not with `validation`; its progress is that below.
  std::optional<TuningOptions> tuning;
  uint32_t threads = 1;
  EvaluationProgress progress;  // May be empty.
};

// Of one model or of the blend.
struct SessionQuality {
  std::string name;
  double hit_rate_at_20 = 0;
  double mrr_at_20 = 0;
  std::vector<double> mid_ranks;  // One per question, in file order; kUnrankedTarget for a miss of all.
};

struct SessionEvaluation {
  uint64_t sessions = 0;  // Trained on.
  uint64_t clicks = 0;    // Of these.
  uint64_t items = 0;     // Products that were ranked.
  uint64_t questions = 0;
  SessionWeights weights = {};
  std::vector<SessionQuality> qualities;  // Each single model, then the blend.
  double train_seconds = 0;               // With the choice of the weights.
  double predict_p99_ms = 0;              // Of Retrieve() for 20 candidates, over all questions.
  uint64_t model_bytes = 0;
  std::optional<TuningReport> tuning;

  const SessionQuality& blend() const { return qualities.back(); }
};

// Fails as ReadSessionFile, ReadSessionQuestions (fields of the test file begin with "test: ") and
// SessionNextModel::Train and SearchSettings do, and with InvalidArgument when nothing is left to ask.
Result<SessionEvaluation> EvaluateSessions(std::istream& train, std::istream& test, const Clock& clock,
                                           const SessionEvaluationOptions& options);

// A table for people, with a line per model.
std::string FormatSessionTable(const SessionEvaluation& evaluation);
// {"hit_rate@20":..,"mrr@20":..,"train_seconds":..,"predict_p99_ms":..,"models":{"session_knn":{..},..}},
// with the members of WriteTuning when it was tuned.
void WriteSessionJson(const SessionEvaluation& evaluation, JsonWriter& json);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EVALUATE_SESSIONS_H_
