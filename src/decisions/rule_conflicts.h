// Rules that contradict each other, and rules that can do nothing: what the shop should look at.
//
//   hidden_and_shown   one rule hides what another pins, lists or includes, and both can hold at once
//   same_position      two pins want one position
//   redirect_and_pins  who is sent elsewhere does not see what another rule pins
//   two_redirects, two_queries   only the first one stands
//   never_applies      the window is over, the list is missing or empty, the conditions exclude each other
//
// Rules that are switched off are not looked at.
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_RULE_CONFLICTS_H_
#define ATTUNE_DECISIONS_RULE_CONFLICTS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog_view.h"
#include "decisions/rule_set.h"

namespace attune::decisions {

struct RuleConflict {
  enum class Kind : uint8_t {
    kHiddenAndShown,
    kSamePosition,
    kRedirectAndPins,
    kTwoRedirects,
    kTwoQueries,
    kNeverApplies,
  };
  Kind kind = Kind::kNeverApplies;
  std::vector<std::string> rules;        // One or two ids; first the one that wins.
  std::vector<std::string> product_ids;  // The first kConflictProductsMax.
  std::string sentence;

  friend bool operator==(const RuleConflict&, const RuleConflict&) = default;
};

std::string_view ConflictName(RuleConflict::Kind kind);

struct ConflictReport {
  std::vector<RuleConflict> conflicts;  // In the order of the rules; at most kRuleConflictsMax.
  bool is_complete = true;              // False: there are more, or too many products to look at.
};

// The catalogue says which products a hide by filter is about.
ConflictReport FindConflicts(const RuleSet& rules, const catalog::CatalogView& catalog, int64_t now_ms,
                             int64_t local_now_ms);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_CONFLICTS_H_
