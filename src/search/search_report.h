// The answer of GET /v1/search/analytics.
//
//   {"from":"2026-01-01","to":"2026-01-30","market":null,
//    "totals":{"searches":900,"no_result_rate":0.04,"click_through_rate":0.41,"conversion_rate":0.06,
//              "clicks":480,"mean_position":2.1,"median_position":1,"add_to_carts":90,"conversions":54,
//              "revenue":[{"currency":"EUR","amount":"1204.50"}], ...},
//    "top":[{"query":"desk lamp","searches":120, ...}],
//    "no_result":[...],     most searches without a result first
//    "no_click":[...],      had results, and not one click
//    "refined":[{"query":"lamp","searches":80,"refined":12,"into":[{"query":"desk lamp","count":9}]}],
//    "synonyms":[{"from":"couch","to":"sofa","count":7}]}
//
// Synonyms are suggestions for people to decide on (decisions/synonym_set.h): queries that mostly find
// nothing, or were never clicked, after which at least kSynonymRefinementsMin shoppers searched for another
// one, without a word in common, that is clicked.
//
// Lists name only queries that two shoppers typed (KnownQuery::IsShown); totals are of all searches.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_SEARCH_REPORT_H_
#define ATTUNE_SEARCH_SEARCH_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/json_writer.h"
#include "search/search_analytics.h"

namespace attune::search {

struct ReportRequest {
  // Days since 1970, UTC, both included.
  int64_t first_day = 0;
  int64_t last_day = 0;
  std::string market;  // Empty: all.
  uint32_t limit = 0;  // Of each list.
};

void WriteReport(JsonWriter& json, const SearchAnalytics& analytics, const ReportRequest& request);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_REPORT_H_
