// A whole feed, collected before any of it counts, and the swap that makes the catalogue be that feed.
//
//   FeedStage stage(...);  for each row: stage.Add(change);  swap = stage.Swap(view); state.PrepareSwap(swap)
//
// The swap holds every product of the feed that differs from the catalogue, and hides every visible product
// that the feed does not hold.  It is refused when the feed is empty, and when it would hide more than a
// fifth of the visible products: a half-written export must not empty a shop.  `force` lifts both.  It is
// applied by one command in one atomic commit, so a shopper sees the old catalogue or the new one.
//
// Rows of one product (its variants) may lie anywhere in the feed; they are joined.
//
// Thread safety: one thread; the stage holds the feed in memory.

#ifndef ATTUNE_CATALOG_FEED_STAGE_H_
#define ATTUNE_CATALOG_FEED_STAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "catalog/catalog_view.h"
#include "catalog/product_change.h"

namespace attune::catalog {

struct FeedSwap {
  std::vector<ProductChange> changes;  // In the order of the feed, then the products to hide by index.
  size_t upserted_count = 0;
  size_t unchanged_count = 0;
  size_t hidden_count = 0;
  size_t visible_before = 0;
};

class FeedStage {
 public:
  // `feed_time_ms`: when the feed was made.  Products written later than that are not hidden by it.
  explicit FeedStage(int64_t feed_time_ms);
  ~FeedStage();

  // REQUIRES: change.kind is kMerge.
  void Add(ProductChange change);
  size_t product_count() const;

  // Fails with kConflict when the feed is empty or would hide too much, and `force` is not set.
  Result<FeedSwap> Swap(const CatalogView& view, bool force) const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace attune::catalog

#endif  // ATTUNE_CATALOG_FEED_STAGE_H_
