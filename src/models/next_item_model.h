// What a shopper looks at next: directed counts, corrected by sparse ridge.
//
//   score = transitions (transition_trainer.h, tau 2) / norm  +  ridge_share * ridge (sparse_ridge.h, tau 10)
//   / norm
//
// The two err differently.  Transitions know the order and forget all but the last few products; ridge knows
// no order, but weighs a long history without counting the same reason twice.  Norms are Frobenius, so that
// ridge_share means the same on every store.  docs/models/next-item.md has the figures.
//
// The defaults were chosen once, on the validation items of two public data sets, and are what a store starts
// with.
//
// Thread safety: pure functions; the source they return is immutable.

#ifndef ATTUNE_MODELS_NEXT_ITEM_MODEL_H_
#define ATTUNE_MODELS_NEXT_ITEM_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "models/sequence_file.h"
#include "models/sparse_ridge.h"
#include "models/transition_source.h"
#include "models/transition_trainer.h"

namespace attune::models {

struct NextItemOptions {
  // Less is read backwards than in TransitionOptions: the ridge part knows what goes together without order.
  TransitionOptions transitions = {.reverse = 0.1, .column_exponent = 0.05};
  double transition_tau = 2;
  SparseRidgeOptions ridge = {.row_exponent = 0.1};
  double ridge_tau = 10;
  // 0: no ridge part is trained.
  double ridge_share = 0.4;
  // Changes speed, never the result; overrides those of the parts.
  uint32_t threads = 1;
};

// Puts two trained parts together.  `ridge` may be null.  REQUIRES: transitions set.
std::shared_ptr<const TransitionSource> MixNextItemSource(std::string name,
                                                          std::shared_ptr<const SparseRows> transitions,
                                                          std::shared_ptr<const SparseRows> ridge,
                                                          const NextItemOptions& options,
                                                          std::shared_ptr<const ProductTies> ties = nullptr);

// Trains both parts from sequences, oldest product first.  Fails with InvalidArgument, naming the option,
// when one is out of range.
Result<std::shared_ptr<const TransitionSource>> TrainNextItem(const Sequences& sequences,
                                                              uint32_t product_count,
                                                              const NextItemOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_NEXT_ITEM_MODEL_H_
