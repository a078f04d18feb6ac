// What shoppers themselves searched for last, for their own eyes.
//
// Kept of shoppers who may be known (their search named them and they did not refuse), of searches that found
// something; not of what looks personal to others.  The latest kRecentShoppersMax shoppers, of each
// kRecentSearchesMax queries.
//
// Thread safety: any thread.

#ifndef ATTUNE_SEARCH_RECENT_SEARCHES_H_
#define ATTUNE_SEARCH_RECENT_SEARCHES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "base/mutex.h"
#include "search/counted_search.h"

namespace attune::search {

struct RecentSearch {
  std::string text;      // NormalQuery().
  std::string spelling;  // As it was typed.
  int64_t at_ms = 0;
};

class RecentSearches {
 public:
  using ByShopper = absl::flat_hash_map<ShopperHandle, std::vector<RecentSearch>>;

  void Note(const CountedSearch& search);
  void Forget(ShopperHandle shopper);

  // Of all handles together, the latest first, each query once.
  std::vector<RecentSearch> Of(const std::vector<ShopperHandle>& shoppers) const;

  ByShopper all() const;
  void Replace(ByShopper all);

 private:
  void DropOldest() REQUIRES(mutex_);

  mutable Mutex mutex_;
  ByShopper recent_ GUARDED_BY(mutex_);  // No list is empty.
};

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_RECENT_SEARCHES_H_
