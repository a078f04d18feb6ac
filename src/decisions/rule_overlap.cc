#include "decisions/rule_overlap.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "base/clock.h"

namespace attune::decisions {
namespace {

// Clocks run at most this far from UTC (Kiritimati; the other way it is less).
constexpr int64_t kOffsetMaxMs = 14 * kHourMs;

using Words = std::vector<std::string>;

// True when either is empty, which means all, or a pair meets.
template <class Value, class Meet>
bool AnyMeet(const std::vector<Value>& a, const std::vector<Value>& b, const Meet& meet) {
  if (a.empty() || b.empty()) return true;
  return std::any_of(a.begin(), a.end(), [&](const Value& one) {
    return std::any_of(b.begin(), b.end(), [&](const Value& other) { return meet(one, other); });
  });
}

bool IsWithin(const Words& path, const Words& category) {
  return category.size() <= path.size() && std::equal(category.begin(), category.end(), path.begin());
}

bool HoldsWords(const Words& words, const Words& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  });
}

// One of the exact queries of `a` is one of `b`.
bool ExactMeets(const QueryCondition& a, const QueryCondition& b) {
  return std::any_of(a.exact.begin(), a.exact.end(), [&](const Words& words) {
    return std::find(b.exact.begin(), b.exact.end(), words) != b.exact.end() ||
           std::any_of(b.contains.begin(), b.contains.end(),
                       [&](const Words& wanted) { return HoldsWords(words, wanted); });
  });
}

bool QueriesMeet(const QueryCondition& a, const QueryCondition& b) {
  if (a.is_empty() || b.is_empty() || a.is_any || b.is_any) return true;
  if (!a.contains.empty() && !b.contains.empty()) return true;
  return ExactMeets(a, b) || ExactMeets(b, a);
}

// Whether `a` may begin before `b` ends.
bool BeginsBeforeEnd(const RuleCondition& a, const RuleCondition& b) {
  if (!a.from || !b.until) return true;
  const int64_t slack_ms = a.from->is_local == b.until->is_local ? 0 : kOffsetMaxMs;
  return a.from->ms < b.until->ms + slack_ms;
}

}  // namespace

bool PatternsMeet(std::string_view a, std::string_view b) {
  // meets[j]: the rest of `a` from i on, and of `b` from j on, match a common text.
  std::vector<bool> meets(b.size() + 1);
  std::vector<bool> next(b.size() + 1);
  for (size_t i = a.size() + 1; i-- > 0;) {
    for (size_t j = b.size() + 1; j-- > 0;) {
      if (i == a.size() && j == b.size()) {
        meets[j] = true;
      } else if (i < a.size() && a[i] == '*') {
        meets[j] = next[j] || (j < b.size() && meets[j + 1]);
      } else if (j < b.size() && b[j] == '*') {
        meets[j] = meets[j + 1] || (i < a.size() && next[j]);
      } else {
        meets[j] = i < a.size() && j < b.size() && a[i] == b[j] && next[j + 1];
      }
    }
    next = meets;
  }
  return next[0];
}

bool CanHoldAt(const RuleCondition& condition, Touchpoint touchpoint) {
  if (touchpoint == Touchpoint::kBrowse && !condition.query.is_empty()) return false;
  if (touchpoint != Touchpoint::kRecommendations && !condition.placements.empty()) return false;
  const auto& named = condition.touchpoints;
  return named.empty() || std::find(named.begin(), named.end(), touchpoint) != named.end();
}

bool MayOverlap(const RuleCondition& a, const RuleCondition& b) {
  constexpr Touchpoint kAll[] = {Touchpoint::kSearch, Touchpoint::kBrowse, Touchpoint::kRecommendations};
  const bool meet_somewhere = std::any_of(std::begin(kAll), std::end(kAll), [&](Touchpoint touchpoint) {
    return CanHoldAt(a, touchpoint) && CanHoldAt(b, touchpoint);
  });
  return meet_somewhere && BeginsBeforeEnd(a, b) && BeginsBeforeEnd(b, a) &&
         AnyMeet(a.categories, b.categories,
                 [](const Words& one, const Words& other) {
                   return IsWithin(one, other) || IsWithin(other, one);
                 }) &&
         QueriesMeet(a.query, b.query) && AnyMeet(a.placements, b.placements, PatternsMeet);
}

}  // namespace attune::decisions
