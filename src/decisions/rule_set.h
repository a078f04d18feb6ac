// The merchandising rules and the curated lists of a store at one moment.
//
// Thread safety: immutable; Put...(), Delete...() and With() give a new set.  Pointers live as long as the
// set.

#ifndef ATTUNE_DECISIONS_RULE_SET_H_
#define ATTUNE_DECISIONS_RULE_SET_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "decisions/rule.h"

namespace attune::decisions {

// Rules and lists that are tried without being kept: each replaces the one of the same id.
struct RuleDraft {
  std::vector<Rule> rules;
  std::vector<CuratedList> lists;
};

class RuleSet {
 public:
  // Null for an unknown id.
  const Rule* FindRule(std::string_view id) const;
  const CuratedList* FindList(std::string_view id) const;

  // In the order of their ids.
  std::vector<const Rule*> Rules() const;
  std::vector<const CuratedList*> Lists() const;
  // Enabled rules, first the one that goes first: by priority, then by id.
  const std::vector<const Rule*>& InOrder() const { return in_order_; }

  // Fail with kResourceExhausted at kRulesMax and kListsMax.
  Result<std::shared_ptr<const RuleSet>> PutRule(Rule rule) const;
  Result<std::shared_ptr<const RuleSet>> PutList(CuratedList list) const;
  Result<std::shared_ptr<const RuleSet>> With(const RuleDraft& draft) const;
  std::shared_ptr<const RuleSet> DeleteRule(std::string_view id) const;
  std::shared_ptr<const RuleSet> DeleteList(std::string_view id) const;

 private:
  void Order();
  Status CheckSize() const;

  std::map<std::string, std::shared_ptr<const Rule>, std::less<>> rules_;
  std::map<std::string, std::shared_ptr<const CuratedList>, std::less<>> lists_;
  std::vector<const Rule*> in_order_;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_SET_H_
