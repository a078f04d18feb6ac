// Between rank and rerank: what a placement takes off the scores of its candidates.
//
//   score'(p) = score(p) * factor(p)
//   factor(p) = keep^ignored(p) * ((1 + popularity_min) / (1 + popularity(p)))^exponent * boosts of rules
//
// score(p) is that of the blend, or what the ranker's objective expects (decisions/rank.h).  An expected loss
// is negative and grows: score(p) * (2 - factor(p)), and score(p) / factor(p) for a factor above 1.
//
// Rotation (keep, ignored): products that the shopper's last slates showed in vain move down
// (features/shown_products.h).  It needs `slate_viewed` events; without them nothing is known to be shown.
//
//   keep 0.5:  A .9, B .8, C .7;  A was shown twice and not turned to  =>  B .8, C .7, A .225
//
// Popularity debiasing (exponent): what everybody knows already gives way to what fewer do.  Popularity is
// that of the models' generation (models/product_tally.h), the minimum is over the candidates, so the least
// popular one keeps its score.  0: off; 1: a product twice as popular needs twice the score.
//
// Equal scores stay in the order of the ranking.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_ADJUST_H_
#define ATTUNE_DECISIONS_ADJUST_H_

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Changes CandidateRow::factor and sets trace.order; leaves both alone when the placement asks for neither
// and no rule boosts.
void Adjust(const DecideInput& input, DecisionTrace& trace);

// The score of a row after Adjust(); 0 of one that is not ranked.
double ScoreOf(const DecisionTrace& trace, uint32_t row);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_ADJUST_H_
