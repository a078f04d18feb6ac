// A search as analytics counts it: what a decision record says of one.
//
// Counted are queries that were sent: not what was searched while the shopper typed (`typing`), not counts
// alone (`limit` 0), not category pages (no query).  Of the pages of one search only the first is a search;
// clicks on the others count for the query.
//
// Thread safety: pure functions and value types.

#ifndef ATTUNE_SEARCH_COUNTED_SEARCH_H_
#define ATTUNE_SEARCH_COUNTED_SEARCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "decisions/decision_record.h"

namespace attune::search {

struct CountedSearch {
  DecisionId id;
  int64_t at_ms = 0;
  std::vector<ShopperHandle> shoppers;  // All handles of the one shopper; empty: nobody that is known.
  std::string text;                     // NormalQuery().
  std::string spelling;                 // TidyQuery().
  std::string market;
  std::string language;  // "de" of "de-AT"; empty: the store's own.
  bool is_first_page = true;
  uint32_t first_position = 0;
  std::vector<ProductIndex> shown;
  bool is_found = false;  // Else what is shown fills an empty page.
};

// Nothing when the record is of something else, or not counted.
std::optional<CountedSearch> CountedSearchOf(const decisions::DecisionRecord& record);

// "de" of "de-AT".
std::string LanguageOf(std::string_view locale);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_COUNTED_SEARCH_H_
