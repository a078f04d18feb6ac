// Merchandising rules in the pipeline of a decision (decisions/choose_rules.h says what they mean).
//
//   filter   what rules hide and filter out                                decisions/filter.h
//   rank     ->  NameProducts()   pins and curated lists take their positions; what else rules include
//   becomes
//                                 a candidate
//                Boost()          factors of the scores
//   adjust, spread, rerank, the ladder, explore: over the rest of the positions
//            ->  InsertPlaced()   the slate with the named products at their positions
//
// Positions of pins count over all slates of a chain (decisions/continuation.h): what a slate before was to
// show is not made up for.  A product that is named and cannot be shown is passed over, the position is given
// to the rest, and the trace says so.  Caps and exploration leave named products alone: their propensity
// is 1.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_APPLY_RULES_H_
#define ATTUNE_DECISIONS_APPLY_RULES_H_

#include <string>
#include <string_view>

#include "decisions/choose_rules.h"
#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "decisions/trace.h"

namespace attune::decisions {

// The rules that hold for a request.  The category is that of the request, else that of the page's first
// product.
ActiveRules ActiveRulesOf(const DecideInput& input);

// Sets trace.rules, placed, passed_over and included; trace.limit becomes what is left for the other stages.
void NameProducts(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace);

// Multiplies CandidateRow::factor.
void Boost(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace);

// Merges trace.placed into trace.chosen and brings trace.limit back.
void InsertPlaced(DecisionTrace& trace);

// The rule that brought the row into the slate; null when it needed none.
const Rule* RuleThatPlaced(const DecisionTrace& trace, uint32_t row);

// "pinned"
std::string_view MoveName(RuleMove::Kind kind);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_APPLY_RULES_H_
