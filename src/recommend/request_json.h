// The body of POST /v1/recommendations, read into a DecisionRequest.
//
//   {"placement":"product_similar","shopper":{"anonymous_id":"a1","customer_id":"c1"},
//    "context":{"product_ids":["p1"],"cart":["p2"],"category":["Home","Lighting"],
//               "market":"DE","locale":"de"},
//    "limit":12,"filter":"price < 50","exclude":["p9"],"continue":"019c...","explain":true,
//    "consent":{"personalization":true},
//    "preview":{"rules":[{"id":"christmas","then":[...]}],"lists":[...],"at":"2026-12-24T18:00:00Z"}}
//
// Only `placement` is required; decisions/request_fields.h says more.
//
// Thread safety: any thread; the parser is kept per thread.

#ifndef ATTUNE_RECOMMEND_REQUEST_JSON_H_
#define ATTUNE_RECOMMEND_REQUEST_JSON_H_

#include <string_view>

#include "base/status.h"
#include "decisions/decision.h"

namespace attune::recommend {

// Fails with kInvalidArgument.
Result<decisions::DecisionRequest> ParseRecommendationRequest(std::string_view body);

}  // namespace attune::recommend

#endif  // ATTUNE_RECOMMEND_REQUEST_JSON_H_
