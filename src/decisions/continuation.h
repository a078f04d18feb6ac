// The next slate: `"continue": "<decision_id>"` asks for products that neither that slate nor any before it
// has shown.
//
//   slate 1 (p1 p2)  <- continue -  slate 2 (p3 p4)  <- continue -  slate 3, without p1 to p4
//
// What was shown is written into the request of the new decision, so its record alone makes it again, and a
// chain of any length needs one lookup.  Of a placement whose rows stand on one purchase each
// (Placement::row_seed), the purchases that earlier rows stood on are taken over as well: continuing it gives
// the next row.
//
// Thread safety: pure function.

#ifndef ATTUNE_DECISIONS_CONTINUATION_H_
#define ATTUNE_DECISIONS_CONTINUATION_H_

#include "base/status.h"
#include "decisions/decision_record.h"
#include "decisions/resolved_request.h"

namespace attune::decisions {

// Fails with kInvalidArgument (field "continue") when the earlier decision is of another placement, or when
// kContinuedProductsMax products were shown already.
Status Continue(const DecisionRecord& earlier, ResolvedRequest& request);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_CONTINUATION_H_
