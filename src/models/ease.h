// EASE: each product is predicted from all others by ridge regression, in closed form and exactly.
//
//   P = (G + dropout / (1 - dropout) diag(G) + ridge I)^-1
//       B[a, b] = -P[a, b] / P[b, b], B[b, b] = 0        G of gram_engine.h
//   W[a->b] = B[a, b] / (count_a^row_exponent * count_b^column_exponent)
//
// Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", 2019; with the exponents of sparse_ridge.h,
// which is the same regression on a few neighbours and serves the catalogues for which this one is too dear.
//
// Memory while training: EaseBytes(products).  Time: products^3 / 2 multiply-adds.  Each row keeps its
// row_cells_max strongest cells.
// Deterministic for any number of threads (symmetric_tiles.h).  Thread safety: pure function.

#ifndef ATTUNE_MODELS_EASE_H_
#define ATTUNE_MODELS_EASE_H_

#include <cstdint>

#include "base/status.h"
#include "models/gram_engine.h"
#include "models/sparse_rows.h"
#include "models/training_control.h"

namespace attune::models {

struct EaseOptions {
  double basket_exponent = 0;
  // In baskets of mean weight, as in sparse_ridge.h.
  double ridge = 150;
  double dropout = 0;  // As in sparse_ridge.h.
  double row_exponent = 0;
  double column_exponent = 0;
  uint32_t row_cells_max = 500;
};

// 25 600 products take 1.3 GB and 8.4e12 multiply-adds: minutes on two processors.
inline constexpr uint32_t kEaseProductsMax = 25'600;

// Of the matrix, its work space and the rows that are kept.
uint64_t EaseBytes(uint32_t product_count, uint32_t row_cells_max);

// Fails with InvalidArgument, naming the option, when one is out of range, and naming product_count when it
// is past kEaseProductsMax; with kUnavailable when cancelled.
Result<SparseRows> TrainEase(const Sequences& baskets, uint32_t product_count, const EaseOptions& options,
                             const TrainingControl& control);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_EASE_H_
