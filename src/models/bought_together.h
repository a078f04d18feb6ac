// "Frequently bought together": what is in one order with a product more often than chance explains.
//
//   N_XY   orders that hold both X and Y
//   P_Y    share of all order lines that are Y
//   E_XY   = sum over orders c with X of [1 - (1 - P_Y)^(|c| - 1)]     orders of X that would hold Y by
//   chance score  = (N_XY - E_XY) / sqrt(E_XY + shrinkage)                    kept when positive and N_XY >=
//   support
//
// The sum over X's own orders is what lift, PMI and cosine lack: a product that is mostly bought in large
// orders meets everything, and here that is expected.  The root stands between difference (which favours the
// popular) and ratio (which favours the rare).  After Smith & Linden, "Two Decades of Recommender Systems at
// Amazon.com", 2017.
//
// Substitutes are kept out: nobody wants a second kettle beside the kettle.  docs/models/bought-together.md
// says when two products are taken for substitutes.
//
// Thread safety: the model is immutable; training uses control.thread_count threads and gives the same bytes
// for any.

#ifndef ATTUNE_MODELS_BOUGHT_TOGETHER_H_
#define ATTUNE_MODELS_BOUGHT_TOGETHER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/interaction_log.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct BoughtTogetherOptions {
  // Products kept per product.
  uint32_t neighbours_max = 50;
  // Orders that must hold both.  0: 2 in a store with fewer than 1 000 orders, else 3.
  uint32_t support_min = 0;
  // Added to the expected count: a pair seen 3 times where 0.01 was expected is not 300 times as good as one
  // seen 3 times where 1 was expected.
  double shrinkage = 3.0;
  // An order of n products weighs (n - 1)^-order_size_exponent in N and E: a pair of a small order was meant.
  double order_size_exponent = 0;
  // Age at which an order weighs half; 0: orders never age.
  int64_t half_life_ms = 0;
  // Two products of one leaf category are substitutes when they are looked at together (cosine of their
  // visits) at least this much ...
  double co_view_cosine_min = 0.1;
  // ... or, in a store without views, when their titles share at least this part of their words and their
  // prices differ by less than price_ratio_max ...
  double title_overlap_min = 0.6;
  double price_ratio_max = 1.25;
  // ... unless they are bought together in more than this part of the orders of the rarer one.
  double co_purchase_share_max = 0.1;
};

inline constexpr std::string_view kBoughtTogether = "bought_together";

// The rows of a TransitionSource of that name, for products [0, log.product_index_count()).  Null `catalog`:
// no product is taken for a substitute.  kUnavailable when cancelled.
Result<SparseRows> TrainBoughtTogether(const InteractionLog& log, const catalog::CatalogView* catalog,
                                       const BoughtTogetherOptions& options, const TrainingControl& control);

// Orders that would hold the other product by chance: orders of X that weigh `order_weight_by_others[k]`
// together have k other lines, and a line is the other product with probability `line_share`.
double ExpectedTogether(const std::vector<double>& order_weight_by_others, double line_share);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_BOUGHT_TOGETHER_H_
