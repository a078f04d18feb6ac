// The order of matched products: by price, by age, by popularity; and how many of one value stand in it.
//
// Products of equal keys are in the order of the hash of their ids, those without a key last.  So pages have
// no gaps and no repeats as long as nothing changes.
//
// Thread safety: pure functions.

#ifndef ATTUNE_SEARCH_ORDER_H_
#define ATTUNE_SEARCH_ORDER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "search/match.h"
#include "search/run_search.h"
#include "search/search_index.h"

namespace attune::search {

// The first `hits_max` of the matched products, the largest key first.
std::vector<Hit> OrderByKey(const SearchIndex& index, const MatchResult& matched, uint32_t hits_max,
                            const std::function<std::optional<double>(ProductIndex)>& key);

struct DistinctOutcome {
  std::vector<FoundProduct> products;
  uint64_t reachable = 0;  // Of all matched products.
};

// Of each value the first `products_max` hits.  A product without a value stands for itself.
DistinctOutcome KeepDistinct(const Distinct& distinct, const SearchIndex& index, const MatchResult& matched,
                             const std::vector<RankedHit>& hits, const catalog::CatalogView& catalog);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_ORDER_H_
