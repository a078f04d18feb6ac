// Why a named product is not in a slate.
//
//   filtered      a filter removed it: which one, and which part of it
//   not_candidate no source of the placement names it for this shopper
//   ranked_below  it is a candidate, at the rank given, and the slate ends before it
//   capped        a diversity cap passed it over
//   shown         it is in the slate, at the position given
//
// Thread safety: pure function of a finished trace.

#ifndef ATTUNE_DECISIONS_WHY_NOT_H_
#define ATTUNE_DECISIONS_WHY_NOT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "decisions/filter.h"
#include "decisions/trace.h"

namespace attune::decisions {

struct WhyNot {
  enum class Outcome : uint8_t { kShown, kFiltered, kNotCandidate, kRankedBelow, kCapped };
  Outcome outcome = Outcome::kNotCandidate;
  FilterVerdict verdict = FilterVerdict::kEligible;  // kFiltered: by what.
  std::string detail;     // kFiltered: the part of the filter, the time of the purchase.
  std::string rule;       // The id of the rule that hides it, filters it out or moves it down; empty: none.
  uint32_t rank = 0;      // kRankedBelow, kCapped: from 0.
  uint32_t position = 0;  // kShown.
  std::string sentence;   // The same in words.
};

std::string_view OutcomeName(WhyNot::Outcome outcome);

WhyNot WhyNotShown(const EligibilityFilter& filter, const DecisionTrace& trace, ProductIndex product);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_WHY_NOT_H_
