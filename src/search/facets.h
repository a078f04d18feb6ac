// How many of the matched products have which value: counts beside a list of hits.
//
//   brand     Sony 12, Bose 7            attributes.colour  black 9, white 3
//   category  Home 19, Home > Lighting 11      a category counts for every level above it
//   price     19 products, 4.99 to 249.00, mean, sum
//
// Counts are exact.  A field that has a selection is counted without its own (facet_selection.h).  Values are
// ordered by count, then by text.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_FACETS_H_
#define ATTUNE_SEARCH_FACETS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "search/match.h"
#include "search/search_index.h"

namespace attune::search {

struct FacetRequest {
  std::string field = {};
  uint32_t values_max = 100;
  // Facet search: only values that contain this, letters folded; empty: all.
  std::string containing = {};
  // A category: only what lies right below this one ("Home"); with an empty one, the first level.
  bool is_one_level = false;
  std::string below = {};
};

struct FacetCount {
  std::string value;
  uint64_t products = 0;
};

struct FacetNumbers {
  uint64_t products = 0;  // With a number.
  double least = 0;
  double largest = 0;
  double sum = 0;
  double mean() const { return products == 0 ? 0 : sum / static_cast<double>(products); }
};

struct FacetAnswer {
  std::string field;
  std::vector<FacetCount> values;
  uint64_t value_count = 0;  // Different values, of which `values` are the first.
  FacetNumbers numbers;      // Of each product its first number.
};

// A field that the index does not have gives an empty answer.
FacetAnswer CountFacet(const FacetRequest& request, const SearchIndex& index, const MatchOptions& options,
                       const MatchResult& matched);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FACETS_H_
