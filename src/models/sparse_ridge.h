// A closed-form linear model that stays sparse: each product is predicted from its own few neighbours by
// ridge regression.
//
//   N(b) = the neighbours_max products with the largest G[a, b] / sqrt(G[a, a] + ridge)
//   B[., b] = argmin  sum over baskets u of |u|^-basket_exponent (x_ub - sum_{a in N(b)} x_ua B[a, b])^2 +
//   ridge |B[., b]|^2
//           = (G[N, N] + ridge I)^-1 G[N, b]
//   W[a->b] = B[a, b] / (count_a^row_exponent * count_b^column_exponent)
//
// It is EASE restricted to neighbours (or SLIM without the l1 term).  Against counting it explains away: when
// y is bought with x only because both go with z, x gets no credit for y.  The dense model inverts an n x n
// matrix (n^3, and 5 GB at 35 000 products); this one solves n small systems (n * neighbours_max^3 / 3, a few
// seconds), in any order, on any number of threads.
//
// Weights may be negative: "who has a does not need b".
// Memory while training: 8 bytes * product_count * min(gram_cells_per_row_max, products that share a basket).
// Deterministic for any number of threads.  Thread safety: pure function.

#ifndef ATTUNE_MODELS_SPARSE_RIDGE_H_
#define ATTUNE_MODELS_SPARSE_RIDGE_H_

#include <cstdint>

#include "base/status.h"
#include "models/gram_engine.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct SparseRidgeOptions {
  double basket_exponent = 0;
  // In baskets of mean weight: the regression behaves as if each product had been in this many more baskets,
  // alone.
  double ridge = 30;
  // In [0, 0.9]: the regression behaves as if each product were left out of its baskets, as a regressor, with
  // this chance: the diagonal of G counts 1 / (1 - dropout) times.  Keeps popular products from explaining
  // everything (Steck, "Autoencoders that don't overfit towards the Identity", 2020).
  double dropout = 0;
  double row_exponent = 0;
  double column_exponent = 0;
  // Regressors per product, at most kRidgeNeighboursMax.
  uint32_t neighbours_max = 60;
  // Cells of G kept per product, the strongest by cosine: at most 8 kB a product.
  uint32_t gram_cells_per_row_max = 1000;
  // Cells kept per row of the result: bounds the work of a request.
  uint32_t row_cells_max = 1000;
  // Changes speed, never the result.
  uint32_t threads = 1;
};

// A system of n regressors costs n^3 / 3.
inline constexpr uint32_t kRidgeNeighboursMax = 500;

// Fails with InvalidArgument, naming the option, when one is out of range, and with kUnavailable when
// `control` is cancelled, which is all that is read of it.
Result<SparseRows> TrainSparseRidge(const Sequences& baskets, uint32_t product_count,
                                    const SparseRidgeOptions& options, const TrainingControl& control = {});

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SPARSE_RIDGE_H_
