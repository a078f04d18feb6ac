// Stage 3, rank: one order out of the answers of all sources.
//
//   blend    weighted reciprocal rank (models/fusion.h), scaled so that a product that is first in every
//            source of the placement has 1
//   ranker   where the placement names an objective and the generation holds a ranker that its guard lets
//            serve (models/ranker.h): the first kRankedProductsMax products of the blend in the order of what
//            the objective expects of them, which is then their score; the rest behind them as it was
//
// What comes after (adjust, spread, rerank, explore) starts from this order and its scores, whoever made it.
//
// Equal scores go by the stable hash of the product id.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_RANK_H_
#define ATTUNE_DECISIONS_RANK_H_

#include "decisions/decide_input.h"
#include "decisions/placement.h"
#include "decisions/trace.h"

namespace attune::decisions {

// The page's products speak for a placement, and not the shopper's profile.
bool IsAboutPage(const Placement& placement);

// Training can ask the placement as a request does (models/ranking_data.h): by the page's product or by the
// profile, in the whole store.  Others are served by what was learned on these.
bool IsRankerSurface(const Placement& placement);

// Fills trace.fused, trace.ranking and trace.ranked from trace.answers.
void Rank(const DecideInput& input, DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RANK_H_
