// Answers one query: finds, filters, orders, counts.
//
//   words of the query  ->  matched products (match.h) that the request may see  ->  order (rank_hits.h,
//                           order.h)  ->  one page
//                                         \--> facets
//
// Which products may be seen is what recommendations ask, too (decisions/filter.h): not hidden, sold in the
// market, in stock, not excluded, within the category of the context, and what the filter says.
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
#include "search/search_request.h"

namespace attune::search {

struct SearchInput {
  const SearchRequest& request;
  const decisions::ResolvedRequest& resolved;
  const decisions::StoreView& view;
  const catalog::CatalogView& catalog;
  const LocaleIndex& texts;
  const features::ShopperProfile* profile = nullptr;  // Null: nobody who may be personalised for.
  uint32_t dial = 0;                                  // Of personal ranking, 0 to 100.
  int64_t now_ms = 0;
};

struct FoundProduct {
  RankedHit ranked;    // Scores are 0 in an order other than that of relevance.
  uint64_t alike = 1;  // With `distinct`: matched products of the same value, this one included.
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
};

// Fails with kInvalidArgument when the filter does not parse or a field does not exist.
Result<SearchOutcome> RunSearch(const SearchInput& input);

// Whether the request may see the product, whatever its words.
Result<decisions::FilterVerdict> VerdictOf(const SearchInput& input, ProductIndex product);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_RUN_SEARCH_H_
