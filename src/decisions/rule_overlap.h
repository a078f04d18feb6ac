// Whether two rules can hold at once, as far as their conditions tell.
//
//   touchpoints, placements, categories, windows   told exactly (a window of the store's clocks against one
//   of
//                                                  the world: with the largest offset there is)
//   queries                                        told exactly for exact ones; two `contains` can always
//   meet segments                                       not told: two of them count as meeting
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_RULE_OVERLAP_H_
#define ATTUNE_DECISIONS_RULE_OVERLAP_H_

#include <string_view>

#include "decisions/rule.h"

namespace attune::decisions {

// Whether the condition can hold at the touchpoint at all: placements are of recommendations, and browsing
// has no query.
bool CanHoldAt(const RuleCondition& condition, Touchpoint touchpoint);

bool MayOverlap(const RuleCondition& a, const RuleCondition& b);

// Whether some text matches both patterns (MatchesPattern in decisions/rule.h).
bool PatternsMeet(std::string_view a, std::string_view b);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_OVERLAP_H_
