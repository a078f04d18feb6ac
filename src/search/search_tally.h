// What is counted of the searches of one day in one market, for all of them or for one query.
//
// Thread safety: value types.

#ifndef ATTUNE_SEARCH_SEARCH_TALLY_H_
#define ATTUNE_SEARCH_SEARCH_TALLY_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/money.h"

namespace attune::search {

// Names a query while it is known; never used again for another one.
using QueryNumber = uint32_t;
inline constexpr QueryNumber kNoQuery = 0;

struct SearchTally {
  uint64_t searches = 0;
  uint64_t with_result = 0;
  // Searches that had one or more.
  uint64_t clicked = 0;
  uint64_t carted = 0;
  uint64_t converted = 0;
  // Events.
  uint64_t clicks = 0;
  uint64_t carts = 0;
  // Clicks by position, ascending; those whose position is not known are in none.
  std::vector<std::pair<uint32_t, uint64_t>> positions;
  // By currency, in the order of their first sale; net of what was cancelled or refunded.
  std::vector<std::pair<Currency, int64_t>> revenue_minor;
  // Of one query: what shoppers searched next, without a click.
  std::vector<std::pair<QueryNumber, uint64_t>> refined_to;
  uint64_t refined = 0;

  void AddClick(std::optional<uint32_t> position);
  void AddRevenue(Currency currency, int64_t minor);
  // `count` may be negative: takes back.
  void AddRefinement(QueryNumber to, int64_t count);
  void Add(const SearchTally& other);

  // Nothing when no click told where it was.  The median of an even count is the mean of the two in the
  // middle.
  std::optional<double> MeanPosition() const;
  std::optional<double> MedianPosition() const;
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_SEARCH_TALLY_H_
