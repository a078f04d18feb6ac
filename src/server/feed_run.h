// One run of a store's scheduled feed: fetched to the disk, read to its end, swapped in as one.
//
//   fetch -> ProductImport -> FeedStage -> Store::Swap -> FeedState
//
// The catalogue is the old one until the swap and the new one after it.  A feed that cannot be read to its
// end, is empty, or would hide more than a fifth of the visible products changes nothing (FeedStage).
//
// A row without an updated_at of its own was written when the feed was made: at its Last-Modified, else when
// the run began.  Fields that were written later (a stock of 3 by PATCH at 09:30) keep what they have.
//
// Thread safety: one run of a store at a time.

#ifndef ATTUNE_SERVER_FEED_RUN_H_
#define ATTUNE_SERVER_FEED_RUN_H_

#include <cstdint>
#include <functional>

#include "base/clock.h"
#include "server/feed_download.h"
#include "server/feed_state.h"
#include "server/store.h"

namespace attune::server {

// Rows of one scheduled feed: what a swap may hold in memory.  5 million rows are about 5 GB.
inline constexpr uint64_t kFeedRowsMax = 5'000'000;

// Runs the feed of the store's settings, whether it is due or not, and saves what became of it.  Fails only
// when that cannot be saved.  REQUIRES: the settings name a feed.
Result<FeedState> RunFeed(Store& store, FeedFetcher& fetcher, const Clock& clock,
                          const std::function<bool()>& is_stopping);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_FEED_RUN_H_
