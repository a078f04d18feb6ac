// What the bodies of all touchpoints have in common, read into a DecisionRequest.
//
//   {"placement":"product_similar","shopper":{"anonymous_id":"a1","customer_id":"c1"},
//    "context":{"product_ids":["p1"],"cart":["p2"],"category":["Home","Lighting"],
//               "market":"DE","locale":"de"},
//    "limit":12,"filter":"price < 50","exclude":["p9"],"continue":"019c...","explain":true,
//    "consent":{"personalization":true},
//    "preview":{"rules":[{"id":"christmas","then":[...]}],"lists":[...],"at":"2026-12-24T18:00:00Z"}}
//
// `preview` tries rules (rule_json.h) over those of the store; secret keys only, which is for the caller to
// hold.
// `category` is an array or "Home > Lighting".  Unknown fields are ignored, null counts as absent, and a
// wrong field is named by its path: "context.product_ids[3]".
//
// Thread safety: any thread; the parser is kept per thread.

#ifndef ATTUNE_DECISIONS_REQUEST_FIELDS_H_
#define ATTUNE_DECISIONS_REQUEST_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "decisions/decision.h"
#include "decisions/limits.h"

namespace attune::decisions {

// Bytes of a request body: two hundred ids of each kind and a filter fit several times.
inline constexpr size_t kRequestBytesMax = 256 * 1024;
// Bytes of the page address and of the referrer; what is longer is cut off, since nothing depends on it.
inline constexpr size_t kAddressBytesMax = 2048;

// Where touchpoints differ.
struct RequestRules {
  bool needs_placement = true;
  uint32_t limit_min = 1;
  uint32_t limit_max = kSlateProductsMax;
};

// Fails with kInvalidArgument.
Result<DecisionRequest> ParseDecisionRequest(std::string_view body, const RequestRules& rules);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_REQUEST_FIELDS_H_
