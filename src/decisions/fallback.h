// The ladder: what fills a slate when the sources of the placement have too little to say.
//
//   session_context  what goes with the products of this visit and this page (also viewed, similar)
//   category         bestsellers of the page's category, then of its broader ones; without one on the
//   request, that of
//                    the page's product, of the last product of the visit, or the shopper's favourite
//   editorial        the placement's own list, in the merchant's order
//   bestsellers      of the whole store
//   newest           the newest products; and at last every eligible product of the catalogue, latest first,
//   so that a
//                    slate is never short while the store has an eligible product
//
// Rungs are tried in the placement's order; the last resort is always there.  Diversity caps hold on the way
// down and give way only when the slate would stay short.  The answer names the lowest rung that was needed.
//
// Cost: the last resort walks the catalogue until the slate is full; with a filter that nothing passes, all
// of it. Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_FALLBACK_H_
#define ATTUNE_DECISIONS_FALLBACK_H_

#include <string>
#include <vector>

#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "decisions/rerank.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Appends to trace.chosen until trace.limit; fills trace.rungs.
void FillFromLadder(const DecideInput& input, const EligibilityFilter& filter, DiversityCounter& counter,
                    DecisionTrace& trace);

// The category that the ladder stands on; empty when nothing tells.
std::vector<std::string> LadderCategory(const DecideInput& input);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_FALLBACK_H_
