// What counts as one query where behaviour is learned (models/query_clicks.h): its words, as conditions of
// rules compare them (decisions/query_words.h), in their order; of a page without a query its category.
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_BEHAVIOUR_KEY_H_
#define ATTUNE_SEARCH_BEHAVIOUR_KEY_H_

#include <cstdint>

#include "decisions/resolved_request.h"

namespace attune::search {

uint64_t BehaviourKey(const decisions::ResolvedRequest& request);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_BEHAVIOUR_KEY_H_
