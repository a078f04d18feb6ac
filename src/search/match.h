// Finds the products that a query means, and ranks them by their words.
//
//   MatchResult found = Match(query, index, options);     found.hits: best first; found.matched: all of them
//
// Which products match: those with every word of the query (kAll); while these are fewer than `enough`, those
// with most of them too (kMost: two thirds, rounded up); then those with any (kAny).  Words that are
// optional, such as stop words, are not asked for.  `rung` says how far down it went.  An empty query
// matches every product.
//
// Order
//   1. what is called exactly so: id, then title, then brand (exact_name.h)
//   2. the rung that it is on
//   3. score: BM25F (scoring.h) summed over the words; for the first kProximityWindow products of this order,
//      and what lies above them, plus a boost where words of the query stand together (proximity.h)
//   4. the hash of the product id
//
// The answer depends on the products, the query and the options alone, never on segments.
//
// Thread safety: pure function; keeps scratch memory per thread.

#ifndef ATTUNE_SEARCH_MATCH_H_
#define ATTUNE_SEARCH_MATCH_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "base/ids.h"
#include "search/document_set.h"
#include "search/facet_selection.h"
#include "search/query_words.h"
#include "search/scoring.h"
#include "search/search_index.h"

namespace attune::search {

// How a product comes to be a hit.  kNamed: behind all that was found by its words, because the caller names
// it (MatchOptions::named).  The last two are not of Match(): run_search.h.
enum class Rung : uint8_t { kAll, kMost, kAny, kNamed, kChosen, kPopular };

std::string_view RungName(Rung rung);

enum class ExactMatch : uint8_t { kNone, kBrand, kTitle, kId };

struct MatchOptions {
  ScoringOptions scoring;
  double proximity = 1;  // Weight of words that stand together; 0: not looked at.
  Rung first_rung = Rung::kAll;
  Rung last_rung = Rung::kAny;
  uint64_t enough = 24;  // Products, before fewer words are asked for: a page.
  bool puts_exact_first = true;
  uint32_t hits_max = 24;                    // At most kHitsMax.
  std::function<bool(ProductIndex)> allows;  // Empty: every product.
  // Match whatever their words are, where they are allowed and selected.
  std::vector<ProductIndex> named;
  std::vector<FacetSelection> selections;  // At most kFacetFieldsMax.
  std::vector<OutsideField> outside;       // Their fields, and facets, that are not counted from the index.
};

struct Hit {
  ProductIndex product;
  ExactMatch exact = ExactMatch::kNone;
  float score = 0;
  float proximity = 0;         // Its part of the score.
  uint32_t matched_words = 0;  // Bit of each.
  Rung rung = Rung::kAll;
  bool is_nearest = false;  // Found by vector, not by words (product_search.h).
};

struct MatchResult {
  std::vector<Hit> hits;
  Rung rung = Rung::kAll;
  uint64_t total = 0;
  std::vector<DocumentSet> matched;  // One per part of the index.
  // Of each selection: the products that miss it, and nothing else.
  std::vector<std::vector<DocumentSet>> matched_but_for;
};

MatchResult Match(const QueryWords& query, const SearchIndex& index, const MatchOptions& options);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_MATCH_H_
