#include "decisions/rule_set.h"

#include <algorithm>
#include <utility>

#include "decisions/limits.h"

namespace attune::decisions {
namespace {

template <class Value>
std::vector<const Value*> AllOf(const std::map<std::string, std::shared_ptr<const Value>, std::less<>>& map) {
  std::vector<const Value*> all;
  for (const auto& [id, value] : map) all.push_back(value.get());
  return all;
}

}  // namespace

const Rule* RuleSet::FindRule(std::string_view id) const {
  const auto found = rules_.find(id);
  return found == rules_.end() ? nullptr : found->second.get();
}

const CuratedList* RuleSet::FindList(std::string_view id) const {
  const auto found = lists_.find(id);
  return found == lists_.end() ? nullptr : found->second.get();
}

std::vector<const Rule*> RuleSet::Rules() const { return AllOf(rules_); }

std::vector<const CuratedList*> RuleSet::Lists() const { return AllOf(lists_); }

void RuleSet::Order() {
  in_order_.clear();
  for (const auto& [id, rule] : rules_) {
    if (rule->is_enabled) in_order_.push_back(rule.get());
  }
  // Equal priorities stay in the order of the ids.
  std::sort(in_order_.begin(), in_order_.end(), [](const Rule* a, const Rule* b) {
    return a->priority != b->priority ? a->priority > b->priority : a->id < b->id;
  });
}

Status RuleSet::CheckSize() const {
  if (rules_.size() > kRulesMax) {
    return ResourceExhausted("a store has at most " + std::to_string(kRulesMax) + " rules");
  }
  if (lists_.size() > kListsMax) {
    return ResourceExhausted("a store has at most " + std::to_string(kListsMax) + " curated lists");
  }
  return {};
}

Result<std::shared_ptr<const RuleSet>> RuleSet::PutRule(Rule rule) const {
  RuleDraft draft;
  draft.rules.push_back(std::move(rule));
  return With(draft);
}

Result<std::shared_ptr<const RuleSet>> RuleSet::PutList(CuratedList list) const {
  RuleDraft draft;
  draft.lists.push_back(std::move(list));
  return With(draft);
}

Result<std::shared_ptr<const RuleSet>> RuleSet::With(const RuleDraft& draft) const {
  auto next = std::make_shared<RuleSet>(*this);
  for (const Rule& rule : draft.rules) next->rules_[rule.id] = std::make_shared<const Rule>(rule);
  for (const CuratedList& list : draft.lists) {
    next->lists_[list.id] = std::make_shared<const CuratedList>(list);
  }
  RETURN_IF_ERROR(next->CheckSize());
  next->Order();
  return std::shared_ptr<const RuleSet>(std::move(next));
}

std::shared_ptr<const RuleSet> RuleSet::DeleteRule(std::string_view id) const {
  auto next = std::make_shared<RuleSet>(*this);
  if (const auto found = next->rules_.find(id); found != next->rules_.end()) next->rules_.erase(found);
  next->Order();
  return next;
}

std::shared_ptr<const RuleSet> RuleSet::DeleteList(std::string_view id) const {
  auto next = std::make_shared<RuleSet>(*this);
  if (const auto found = next->lists_.find(id); found != next->lists_.end()) next->lists_.erase(found);
  return next;
}

}  // namespace attune::decisions
