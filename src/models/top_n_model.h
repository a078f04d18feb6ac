// What a shopper would choose next from the whole catalogue, whatever the order of what was chosen: the top-n
// task.
//
// One SparseRows by one method of the linear family.  The defaults were chosen on a held-out tenth of a
// training file (docs/models/top-n.md); which method fits a store is what top_n_choice.h finds out.
//
// Thread safety: pure function; the source it returns is immutable.

#ifndef ATTUNE_MODELS_TOP_N_MODEL_H_
#define ATTUNE_MODELS_TOP_N_MODEL_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "models/ease.h"
#include "models/item_knn.h"
#include "models/sequence_file.h"
#include "models/sparse_ridge.h"
#include "models/training_control.h"
#include "models/transition_source.h"

namespace attune::models {

enum class TopNMethod : uint8_t { kSparseRidge = 1, kItemKnn = 2, kEase = 3 };

// "sparse_ridge", "item_knn", "ease".
std::string_view NameOf(TopNMethod method);

struct TopNOptions {
  TopNMethod method = TopNMethod::kSparseRidge;
  SparseRidgeOptions ridge = {.basket_exponent = 0.2,
                              .ridge = 150,
                              .row_exponent = 0.2,
                              .column_exponent = 0.15,
                              .neighbours_max = 150,
                              .gram_cells_per_row_max = 5000};
  EaseOptions ease = {.basket_exponent = 0.2, .ridge = 150, .row_exponent = 0.2, .column_exponent = 0.15};
  ItemKnnOptions knn;  // Cosine unless said otherwise.
  // Changes speed, never the result; overrides those of the parts.
  uint32_t threads = 1;
};

// Fails with InvalidArgument, naming the option, when one is out of range, and with kUnavailable when
// `control` is cancelled.  The threads are those of `options`.
Result<SparseRows> TrainTopNRows(const Sequences& baskets, uint32_t product_count, const TopNOptions& options,
                                 const TrainingControl& control = {});
// The same as a source of candidates.
Result<std::shared_ptr<const TransitionSource>> TrainTopN(const Sequences& baskets, uint32_t product_count,
                                                          const TopNOptions& options,
                                                          const TrainingControl& control = {});

}  // namespace attune::models

#endif  // ATTUNE_MODELS_TOP_N_MODEL_H_
