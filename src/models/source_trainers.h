// Which trainers of a model set (model_set.cc) make which candidate sources: what has to be trained, so that
// a few recipes can be answered and nothing else.
//
//   {home_for_you: next_order, bestsellers, trending}  =>  {"popularity", "next_order"}
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_SOURCE_TRAINERS_H_
#define ATTUNE_MODELS_SOURCE_TRAINERS_H_

#include <span>
#include <string_view>
#include <vector>

#include "models/ranker_options.h"

namespace attune::models {

// Names of trainers, each once, in the order of training.  Sources that no trainer makes (own_frequency,
// those of the decisions room) need none.
std::vector<std::string_view> TrainersFor(std::span<const RankerSurface> surfaces);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SOURCE_TRAINERS_H_
