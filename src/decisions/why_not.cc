#include "decisions/why_not.h"

#include <algorithm>

namespace attune::decisions {
namespace {

constexpr std::string_view kOutcomeNames[] = {"shown", "filtered", "not_candidate", "ranked_below", "capped"};

std::string FilterSentence(const WhyNot& why) {
  const std::string& detail = why.detail;
  switch (why.verdict) {
    case FilterVerdict::kUnknown:
      return "the catalogue has no such product";
    case FilterVerdict::kHidden:
      return "it is hidden";
    case FilterVerdict::kNotInMarket:
      return "it is not sold in this market";
    case FilterVerdict::kOutOfStock:
      return "it is out of stock";
    case FilterVerdict::kExcluded:
      return "the request excludes it";
    case FilterVerdict::kShownBefore:
      return "an earlier slate of this sequence shows it";
    case FilterVerdict::kOnPage:
      return "it is on the page already";
    case FilterVerdict::kInCart:
      return "it is in the cart";
    case FilterVerdict::kBoughtRecently:
      return "the shopper bought it lately: " + detail;
    case FilterVerdict::kOtherCategory:
      return "it is not in the category of the page";
    case FilterVerdict::kPlacementFilter:
      return "the placement's filter removes it: " + detail;
    case FilterVerdict::kRequestFilter:
      return "the request's filter removes it: " + detail;
    case FilterVerdict::kHiddenByRule:
      return "the rule " + why.rule + " hides it" + (detail.empty() ? "" : ": " + detail);
    case FilterVerdict::kRuleFilter:
      return "the filter of the rule " + why.rule + " removes it: " + detail;
    case FilterVerdict::kEligible:
      break;
  }
  return {};
}

// Null: none.
const Rule* RuleThatBuried(const DecisionTrace& trace, uint32_t row) {
  for (const RuleMove& move : trace.moves) {
    if (move.row == row && move.kind == RuleMove::Kind::kBuried) return move.rule;
  }
  return nullptr;
}

}  // namespace

std::string_view OutcomeName(WhyNot::Outcome outcome) { return kOutcomeNames[static_cast<size_t>(outcome)]; }

WhyNot WhyNotShown(const EligibilityFilter& filter, const DecisionTrace& trace, ProductIndex product) {
  WhyNot why;
  const auto found = trace.row_of.find(product);
  const CandidateRow* const row = found == trace.row_of.end() ? nullptr : &trace.rows[found->second];
  if (row != nullptr && row->is_chosen) {
    why.outcome = WhyNot::Outcome::kShown;
    const auto place = std::find(trace.chosen.begin(), trace.chosen.end(), found->second);
    why.position = static_cast<uint32_t>(place - trace.chosen.begin());
    why.sentence = "it is shown at position " + std::to_string(why.position);
    return why;
  }
  why.verdict = filter.Check(product);
  if (why.verdict != FilterVerdict::kEligible) {
    why.outcome = WhyNot::Outcome::kFiltered;
    why.detail = filter.Detail(product);
    if (const Rule* const rule = filter.RuleAgainst(product)) why.rule = rule->id;
    why.sentence = FilterSentence(why);
    return why;
  }
  if (row != nullptr && row->is_capped) {
    why.outcome = WhyNot::Outcome::kCapped;
    why.rank = row->rank == kNoRank ? 0 : row->rank;
    why.sentence = "the slate has enough of its brand or category";
    return why;
  }
  if (row != nullptr && row->rank != kNoRank) {
    why.outcome = WhyNot::Outcome::kRankedBelow;
    why.rank = row->rank;
    why.sentence = "it is a candidate at rank " + std::to_string(row->rank) + ", and the slate shows " +
                   std::to_string(trace.chosen.size());
    if (const Rule* const rule = RuleThatBuried(trace, found->second)) {
      why.rule = rule->id;
      why.sentence += "; the rule " + why.rule + " moves it down";
    }
    return why;
  }
  why.sentence = "no source of this placement names it for this request";
  return why;
}

}  // namespace attune::decisions
