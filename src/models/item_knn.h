// Item-kNN and its relatives: products that the same shoppers chose, by normalised co-occurrence.
//
//   W[a->b] = G[a, b] / (count_a^row_exponent * count_b^column_exponent)        G of gram_engine.h
//
//   cosine        basket 0,     row .5,    column .5
//   RP3beta       basket alpha, row alpha, column beta       (three-step random walk, popularity divided out)
//   graph filter  basket 1,     row .5,    column .5         (GF-CF without the low-pass part)
//
// Between these named points the exponents are free; most of the quality lies there (docs/models/top-n.md).
//
// Thread safety: pure function.

#ifndef ATTUNE_MODELS_ITEM_KNN_H_
#define ATTUNE_MODELS_ITEM_KNN_H_

#include <cstdint>

#include "base/status.h"
#include "models/gram_engine.h"
#include "models/sparse_rows.h"

namespace attune::models {

struct ItemKnnOptions {
  double basket_exponent = 0;
  double row_exponent = 0.5;
  double column_exponent = 0.5;
  // Neighbours kept per product.
  uint32_t neighbours_max = 200;
  // Changes speed, never the result.
  uint32_t threads = 1;
};

ItemKnnOptions CosineOptions();
ItemKnnOptions Rp3BetaOptions(double alpha, double beta);
ItemKnnOptions GraphFilterOptions();

// Fails with InvalidArgument, naming the option, when an exponent is not in [0, 2] or neighbours_max is 0 or
// past kNeighboursMax.  A product in no basket, or alone in all of its baskets, has an empty row.
Result<SparseRows> TrainItemKnn(const Sequences& baskets, uint32_t product_count,
                                const ItemKnnOptions& options);

}  // namespace attune::models

#endif  // ATTUNE_MODELS_ITEM_KNN_H_
