// Rows that stand on one recent purchase: "Because you bought Desk lamp".
//
// The latest purchase that the sources have enough to say about is the seed, and nothing else speaks for the
// shopper.  Continuing the decision (decisions/continuation.h) gives the next row, on another purchase and
// without the products of the rows before.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_ROW_SEED_H_
#define ATTUNE_DECISIONS_ROW_SEED_H_

#include <string>
#include <vector>

#include "decisions/decide_input.h"
#include "decisions/trace.h"

namespace attune::decisions {

// Purchases that a row may stand on, latest first: those that the catalogue still names and that no earlier
// row stood on.  At most kRowSeedsTriedMax.
std::vector<ProductIndex> RowSeeds(const DecideInput& input);

// "Because you bought Desk lamp"; empty for a decision without such a seed.
std::string RowTitle(const DecideInput& input, const DecisionTrace& trace);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_ROW_SEED_H_
