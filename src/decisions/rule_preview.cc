#include "decisions/rule_preview.h"

#include <utility>

namespace attune::decisions {

Result<std::shared_ptr<const StoreView>> WithRules(const StoreView& view, const RuleDraft& draft) {
  const RuleSet none;
  const RuleSet& stored = view.rules == nullptr ? none : *view.rules;
  auto changed = std::make_shared<StoreView>(view);
  ASSIGN_OR_RETURN(changed->rules, stored.With(draft));
  return std::shared_ptr<const StoreView>(std::move(changed));
}

Status TryRules(const DecisionRequest& request, std::shared_ptr<const StoreView>& view, int64_t& now_ms) {
  if (request.preview == nullptr) return {};
  ASSIGN_OR_RETURN(view, WithRules(*view, *request.preview));
  now_ms = request.preview_at_ms.value_or(now_ms);
  return {};
}

}  // namespace attune::decisions
