// POST /v1/search/suggest: what may be meant by what a shopper has typed so far.
//
//   {"query":"des","shopper":{"anonymous_id":"a1"},"context":{"market":"DE","locale":"de"},
//    "limits":{"queries":8,"categories":3,"brands":3,"products":6,"recent":5}}
//   -> {"decision_id":"019c...","query":"des",
//       "queries":[{"text":"Desk lamp","highlighted":"<em>Des</em>k
//       lamp","popularity":31.5,"source":"searches"}],
//       "categories":[{"path":["Home","Desks"],"count":12}],"brands":[{"brand":"Desko","count":4}],
//       "products":[...],"recent":[{"text":"desk chair","highlighted":"<em>des</em>k chair"}],
//       "corrected_query":null,"took_ms":0.7}
//
// Products are the hits of a search that is `typing`, and all other fields of a search may be sent (filter,
// selected, personalize, highlight, ...).  `source` is "searches", or "catalog" for what is made of the
// products.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_SUGGEST_JSON_H_
#define ATTUNE_SEARCH_SUGGEST_JSON_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/status.h"
#include "search/answer_json.h"
#include "search/recent_searches.h"
#include "search/search_request.h"
#include "search/searcher.h"
#include "search/suggestions.h"

namespace attune::search {

struct SuggestRequest {
  SearchRequest search;  // Typing; its limit is that of products, its facets are those of the answer.
  uint32_t queries = 0;
  uint32_t categories = 0;
  uint32_t brands = 0;
  uint32_t recent = 0;
};

// Fails with kInvalidArgument.
Result<SuggestRequest> ParseSuggestRequest(std::string_view body);

// Both kinds of suggestions of a store; neither is null.
struct SuggestionSet {
  std::shared_ptr<const Suggestions> queries = std::make_shared<const Suggestions>();
  std::shared_ptr<const Suggestions> texts = std::make_shared<const Suggestions>();
};

struct SuggestAnswer {
  struct Query {
    const Suggestion* suggestion = nullptr;
    bool is_searched = false;  // Else it is of the catalogue.
  };
  std::vector<Query> queries;
  std::vector<RecentSearch> recent;
};

// Queries first, then what the catalogue adds.  `language`: of the request.  `recent`: of the shopper; those
// that begin with what is typed are taken, the first of them.
SuggestAnswer ChooseSuggestions(const SuggestionSet& set, const SuggestRequest& request,
                                std::string_view language, const std::vector<RecentSearch>& recent);

void WriteSuggestAnswer(JsonWriter& json, const SuggestRequest& request, const SuggestAnswer& answer,
                        const SearchResult& made, int64_t took_micros, const SearchAudience& audience);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SUGGEST_JSON_H_
