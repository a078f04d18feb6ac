// Which settings of each model may be tuned, and how far (tuning.h walks them; `attune evaluate .. --tune`).
//
// A range is all of the setting's domain where that is bounded (shares, exponents up to 1), and else at least
// a factor of ten around the default on both sides, up to where the model's limits or its cost end it.  So a
// good value of another store is inside, and a default at the edge of its range would be a finding.
//
// Left out is what only bounds memory or work (cells kept, windows), what needs data that the benchmarks do
// not have (half-lives where there are no times), and what is learned at every training anyway.
//
// The settings that moved the validation figures most while the defaults were chosen stand first.
//
// Thread safety: immutable.

#ifndef ATTUNE_MODELS_TUNABLE_SETTINGS_H_
#define ATTUNE_MODELS_TUNABLE_SETTINGS_H_

#include <span>

#include "models/bought_together.h"
#include "models/model_set.h"
#include "models/next_item_model.h"
#include "models/session_next.h"
#include "models/top_n_model.h"
#include "models/tuned_options.h"

namespace attune::models {

std::span<const TunableSetting<NextItemOptions>> NextItemSettings();
std::span<const TunableSetting<SessionNextOptions>> SessionSettings();
// Of one method; another has fields of its own.
std::span<const TunableSetting<TopNOptions>> TopNSettings(TopNMethod method);
// Of the sources that answer most held-out purchases: also_viewed, history_next, viewed_next, session_next.
std::span<const TunableSetting<ModelSetOptions>> PurchaseSettings();
std::span<const TunableSetting<BoughtTogetherOptions>> BoughtTogetherSettings();

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TUNABLE_SETTINGS_H_
