// Answers one query: finds, filters, orders, counts.
//
//   rules that hold  ->  words and meaning of the query, or of the one that a rule puts in its place
//   (product_search.h)  ->  matched products that the request may see  ->  order (rank_hits.h, order.h)
//   ->  places of rules (rule_hits.h)  ->  one page
//                                     \--> facets
//
// Which products may be seen is what recommendations ask, too (decisions/filter.h): not hidden, sold in the
// market, in stock, not excluded, within the category of the context, what the filter says, and what
// merchandising rules leave.
//
// Where the words find nothing the page is filled all the same, and says how (unless the request refuses it,
// or is typed still): with what shoppers of this query chose from such pages before (kChosen,
// models/query_clicks.h), else with what is popular (kPopular), of what the request may see.  `total` stays
// 0.
//
// What is counted beside the hits is exact.  `total` is how many products match; pages end at `reachable`: at
// kHitsMax, and with `distinct` at what that leaves.
//
// Facet values of fields that are no facet field of the index, and the price of a market or a price list, are
// read from the products: exact as well, at about 0.2 us a match.
//
// Thread safety: pure function of what it is given.

#ifndef ATTUNE_SEARCH_RUN_SEARCH_H_
#define ATTUNE_SEARCH_RUN_SEARCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "decisions/filter.h"
#include "decisions/resolved_request.h"
#include "decisions/store_view.h"
#include "features/shopper_profile.h"
#include "search/facets.h"
#include "search/index_set.h"
#include "search/match.h"
#include "search/query_words.h"
#include "search/rank_hits.h"
#include "search/rule_hits.h"
#include "search/search_request.h"

namespace attune::search {

struct SearchInput {
  const SearchRequest& request;
  const decisions::ResolvedRequest& resolved;
  const decisions::StoreView& view;
  const catalog::CatalogView& catalog;
  const LocaleIndex& texts;
  // Of segments and of personal ranking.  Null: nobody who may be personalised for.
  const features::ShopperProfile* profile = nullptr;
  uint32_t dial = 0;  // Of personal ranking, 0 to 100.
  int64_t now_ms = 0;
  const SearchFacts* facts = nullptr;  // Null: no values of the query are understood.
  const Synonyms* synonyms = nullptr;  // Null: none.
};

struct FoundProduct {
  RankedHit ranked;            // Scores are 0 in an order other than that of relevance.
  uint64_t alike = 1;          // With `distinct`: matched products of the same value, this one included.
  std::vector<HitMove> moves;  // What rules did to it.
};

struct SearchOutcome {
  QueryWords words;
  std::vector<FoundProduct> products;  // Of the page.
  Rung rung = Rung::kAll;
  uint64_t total = 0;
  uint64_t reachable = 0;
  std::vector<FacetAnswer> facets;  // In the order of the request.
  // The query as it was understood, when words of it were corrected; empty: none was.
  std::string corrected_query;
  Understanding understanding;
  decisions::ActiveRules rules;  // What they point to is the view's.
  std::vector<decisions::PassedOver> passed_over;
};

// Fails with kInvalidArgument when the filter does not parse or a field does not exist.
Result<SearchOutcome> RunSearch(const SearchInput& input);

// Whether the request may see the product, whatever its words.
struct SearchVerdict {
  decisions::FilterVerdict verdict = decisions::FilterVerdict::kEligible;
  std::string detail;  // decisions/filter.h
  std::string rule;    // The id of the rule against it; empty: none.
};
Result<SearchVerdict> VerdictOf(const SearchInput& input, ProductIndex product);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_RUN_SEARCH_H_
