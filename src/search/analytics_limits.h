// Every limit of search analytics and suggestions, with its unit and its reason.  What is beyond a limit is
// in the totals of its day, and in no list.

#ifndef ATTUNE_SEARCH_ANALYTICS_LIMITS_H_
#define ATTUNE_SEARCH_ANALYTICS_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace attune::search {

// --- What is counted -------------------------------------------------------------------------------------

// Bytes of a query that are kept: what is longer was pasted.
inline constexpr size_t kCountedQueryBytesMax = 96;
// An event without a decision id belongs to the last search of its shopper that showed the product, at most
// so long before.
inline constexpr int64_t kSearchMatchWindowMs = 30 * kMinuteMs;
// Such an event may come so late.  One that comes later must name its decision.
inline constexpr int64_t kSearchMatchLateMaxMs = kHourMs;
// What becomes of a search is counted for so long after it; a shopping day.
inline constexpr int64_t kSearchOutcomeWindowMs = 24 * kHourMs;
// The next query of a shopper within it, with no click between, is what the first was refined to.
inline constexpr int64_t kRefinementWindowMs = 2 * kMinuteMs;
// Positions of clicks beyond it count as this one.
inline constexpr uint32_t kClickPositionMax = 999;

// --- What is kept: together at most about 150 MB of a store, and of most a few
// --------------------------------

// Searches that events may still concern (about 200 bytes each).  Beyond it the oldest are closed.
inline constexpr size_t kOpenSearchesMax = 200'000;
// Different queries.  Beyond it a quarter, of the least searched ones, leaves the lists.
inline constexpr size_t kCountedQueriesMax = 100'000;
// Queries of all days together (about 150 bytes each).  Beyond it the lists of the oldest day go.
inline constexpr size_t kQueryDaysMax = 250'000;
inline constexpr int64_t kAnalyticsDaysMax = 400;
// Markets of one day; what comes in others counts in no market of its own.
inline constexpr size_t kAnalyticsMarketsMax = 32;
// Spellings of one query that are told apart.
inline constexpr size_t kQuerySpellingsMax = 8;
// Queries that one query was refined to, on one day.
inline constexpr size_t kRefinementsMax = 32;
// Languages of one query.
inline constexpr size_t kQueryLanguagesMax = 12;
// Orders that can be taken back.
inline constexpr size_t kSearchOrdersMax = 50'000;
// Shoppers whose own searches are remembered, the latest, and how many of each.
inline constexpr size_t kRecentShoppersMax = 20'000;
inline constexpr size_t kRecentSearchesMax = 10;

// --- What is answered ------------------------------------------------------------------------------------

// Refinements named of one query.
// Searches of another query that make it a suggested synonym.
inline constexpr uint64_t kSynonymRefinementsMin = 3;
inline constexpr size_t kRefinementsShownMax = 5;
// Days of an answer for which neither end is named.
inline constexpr int64_t kAnalyticsDaysDefault = 30;

// --- Suggestions -----------------------------------------------------------------------------------------

// Half of what a query was searched for is forgotten in it.
inline constexpr int64_t kDemandHalfLifeMs = 14 * kDayMs;
// Queries, and texts of the catalogue, that may be suggested: the most wanted ones.
inline constexpr size_t kSuggestedQueriesMax = 20'000;
inline constexpr size_t kSuggestedTextsMax = 20'000;
// Of each kind in one answer.  400.
inline constexpr uint32_t kSuggestionsMax = 20;
inline constexpr uint32_t kSuggestedQueriesDefault = 8;
inline constexpr uint32_t kSuggestedCategoriesDefault = 3;
inline constexpr uint32_t kSuggestedBrandsDefault = 3;
inline constexpr uint32_t kSuggestedProductsDefault = 6;
inline constexpr uint32_t kSuggestedRecentDefault = 5;

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_ANALYTICS_LIMITS_H_
