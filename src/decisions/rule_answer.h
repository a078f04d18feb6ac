// What an answer says of merchandising rules, at every touchpoint.
//
//   for everybody    "redirect":{"url":"/sale"}, "banners":[{"title":"...","url":"..."}]
//   with `explain`   "rules":{"applied":["sale"],"replaced_query":"lamp",
//                             "passed_over":[{"product_id":"p9","rule":"sale","filter":"out_of_stock"}]}
//
// Nothing is written where no rule holds.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_RULE_ANSWER_H_
#define ATTUNE_DECISIONS_RULE_ANSWER_H_

#include <vector>

#include "base/json_writer.h"
#include "decisions/choose_rules.h"
#include "decisions/trace.h"

namespace attune::decisions {

void WriteSignposts(JsonWriter& json, const ActiveRules& rules);
void WriteRules(JsonWriter& json, const ActiveRules& rules, const std::vector<PassedOver>& passed_over);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_ANSWER_H_
