// Which rules hold here and now, and what they ask for together: the one question that search, browse and
// recommendations put to the merchandising rules.
//
//   RuleSituation situation{.touchpoint = Touchpoint::kSearch, .query = "desk lamp", .now_ms = now, ...};
//   const ActiveRules active = ChooseRules(rules, situation);
//   active.redirect, active.replaced_query  before anything is looked for
//   active.hidden_products, hidden_matches, filters   with the other filters, on live data
//   active.boosts   on the scores           active.included   as candidates behind those that were found
//   active.leading, active.pins   at last, on the order that is there
//
// Products are named by their ids: ChooseRules knows no catalogue, and who applies the outcome resolves them
// and passes over what cannot be shown.
//
// How rules meet
//   (1) Rules go in the order of RuleSet::InOrder(): by priority, then by id.
//   (2) Of redirects and of replaced queries the first one stands; banners and filters all stand; boosts
//       multiply.
//   (3) A position has one pin: who comes second takes the next free position.  A product stands once: at its
//       first pin, else in the first list that names it.
//   (4) What one rule hides and another pins, lists or includes: the larger priority wins; hiding wins a tie.
//   (5) Rules are chosen by the query as it was typed; a replaced query chooses none again.
//   (6) A pinned, listed or included product need not match the filters of rules.  Whatever else keeps a
//       product away (stock, market, the request's filter) holds for it too.
//
// Cost: every enabled rule is looked at.
// Thread safety: pure function.  The outcome points into the set and must not outlive it.

#ifndef ATTUNE_DECISIONS_CHOOSE_RULES_H_
#define ATTUNE_DECISIONS_CHOOSE_RULES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/rule.h"
#include "decisions/rule_set.h"
#include "expressions/field_source.h"

namespace attune::decisions {

struct RuleSituation {
  Touchpoint touchpoint = Touchpoint::kRecommendations;
  std::string_view query;                             // As typed; empty: none.
  std::span<const std::string> category;              // Of the page, from broad to narrow; empty: none.
  std::string_view placement;                         // Empty: none, as in search.
  const expressions::FieldSource* shopper = nullptr;  // Null: nobody is known, and no segment holds.
  int64_t now_ms = 0;
  int64_t local_now_ms = 0;  // now_ms and the offset of the store's clocks (features/store_time.h).
};

// A product that a rule names.  `position` counts from 0, over all pages or slates of one list.
struct RulePin {
  std::string_view product_id;
  uint32_t position = 0;
  const Rule* rule = nullptr;

  friend bool operator==(const RulePin&, const RulePin&) = default;
};
struct RuleProduct {
  std::string_view product_id;
  const Rule* rule = nullptr;

  friend bool operator==(const RuleProduct&, const RuleProduct&) = default;
};

// Products by their fields (catalog/product_fields.h, FieldScope::kShop).
struct RuleMatch {
  const expressions::Expression* filter = nullptr;
  const Rule* rule = nullptr;
};

// A score is multiplied by `factor`, which is not negative; a negative score is divided by one above 1.
struct RuleBoost {
  std::span<const std::string> product_ids;         // Empty: by `filter`.
  const expressions::Expression* filter = nullptr;  // Null: by `product_ids`.
  double factor = 1;
  const Rule* rule = nullptr;
};

struct RuleBanner {
  const Banner* banner = nullptr;
  const Rule* rule = nullptr;
};

struct ActiveRules {
  std::vector<const Rule*> rules;     // All that hold, in their order.
  std::vector<RulePin> pins;          // By position.
  std::vector<RuleProduct> leading;   // Of curated lists: before all that is not pinned.
  std::vector<RuleProduct> included;  // Behind all that was found.
  std::vector<RuleBoost> boosts;
  std::vector<RuleProduct> hidden_products;
  std::vector<RuleMatch> hidden_matches;  // (4) is for the caller: it depends on the product's fields.
  std::vector<RuleMatch> filters;
  std::string_view replaced_query;  // Empty: the query stands.
  const Rule* replaced_query_rule = nullptr;
  std::string_view redirect;  // Empty: none.
  const Rule* redirect_rule = nullptr;
  std::vector<RuleBanner> banners;

  bool is_empty() const { return rules.empty(); }
};

// Whether all conditions of the rule hold, enabled or not.
bool Holds(const RuleCondition& condition, const RuleSituation& situation);

ActiveRules ChooseRules(const RuleSet& rules, const RuleSituation& situation);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_CHOOSE_RULES_H_
