// What each trainer of a model set is expected to take, from counts alone.
//
// Every formula is the trainer's complexity times a constant that was measured on one core (docs/models/
// schedule.md has the measurements); where real data make it cheaper (pairs that repeat), the formula keeps
// the dearer figure.
//
// Thread safety: pure functions.

#ifndef ATTUNE_MODELS_MODEL_SET_COSTS_H_
#define ATTUNE_MODELS_MODEL_SET_COSTS_H_

#include "models/training_plan.h"

namespace attune::models {

struct ModelSetOptions;

TrainerCosts PopularityCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts QueryClicksCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts TallyCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts TransitionCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts AlsoBoughtCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts BoughtTogetherCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts ContentCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts LooksAlikeCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts ColdProductCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts AlsCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts BuyAgainCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts NextOrderCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts AudienceCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts CustomerValueCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts SessionNextCosts(const TrainingCounts& counts, const ModelSetOptions& options);
TrainerCosts HistoryNextCosts(const TrainingCounts& counts, const ModelSetOptions& options);
// REQUIRES: options.ranker.  options.trainers: those that its models of the past need.
TrainerCosts RankerCosts(const TrainingCounts& counts, const ModelSetOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_MODEL_SET_COSTS_H_
