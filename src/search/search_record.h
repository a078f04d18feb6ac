// What is kept of a search, and making it again: the same decision records as those of recommendations.
//
// The request's words, filter, context and exclusions are in the resolved request, as of every decision; what
// search has beside them is in the record's `search`, as JSON without what is as by default:
//
//   {"page":1,"sort":"newest","selected":{"brand":["Lumo"]},"personalize":30}
//
// The record names the hits of the page with their scores; their source is "search", or "chosen" and
// "popular" where these fill a page that would be empty.  Facets, highlights and parts of scores are made
// again.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_SEARCH_RECORD_H_
#define ATTUNE_SEARCH_SEARCH_RECORD_H_

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "decisions/decision_record.h"
#include "decisions/replay.h"
#include "decisions/rule_dry_run.h"
#include "models/search_log.h"
#include "search/run_search.h"
#include "search/searcher.h"

namespace attune::search {

// DecisionRecord::search.
std::string SearchFieldsOf(const SearchRequest& request, uint32_t dial);

struct RecordedSearch {
  SearchRequest request;
  uint32_t dial = 0;
};
// The other way.  Fails with kCorruption when the text is not ours.
Result<RecordedSearch> ReadSearchFields(const decisions::DecisionRecord& record);

decisions::DecisionRecord MakeSearchRecord(const SearchInput& input, const SearchOutcome& outcome,
                                           const DecisionId& id, const decisions::RecordedShopper& shopper);

struct SearchReplay {
  bool is_same = false;
  std::string difference;  // In words; empty when the bytes are the same.
  SearchOutcome outcome;
};
// The state is that which the record names; `profile` is null exactly when it is not personalized.
Result<SearchReplay> ReplaySearch(const decisions::DecisionRecord& record, const decisions::StoreView& view,
                                  const catalog::CatalogView& catalog, const LocaleIndex& texts,
                                  const features::ShopperProfile* profile);

// What the search showed, for models/query_clicks.h; nothing in an order other than that of relevance, which
// says nothing of what is wanted where.
std::optional<models::SearchPage> PageOf(const decisions::DecisionRecord& record);

// For a dry run of rules.  The state is that of the moment it is made at.
Result<decisions::RemadeDecision> RemakeSearch(const decisions::DecisionRecord& record,
                                               const decisions::StoreView& view,
                                               const catalog::CatalogView& catalog, const LocaleIndex& texts,
                                               const features::ShopperProfile* profile, int64_t now_ms);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_RECORD_H_
