// Rankers for measuring: five, each learned from the queries of four fifths, for the queries of the other.
//
// From people's judgements: the judged products among the hits, each worth 2^grade - 1.  From made queries:
// simulated clicks on the first hits (click_simulation.h).
//
// Thread safety: Train is a pure function; the rankers are immutable.

#ifndef ATTUNE_SEARCH_FOLDED_RANKERS_H_
#define ATTUNE_SEARCH_FOLDED_RANKERS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "search/judged_queries.h"
#include "search/product_search.h"
#include "search/search_ranker.h"

namespace attune::search {

struct FoldedTraining {
  uint32_t hits_max = kTreeHits;  // That are learned from.
  std::function<Result<SearchRanker>(std::span<const RankingExample>)> learn;
  bool from_clicks = false;
  std::function<bool(ProductIndex)> is_listed;  // The hits that count.
};

class FoldedRankers {
 public:
  static Result<FoldedRankers> Train(const std::vector<JudgedQuery>& queries, const ProductSearch& search,
                                     const ProductSearchOptions& options, const FoldedTraining& training);

  // The ranker that has not seen the query.
  const SearchRanker& For(std::string_view query) const { return rankers_[FoldOf(query)]; }

 private:
  static size_t FoldOf(std::string_view query);

  std::vector<SearchRanker> rankers_;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_FOLDED_RANKERS_H_
