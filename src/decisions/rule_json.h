// Merchandising rules and curated lists as configuration documents: what PUT /v1/config/rules/{id} and
// PUT /v1/config/lists/{id} take.
//
//   {"title":"Christmas lamps","enabled":true,"priority":10,
//    "when":{"touchpoints":["search","browse","recommendations"],
//            "query":{"any":false,"exact":["lamp"],"contains":["desk lamp"]},
//            "categories":["Home > Lighting"],"segment":"orders >= 2","placements":["home_*"],
//            "from":"2026-12-01","until":"2026-12-27T12:00:00Z"},
//    "then":[{"do":"pin","product_ids":["p1","p2"],"position":0},{"do":"list","list":"christmas"},
//            {"do":"boost","filter":"brand = \"Lumo\"","factor":2},{"do":"bury","product_ids":["p3"]},
//            {"do":"hide","list":"recalled"},{"do":"include","product_ids":["p4"]},
//            {"do":"filter","filter":"price < 100"},{"do":"replace_query","query":"desk lamp"},
//            {"do":"redirect","url":"/sale"},{"do":"banner","banner":{"title":"Free delivery"}}]}
//   {"title":"Christmas","product_ids":["p1","p2"]}
//
// `then` is required, with at least one action; `when` left out: always and everywhere.  A time without an
// offset is one of the store's clocks.  Unknown fields are ignored; wrong ones are named by path
// ("then[1].factor").  docs/guide/rules.md has them all.
//
// Thread safety: pure functions.

#ifndef ATTUNE_DECISIONS_RULE_JSON_H_
#define ATTUNE_DECISIONS_RULE_JSON_H_

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "decisions/rule.h"
#include "decisions/rule_set.h"

namespace attune::decisions {

// Fail with kInvalidArgument and the field at fault.
Result<Rule> ParseRule(std::string_view id, std::string_view json);
Result<CuratedList> ParseCuratedList(std::string_view id, std::string_view json);

// {"rules":[{"id":"r1", ...}],"lists":[{"id":"l1", ...}]}: documents with their ids, to be tried.  `field`:
// of the draft itself ("preview"); fails as above.
Result<RuleDraft> ReadRuleDraft(const simdjson::dom::object& draft, const std::string& field);
Result<RuleDraft> ParseRuleDraft(std::string_view json);

// What is allowed and perhaps not meant: products that the catalogue does not know, lists that are not there.
struct RuleWarning {
  std::string field;  // "then[0].product_ids[1]"
  std::string message;

  friend bool operator==(const RuleWarning&, const RuleWarning&) = default;
};
std::vector<RuleWarning> WarningsOf(const Rule& rule, const RuleSet& set,
                                    const catalog::CatalogView& catalog);
std::vector<RuleWarning> WarningsOf(const CuratedList& list, const catalog::CatalogView& catalog);

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_RULE_JSON_H_
