// The body of POST /v1/search, read into SearchRequests.
//
//   {"query":"desk lamp","shopper":{"anonymous_id":"a1"},"context":{"market":"DE","locale":"de"},
//    "filter":"price < 50","facets":["brand",{"field":"category","below":["Home"],"limit":10},"price"],
//    "selected":{"brand":["Lumo","Zenit"],"price":{"min":10,"max":50}},
//    "sort":"price_ascending","page":0,"limit":24,"distinct":{"field":"brand","products":2},
//    "highlight":["title","description"],"typing":true,"personalize":70,"exclude":["p9"],"explain":true}
//   {"queries":[{...},{...}]}                        several at once; each is answered as if it had come
//   alone
//
// Every field may be left out.  Shopper, context, filter, exclude, explain and consent are those of every
// touchpoint (decisions/request_fields.h).  Unknown fields are ignored, null counts as absent, and a wrong
// field is named by its path: "queries[2].selected.price.min".
//
// Thread safety: any thread; the parser is kept per thread.

#ifndef ATTUNE_SEARCH_REQUEST_JSON_H_
#define ATTUNE_SEARCH_REQUEST_JSON_H_

#include <string_view>
#include <vector>

#include "base/status.h"
#include "search/search_request.h"

namespace attune::search {

struct SearchRequests {
  std::vector<SearchRequest> queries;  // At least one.
  bool is_batch = false;               // They came as `queries`, and are answered as `results`.
};

// Fails with kInvalidArgument.
Result<SearchRequests> ParseSearchRequests(std::string_view body);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_REQUEST_JSON_H_
