// Stage 3, rank: one order out of the answers of all sources, by weighted reciprocal rank (models/fusion.h).
//
// Scores are scaled so that a product that is first in every source of the placement has 1.  Equal scores go
// by the stable hash of the product id.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_RANK_H_
#define ATTUNE_DECISIONS_RANK_H_

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Fills trace.fused and trace.ranked from trace.answers.
void Rank(const DecideInput& input, DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RANK_H_
