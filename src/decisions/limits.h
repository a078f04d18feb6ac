// The bounds of a decision: how much is asked, looked at and kept, with the reason of each.

#ifndef ATTUNE_DECISIONS_LIMITS_H_
#define ATTUNE_DECISIONS_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace attune::decisions {

// Products of one slate.  Longer lists are search results, not recommendations.
inline constexpr uint32_t kSlateProductsMax = 200;
inline constexpr uint32_t kSlateProductsDefault = 10;

// Eligible candidates that one source brings into the fusion, unless the placement says otherwise.  Ranks
// beyond this add less than half of a first rank, so deeper lists change little that a shopper sees.
inline constexpr uint32_t kSourceDepthDefault = 100;
inline constexpr uint32_t kSourceDepthMax = 1000;
// Largest ask: a filter that leaves too few among so many is served by the ladder.  Bounds the work of
// one request to about a millisecond per source.
inline constexpr uint32_t kSourceAskMax = 8192;
// Of one list that the ladder reads: products passed over by a diversity cap, for each place of the slate.  A
// list of one category under a category cap would be read to its end for nothing.
inline constexpr uint32_t kPassedOverPerPlace = 4;
// Sources of one placement.
inline constexpr size_t kSourcesMax = 16;

// Seeds of one request: page, session, recent products, cart and purchases together.
inline constexpr size_t kSeedsMax = 100;
// Purchased products handed to sources about repeats and fold-in.
inline constexpr size_t kPurchaseSeedsMax = 1000;

// Products named by a request (page, cart, exclude): each.
inline constexpr size_t kRequestProductsMax = 200;
// Bytes of one name in a request (an id, a category level, a market).
inline constexpr size_t kRequestTextBytesMax = 512;
inline constexpr size_t kCategoryLevelsMax = 16;

// The offset of reciprocal rank fusion (Cormack, Clarke, Buettcher 2009).
inline constexpr double kRankOffset = 60;

// A session without an event for so long has ended.
inline constexpr int64_t kSessionIdleMs = 30 * 60 * 1000;

// How fast a favourite category fades, when two are compared.
inline constexpr int64_t kAffinityHalfLifeMs = int64_t{30} * 86'400'000;

// Placements by configuration, and products of one editorial list.
inline constexpr size_t kPlacementsMax = 500;
inline constexpr size_t kEditorialProductsMax = 1000;
// Bytes of one configuration document.
inline constexpr size_t kSettingBytesMax = 64 * 1024;
inline constexpr size_t kSettingIdBytesMax = 64;
inline constexpr int kDaysMax = 3650;

// Removed products named one by one in an explanation, per reason.
inline constexpr size_t kExplainedProductsMax = 20;

// Decision records waiting to be written.  At 300 bytes each about 20 MB; when full the oldest are dropped
// and counted.
inline constexpr size_t kDecisionLogRecordsMax = 65'536;
// Records of one written batch.
inline constexpr size_t kDecisionLogBatchMax = 4096;

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_LIMITS_H_
