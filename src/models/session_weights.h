// How much each session model counts in the blend, chosen on the newest sessions of the training part.
//
// The newest tenth of the sessions (at most kWeightSessionsMax) is held out; models trained on the sessions
// before it are asked for every next click in it, or for an even sample of kWeightQuestionsMax.  A click on a
// product that no earlier session held is left out: no session model can answer it.  Of a fixed grid of
// weights the one with the largest hit_rate@20 + mrr@20 wins, the first of equal ones.
//
// Deterministic for any number of threads.  Thread safety: pure functions.

#ifndef ATTUNE_MODELS_SESSION_WEIGHTS_H_
#define ATTUNE_MODELS_SESSION_WEIGHTS_H_

#include <optional>

#include "base/status.h"
#include "models/sequence_file.h"
#include "models/session_next.h"
#include "models/training_control.h"

namespace attune::models {

// Fewer held-out sessions than the minimum choose noise; more than the maximum choose the same.
inline constexpr size_t kWeightSessionsMin = 200;
inline constexpr size_t kWeightSessionsMax = 20'000;
inline constexpr size_t kWeightQuestionsMax = 6'000;
// Sessions before the held-out ones that are learned from, the latest: bounds what the choice costs.
inline constexpr size_t kWeightTrainingSessionsMax = 300'000;

struct SessionCut {
  Sequences training;
  Sequences newest;
};

// Nothing when too few sessions would be held out.
std::optional<SessionCut> CutForWeights(const Sequences& sessions);

// `defaults` when nothing can be asked.  Fails with kUnavailable when cancelled.
Result<SessionWeights> ChooseWeights(const SessionNextModel& model, const Sequences& newest,
                                     const SessionWeights& defaults, const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_WEIGHTS_H_
