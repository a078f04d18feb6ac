// Stage 1, retrieve: who speaks for the shopper, and what the sources answer.
//
//   seeds    the page's products, the cart, the running visit, the profile: each weighs (weight of its kind
//   in the
//            placement) * (what was done with it, faded by age); a product named twice counts once, with its
//            larger weight
//   sources  each is asked for more and more candidates, in doubling steps, until as many as its part of the
//   recipe
//            says are eligible, or it has no more, or kSourceAskMax is reached
//
// So what a source brings into the fusion is the head of its list AFTER filtering: the slate under a filter
// is exactly what it would be if the filtered products did not exist.
//
// Thread safety: one decision, one thread.

#ifndef ATTUNE_DECISIONS_RETRIEVE_H_
#define ATTUNE_DECISIONS_RETRIEVE_H_

#include <span>
#include <string_view>
#include <vector>

#include "decisions/decide_input.h"
#include "decisions/filter.h"
#include "decisions/trace.h"
#include "models/candidate_source.h"

namespace attune::decisions {

// Only what the placement weighs, and without a profile only the page and the request's cart.
SeedSet CollectSeeds(const DecideInput& input, const SeedWeights& weights);

// `seeds` must outlive the query.
models::SourceQuery QueryOf(const DecideInput& input, const SeedSet& seeds);

// Fills trace.seeds, lists, answers and rows from the placement's sources.
void Retrieve(const DecideInput& input, const EligibilityFilter& filter, DecisionTrace& trace);

// The row of a product, made and checked when it is new.
uint32_t RowOf(ProductIndex product, const EligibilityFilter& filter, DecisionTrace& trace);

// The first `limit` candidates of one source, which may be one of those that need no model
// (recently_viewed, editorial, declared_preferences, on_sale).  False when the view has no such source.
bool AskSource(const DecideInput& input, std::string_view source, const models::SourceQuery& query,
               size_t limit, std::vector<models::Candidate>& out);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RETRIEVE_H_
