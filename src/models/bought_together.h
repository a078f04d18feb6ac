// "Frequently bought together": what is in one order with a product more often than chance explains.
//
//   w_c    = (|c| - 1)^-order_size_exponent * 2^(-age / half_life)     weight of order c
//   N_XY   = sum over orders c that hold both X and Y of w_c
//   P_Y    share of all order lines that are Y
//   E_XY   = sum over orders c with X of w_c [1 - (1 - P_Y)^(|c| - 1)]   what chance would make of N_XY
//   s_XY   = (N_XY - E_XY) / sqrt(E_XY + shrinkage) * trend_Y           kept when positive and supported
//   trend_Y  (share of Y in the lines of late / in those of long) ^ trend_power
//   score  = s_XY^2 / (row_shrinkage + sum over the kept Z of s_XZ^2)   so that rows add up as equals
//
// The sum over X's own orders is what lift, PMI and cosine lack: a product that is mostly bought in large
// orders meets everything, and here that is expected.  The root stands between difference (which favours the
// popular) and ratio (which favours the rare).  After Smith & Linden, "Two Decades of Recommender Systems at
// Amazon.com", 2017.  Squares and sums change nothing for one product; for several they let the pairs that
// stand out in their row decide, whether that row is of a product that everybody buys or of a rare one
// (row-normalised similarity: Karypis 2001; case amplification: Breese, Heckerman, Kadie 1998).
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

#include "base/clock.h"
#include "base/status.h"
#include "catalog/catalog_view.h"
#include "models/interaction_log.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct BoughtTogetherOptions {
  // Products kept per product.
  uint32_t neighbours_max = 100;
  // Orders that must hold both, or ...
  uint32_t support_min = 2;
  // ... this share of the product's own: with five orders and fewer, one is all that can be had.
  double support_share = 0.2;
  // Added to the expected count: a pair seen 3 times where 0.01 was expected is not 300 times as good as one
  // seen 3 times where 1 was expected.
  double shrinkage = 5;
  // What sells better of late than it used to is bought more often beside everything; 0: no trend.
  double trend_power = 0.25;
  int64_t trend_late_half_life_ms = 14 * kDayMs;
  int64_t trend_long_half_life_ms = 90 * kDayMs;
  // A row in which hardly anything stands out counts for less than a row of its own.
  double row_shrinkage = 0.1;
  // An order of n products weighs (n - 1)^-order_size_exponent: a pair of a small order was meant.
  double order_size_exponent = 0.5;
  // Age at which an order weighs half; 0: orders never age.
  int64_t half_life_ms = 180 * kDayMs;
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
