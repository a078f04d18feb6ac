// GET /v1/decisions/{id} of a search whose state is still pinned: what was shown, and why, made again.
//
//   {"decision_id":"019c...","made_at":"2026-...","placement":"search",
//    "products":[{"product_id":"p2","position":0,"score":1.1,"source":"search","ranking":{...}}],
//    "personalized":true,"request":{"query":"desk lamp",...},"search":{...},"sequences":{...},
//    "replayable":true,"explained_by":"replay","replay":{"is_same":true,"difference":null},
//    "why_not":{"product_id":"p9","outcome":"filtered","filter":"out_of_stock","sentence":"..."}}
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_DECISION_JSON_H_
#define ATTUNE_SEARCH_DECISION_JSON_H_

#include <string>
#include <string_view>

#include "base/status.h"
#include "search/searcher.h"

namespace attune::search {

// For audiences that may explain only: the caller refuses others.  `why_not`: a product id, or empty.  Fails
// with kNotFound when there is no such product.
Result<std::string> SearchDecisionJson(const SearchResult& made, std::string_view why_not);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_DECISION_JSON_H_
