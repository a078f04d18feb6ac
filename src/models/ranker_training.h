// Training of a ranker on a store's own log, and the guard that decides whether it may serve.
//
//   log:  |------------- history -------------|-- part 1 --|-- part 2 --|-- held out --|
//                                             ^            ^            ^
//   at each ^ the candidate models and the statistics of products are trained on what lies before it, and
//   answer the cases of the part behind it: rows are as a server of that time would have made them
//
//   part 1, part 2   lists with sampled negatives: LambdaMART (lambda_gradient.h on boosted_trees.h)
//   held out         first half: number of trees, curves of chances; second half: the guard
//
// The guard compares, list by list over all candidates, the NDCG@20 of the ranker as it serves with that of
// the blend, and of the ranker before.  It serves a kind of placement when it is surely better: when the 95 %
// interval of the difference (paired bootstrap) lies above 0.  (A milder guard, "surely not much worse", let
// a ranker serve that lost on another walk through the same log: docs/models/ranker.md.)  A ranker that is
// surely worse than the one before leaves that one in place.  A store with too little data stays with the
// blend.
//
// Cost: one training of all candidate models per part (RankerOptions::past_rows_max bounds it in a large log,
// where the models of the first part's begin answer both parts), and the trees; so a ranker is not trained
// with every generation (RankerOptions::retrain_every_ms), but its product statistics are
// fresh with each.
//
// Thread safety: pure function; threads of its own are joined on return.  Same bytes for every number of
// threads.

#ifndef ATTUNE_MODELS_RANKER_TRAINING_H_
#define ATTUNE_MODELS_RANKER_TRAINING_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/interaction_log.h"
#include "models/ranker.h"
#include "models/ranker_options.h"
#include "models/training_control.h"

namespace attune::models {

class ModelSet;

// Trains the candidate models on a log that ends before now_ms.
using PastTrainer =
    std::function<Result<std::shared_ptr<const ModelSet>>(const InteractionLog& past, int64_t now_ms)>;

// Never null: without enough data it holds no trees and says so.  Fails with kInvalidArgument for options
// that make no sense, and with what `train_past` and the library fail with; kUnavailable when cancelled.
Result<std::shared_ptr<const Ranker>> TrainRanker(const InteractionLog& log,
                                                  const catalog::CatalogView* catalog, int64_t now_ms,
                                                  const RankerOptions& options, const PastTrainer& train_past,
                                                  const TrainingControl& control);

// The rows of `log` before `now_ms`, with the persons of its end.  Of a log of more than `rows_max` rows only
// those of a sample of its shoppers, by stable hash: so many that up to the log's end they have about
// rows_max.
InteractionLog PastOf(const InteractionLog& log, int64_t now_ms, uint64_t rows_max = kInteractionRowsMax);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKER_TRAINING_H_
