// The report of a dry run (decisions/rule_dry_run.h) as JSON: the answer of POST /v1/rules/dry-run, and what
// `attune replay --rules` prints.
//
// Thread safety: pure function.

#ifndef ATTUNE_SERVER_DRY_RUN_JSON_H_
#define ATTUNE_SERVER_DRY_RUN_JSON_H_

#include <string>

#include "base/money.h"
#include "catalog/catalog_view.h"
#include "decisions/rule_dry_run.h"

namespace attune::server {

// `catalog`: for product ids; any view as new as the decisions.
std::string DryRunToJson(const decisions::DryRunReport& report, const catalog::CatalogView& catalog,
                         Currency currency);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_DRY_RUN_JSON_H_
