// The answer of POST /v1/search as JSON.
//
//   {"decision_id":"019c...","query":"wireles lamp","corrected_query":"wireless lamp",
//    "hits":[{"product_id":"p2","position":0,"score":1.1,"highlights":{"title":"<em>Wireless</em> lamp"},
//             "variant_id":"p2-b","offer":{"price":"19.90","currency":"EUR"},"product":{...}}],
//    "total":41,"page":0,"pages":2,"limit":24,"matched_by":"all_words",
//    "facets":[{"field":"brand","values":[{"value":"Lumo","count":12,"selected":true}],"value_count":3},
//              {"field":"price","values":[],"value_count":0,
//               "numbers":{"count":41,"min":4.5,"max":120,"mean":31.2,"sum":1279.2}}],
//    "personalized":true,"degraded":[],"took_ms":0.6}
//
// Highlights are HTML (search/highlight.h).  A public audience never gets cost, exact stock, or explanations
// (unless the key is marked to explain).
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_ANSWER_JSON_H_
#define ATTUNE_SEARCH_ANSWER_JSON_H_

#include <cstdint>

#include "base/json_writer.h"
#include "catalog/product_json.h"
#include "search/searcher.h"

namespace attune::search {

struct SearchAudience {
  catalog::Audience products = catalog::Audience::kPublic;
  bool may_explain = false;
};

// `took_micros`: as measured by the caller.
void WriteSearchAnswer(JsonWriter& json, const SearchResult& made, int64_t took_micros,
                       const SearchAudience& audience);

// The array of hits alone.
void WriteHits(JsonWriter& json, const SearchResult& made, const SearchAudience& audience);

// Adds "ranking": what made the place of a hit in the order of relevance.
void WriteRanking(JsonWriter& json, const SearchResult& made, const FoundProduct& found);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_ANSWER_JSON_H_
