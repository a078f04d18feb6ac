// A store as it would be with other rules: a draft tried over those that it has, at a moment of the request's
// choice.
//
//   view of the store  ->  StoreView{..., rules = stored rules with those of the draft in their place}
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_RULE_PREVIEW_H_
#define ATTUNE_DECISIONS_RULE_PREVIEW_H_

#include <cstdint>
#include <memory>

#include "base/status.h"
#include "decisions/decision.h"
#include "decisions/rule_set.h"
#include "decisions/store_view.h"

namespace attune::decisions {

// Fails with kResourceExhausted as RuleSet::With() does.
Result<std::shared_ptr<const StoreView>> WithRules(const StoreView& view, const RuleDraft& draft);

// Does nothing to a request without a preview.
Status TryRules(const DecisionRequest& request, std::shared_ptr<const StoreView>& view, int64_t& now_ms);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_PREVIEW_H_
