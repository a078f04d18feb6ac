// A placement as a configuration document: what PUT /v1/config/placements/{id} takes and GET returns.
//
//   {"title":"Lamps for you","based_on":"home_for_you","limit":12,"limit_max":24,
//    "filter":"category: \"Lighting\" AND price < 100",
//    "sources":[{"source":"also_viewed","weight":1,"depth":100}],"rank_offset":60,
//    "seeds":{"page":1,"cart":0,"session":1,"profile":0.5},
//    "exclude":{"page_products":true,"cart":true,"bought_within_days":30,
//               "bought_within_days_by_category":{"Home > Lighting":365}},
//    "diversity":{"brand_max":3,"category_max":4,"method":"mmr","relevance":0.7},
//    "rotation":{"slates":5,"keep":0.7},"popularity_exponent":0.2,
//    "exploration":{"epsilon":0.05,"new_slots":1,"new_impressions_max":200,"goal":"click"},
//    "fallback":["category","bestsellers"],"editorial":["p1","p2"],"record_share":1}
//
// Every field is optional: a document under the id of a built-in placement starts from that one, else
// `based_on` names the placement it starts from, else it starts empty, and then `sources` is required.
// Unknown fields are ignored; wrong ones are named by path ("sources[1].weight").  docs/guide/placements.md
// has them all.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_PLACEMENT_JSON_H_
#define ATTUNE_DECISIONS_PLACEMENT_JSON_H_

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/status.h"
#include "decisions/placement.h"

namespace attune::decisions {

Result<Placement> ParsePlacement(std::string_view id, std::string_view json);

// All fields, so that what is read can be changed and put back.
void WritePlacement(JsonWriter& json, const Placement& placement);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_PLACEMENT_JSON_H_
