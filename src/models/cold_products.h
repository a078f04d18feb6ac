// New and little-known products for a shopper: source "new_for_you".  Nobody, or hardly anybody, has touched
// them, so no model of behaviour can know them; what they are like is known, and who likes that.
//
//   W[s -> q] = sum over the content_similar neighbours p of q:
//                 likeness(q, p) * ([p = s] + collaboration * cosine(s, p))
//
// for every cold product q: one that at most support_max shoppers touched.  cosine(s, p) is item-kNN over the
// shoppers' products, views and carts too.  In words: a new product is shown to those who would be shown what
// it is like.  It maps content to behaviour through neighbours (Gantner et al. 2010, "Learning
// attribute-to-feature mappings for cold-start recommendations", their kNN mapping) without leaving the
// one format of rows; measured it finds much more than likeness alone (docs/models/content.md).
//
// The answer is a TransitionSource: cold products alone, best for the seeds first, with the seed as reason.
// Rows keep row_cells_max cells.  A product that warms up leaves at the next generation.
//
// Deterministic for any number of threads.  Thread safety: pure function.

#ifndef ATTUNE_MODELS_COLD_PRODUCTS_H_
#define ATTUNE_MODELS_COLD_PRODUCTS_H_

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "models/content.h"
#include "models/interaction_log.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct ColdProductOptions {
  uint32_t support_max = 3;
  float collaboration = 10;
  uint32_t shopper_products_max = 200;  // Of one shopper, the latest: bounds the pairs.
  uint32_t row_cells_max = 200;
};

inline constexpr std::string_view kNewForYou = "new_for_you";

// Fails with kInvalidArgument, naming the option, and with kUnavailable when cancelled.
Result<SparseRows> TrainColdProducts(const InteractionLog& log, const ContentModel& content,
                                     const ColdProductOptions& options, const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_COLD_PRODUCTS_H_
