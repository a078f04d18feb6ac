// The pipeline: retrieve -> filter -> rank -> rerank -> explain, with the ladder below.
//
//   rules of the shop steer it on the way (decisions/apply_rules.h)
//
//   const Placement& placement = *FindPlacement(view, request.placement).value();
//   const DecideInput input{request, view, placement, profile, *catalog, now_ms, seed};
//   Result<Decision> decision = Decide(input, id, nullptr);
//
// Decide is a pure function of its input: same input, same slate, byte for byte.  It reads no clock, draws
// nothing at random and never waits.  A slate is shorter than its limit only when fewer products are
// eligible.
//
// Thread safety: any number of decisions at once, each on its own thread.

#ifndef ATTUNE_DECISIONS_DECIDE_H_
#define ATTUNE_DECISIONS_DECIDE_H_

#include <optional>
#include <string_view>

#include "base/status.h"
#include "decisions/decide_input.h"
#include "decisions/decision.h"
#include "decisions/trace.h"
#include "decisions/why_not.h"

namespace attune::decisions {

// Fails with kInvalidArgument, naming the field and the placement that was perhaps meant.
Result<const Placement*> FindPlacement(const StoreView& view, std::string_view id);

// May a profile be read for this request?  What the request says wins, then the record, then the store's
// default for the market.  `recorded`: nothing when the shopper has no record of consent (or is not known
// yet).
bool MayPersonalize(const StoreSettings& settings, const std::optional<bool>& requested,
                    const std::optional<bool>& recorded, std::string_view market);

// Fails with kInvalidArgument when the limit or the filter of the request is wrong.  `trace`: filled for
// explanations; null when nobody asks.
Result<Decision> Decide(const DecideInput& input, DecisionId id, DecisionTrace* trace);

// Decides once more and says what became of one product.  Fails as Decide() does.
Result<WhyNot> ExplainWhyNot(const DecideInput& input, ProductIndex product);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECIDE_H_
