// What a shop asks of search: a query of a shopper, or none, and what is wanted beside the hits.
//
// An empty query is a browse page: every product that the filters leave, in the same order of doing.
//
// Thread safety: value types.

#ifndef ATTUNE_SEARCH_SEARCH_REQUEST_H_
#define ATTUNE_SEARCH_SEARCH_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decisions/decision.h"
#include "search/facet_selection.h"
#include "search/facets.h"
#include "search/limits.h"

namespace attune::search {

// The name of search where placements are named: in decision records, and for attribution.
inline constexpr std::string_view kSearchPlacement = "search";

// Products of equal rank are in the order of relevance's ties, which is that of no field.
enum class SortOrder : uint8_t { kRelevance, kPriceAscending, kPriceDescending, kNewest, kPopularity };

// "price_ascending".
std::string_view SortOrderName(SortOrder order);
std::optional<SortOrder> ParseSortOrder(std::string_view name);

// At most so many products of one value of a field: the first ones of the order.
struct Distinct {
  std::string field;  // "brand" or "attributes.<path>".
  uint32_t products_max = 1;
};

struct SearchRequest {
  // Shopper, context, filter, exclude, limit, consent.  The query is in context.query; `placement` is
  // kSearchPlacement.
  decisions::DecisionRequest base;
  bool is_typing = false;  // The last word may be the beginning of one.
  std::vector<FacetRequest> facets;
  std::vector<FacetSelection> selected;
  SortOrder sort = SortOrder::kRelevance;
  uint32_t page = 0;  // From 0; (page + 1) * limit is at most kHitsMax.
  std::optional<Distinct> distinct;
  bool fills_empty = true;              // With other products, when the words find nothing.
  std::optional<uint32_t> personalize;  // 0 to 100; nothing: as the store's settings say.
  bool highlights_title = false;
  bool highlights_description = false;

  uint32_t first_hit() const { return page * base.limit; }
  uint32_t end_hit() const { return first_hit() + base.limit; }
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_REQUEST_H_
