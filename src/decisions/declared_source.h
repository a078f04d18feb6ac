// `declared_preferences`: what suits what the shopper said (features/preferences.h).
//
//   score(p) = sum over the preferences c that are a category or a brand of  weight(c) / (10 + rank of p in
//   c)
//            * product over the attributes a that p has of  (1 + weight(a) / kPreferenceWeight)
//
// c is ranked by its bestsellers, then its newest.  With attributes only, the bestsellers and the newest of
// the store that have one of them.  Silent for a shopper who said nothing.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_DECLARED_SOURCE_H_
#define ATTUNE_DECISIONS_DECLARED_SOURCE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "decisions/decide_input.h"
#include "models/candidate_source.h"

namespace attune::decisions {

// Appends at most `limit`, best first.
void AddDeclared(const DecideInput& input, const models::SourceQuery& query, size_t limit,
                 std::vector<models::Candidate>& out);

// The strongest preference that names something of the product: "Lumo"; empty when none does.
std::string DeclaredNameOf(const DecideInput& input, const catalog::Product& product);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECLARED_SOURCE_H_
