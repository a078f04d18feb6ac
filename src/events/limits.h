// Every limit of the events room, with its unit and its reason.
//
// A client sees a passed limit as a rejected event whose error names the field; a passed limit of memory as
// an older entry leaving a cache.

#ifndef ATTUNE_EVENTS_LIMITS_H_
#define ATTUNE_EVENTS_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace attune::events {

// ---- One request ----

// Events in one body.  The log groups requests anyway, so larger bodies gain nothing and only delay their
// neighbours.
inline constexpr size_t kEventsPerRequestMax = 1'000;
// Bytes that one parser will look at; http refuses larger bodies before (its limit is 2 MB).
inline constexpr size_t kBodyBytesMax = 4u << 20;
// Nesting of arrays and objects.  A tracker's event needs about six.
inline constexpr size_t kNestingMax = 64;

// ---- One event ----

// Lines of one event in a request body: what a person can put into a basket.
inline constexpr size_t kLinesPerEventMax = 500;
// Ids of events, shoppers, products, variants and orders, in bytes.  UUIDs take 36.
inline constexpr size_t kIdBytesMax = 128;
// What a shopper typed into the search box, in bytes.
inline constexpr size_t kQueryBytesMax = 512;
// URLs, in bytes: what browsers and proxies agree to carry.
inline constexpr size_t kUrlBytesMax = 2'048;
// Coupons, markets, locales and names of categories, in bytes.
inline constexpr size_t kNameBytesMax = 256;
// Levels of a category path.
inline constexpr size_t kCategoryDepthMax = 16;
// The traits of one identify, as JSON, in bytes; also of all traits kept of one shopper.
inline constexpr size_t kTraitsBytesMax = 16u << 10;
// Names of one shopper's traits.  Bounds the work of merging them.
inline constexpr size_t kTraitsMax = 256;
// Preferences of one declaration: a long quiz.
inline constexpr size_t kPreferencesPerEventMax = 48;
// Tokens (identity_token), in bytes.
inline constexpr size_t kTokenBytesMax = 1'024;
// Units of one line.  Wholesale orders of small parts reach tens of thousands.
inline constexpr int64_t kQuantityMax = 100'000;
// Positions in a slate or a list, from 0.
inline constexpr uint32_t kPositionMax = 100'000;

// No shop's events are older: 2000-01-01.  Catches seconds sent as milliseconds.
inline constexpr int64_t kTimeMinMs = 946'684'800'000;
// A time further in the future is a mistake, not a fast clock; nearer ones count as now.
inline constexpr int64_t kFutureMaxMs = 366 * kDayMs;

// ---- Importers ----

// Order lines of one file; about 60 bytes each, all in memory, because a return is matched to an earlier
// order.
inline constexpr size_t kImportLinesMax = 10'000'000;
// Reasons in a report, and examples of each.
inline constexpr size_t kImportReasonsMax = 100;
inline constexpr size_t kImportExamplesMax = 3;
// Different descriptions of one product that compete for its title.
inline constexpr size_t kImportTitlesMax = 32;

// ---- State ----

// Ids of one run of event ids on the disk (events/event_id_runs.h), and how many may be in memory before a
// run is due: 23 MB in a busy store, twice that for a moment.  Fewer would make more runs to ask, more would
// hold up the writer for longer when a run is saved (40 ms).
inline constexpr size_t kEventIdsPerRun = size_t{1} << 19;

// Browsers of one customer; when there are more, the one linked longest ago is let go.
inline constexpr size_t kHandlesPerPersonMax = 64;
// Order states in memory besides the changed ones; about 300 bytes each.
inline constexpr size_t kCachedOrdersMax = 20'000;
// Refunds kept apart per order, by product; more products than an order's lines cannot be refunded.
inline constexpr size_t kRefundedProductsMax = 2'000;
// Refunds of one order; more are not counted.  As many as products, each refunded apart.
inline constexpr size_t kRefundsPerOrderMax = 2'000;
// Units of one product in one order, bought or given back: what its lines can add up to.
inline constexpr int64_t kOrderUnitsMax = 2'000 * kQuantityMax;
// Different products of one order, from an importer or in state.  The largest wholesale orders have about 1
// 100.
inline constexpr size_t kLinesPerOrderMax = 2'000;
// Shards of the caches of identities: threads that rarely meet.
inline constexpr size_t kIdentityShards = 16;
// Shoppers that share a count of changes: one that changes makes a look ahead at these others void.
inline constexpr size_t kIdentityChangeCounters = 1024;

}  // namespace attune::events

#endif  // ATTUNE_EVENTS_LIMITS_H_
