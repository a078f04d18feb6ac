// Diversity of a slate beyond caps: the next product should be good and unlike those before it.
//
// How alike two products are, in [-1, 1], is the cosine of what is known of them, laid side by side:
//
//   0.5  vector of the models (models/vector_lookup.h), of length 1
//   0.35 category: one per level of the main path, so that siblings share all but the last
//   0.15 brand
//
// Parts that a product lacks are left out and the rest counts as a whole, so the matrix of likeness S is
// positive semi-definite, as a determinant needs it.
//
//   mmr   next = argmax  r * rel(i) - (1 - r) * max over chosen j of S(i, j)
//         Carbonell, Goldstein, "The Use of MMR", SIGIR 1998
//   dpp   greedy maximum of log det of L = diag(q) S diag(q),  q(i) = exp(rel(i) * r / (2 (1 - r)))
//         Chen, Zhang, Zhou, "Fast Greedy MAP Inference for Determinantal Point Process", NeurIPS 2018, by
//         incremental Cholesky factors; it stops where nothing adds volume
//
// r is the placement's `relevance`, rel(i) the score over the best score.  mmr looks at the nearest chosen
// product, dpp at all of them together.  Only the first kSpreadPoolMax candidates take part.
//
// Cost: pool * slate * (dimensions + slate); see bench/decisions_bench.cc.
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_SPREAD_H_
#define ATTUNE_DECISIONS_SPREAD_H_

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// How alike two products are.
double Likeness(const DecideInput& input, ProductIndex a, ProductIndex b);

// Moves the chosen ones to the front of trace.order; leaves it alone when the placement asks for no
// spreading.
void Spread(const DecideInput& input, DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_SPREAD_H_
