// A closed-form linear model of sessions (SLIST; Choi, Kim, Lee, Shim, Lee 2021): which products a session's
// products predict, learned by ridge regression on whole sessions and on every cut of them into past and
// future.
//
//   B = argmin  full_share * |X - X B|^2 + (1 - full_share) * |T - S B|^2 + ridge |B|^2
//     = (A + ridge I)^-1 R,    A = full_share X'X + (1 - full_share) S'S,  R = full_share X'X + (1 -
//     full_share) S'T
//
//   X  sessions by products (SLIS);  S, T  for each cut of a session what came before and after it, fading by
//   e^{-distance to the cut / cut_tau} (SLIT).  Summed over the cuts of a session of n clicks, places p < q:
//   S'S[a, b] += e^{-(q - p) / tau} * sum_{u = 0}^{n - 2 - q} e^{-2 u / tau},  S'T[a, b] += (q - p) e^{-(q -
//   p - 1) / tau} A session counts e^{-ageing * share of the sessions that are newer}.
//
// The diagonal of B is kept: it says how often shoppers come back to the same product.
//
// Up to dense_products_max products the system is solved whole (n^3 / 3 + n^3); above, each product is
// regressed on its regressors_max strongest neighbours and itself, like sparse ridge, so that a catalogue of
// any size is solved in parallel pieces that fit the cache.
//
// Memory while training: 8 bytes * products * min(gram_cells_per_row_max, products that share a session);
// dense: 12 bytes * products^2. Deterministic for any number of threads.  Thread safety: pure function.

#ifndef ATTUNE_MODELS_SESSION_LINEAR_H_
#define ATTUNE_MODELS_SESSION_LINEAR_H_

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "models/sequence_file.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct SessionLinearOptions {
  double full_share = 0.5;
  double ridge = 50;
  double cut_tau = 1;
  double ageing = 1;
  uint32_t dense_products_max = 1500;
  // At most kRidgeNeighboursMax (sparse_ridge.h).
  uint32_t regressors_max = 100;
  uint32_t gram_cells_per_row_max = 600;
  // Cells kept per row of the result: bounds the work of a request.
  uint32_t row_cells_max = 200;
};

struct SessionLinear {
  SparseRows rows;             // B without its diagonal: rows.Of(seed) are the products it predicts.
  std::vector<float> repeats;  // The diagonal, by product.
};

// `sessions` oldest first, of each the latest kSessionProductsMax clicks count.  REQUIRES: products <
// product_count.  Fails with InvalidArgument, naming the option, and with kUnavailable when cancelled.
Result<SessionLinear> TrainSessionLinear(const Sequences& sessions, uint32_t product_count,
                                         const SessionLinearOptions& options, const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_SESSION_LINEAR_H_
