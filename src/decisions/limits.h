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

// Weight of the ranking against diversity: at 1 the exponent of `dpp` would be infinite.
inline constexpr double kRelevanceMax = 0.99;
// An exponent of 1 asks twice the score of a product twice as popular; above 2 nothing else counts.
inline constexpr double kPopularityExponentMax = 2;
// Candidates that are compared with each other for diversity: a slate of twelve out of a hundred.
inline constexpr size_t kSpreadPoolMax = 100;
// New products of one decision that Thompson sampling chooses from: its chances are computed exactly, at a
// cost that grows with the square.
inline constexpr size_t kThompsonPoolMax = 16;
inline constexpr uint32_t kThompsonSlotsMax = 4;
// A product that was shown so often is known, whatever the placement says.
inline constexpr uint32_t kNewImpressionsMax = 100'000;
// Products that a chain of continued slates may show: nobody scrolls further, and a record holds them all.
inline constexpr size_t kContinuedProductsMax = 1000;
// Purchases that are tried for one row, and products that the sources must name for a row to stand on one.
inline constexpr size_t kRowSeedsTriedMax = 6;
inline constexpr size_t kRowProductsMin = 4;
// A smaller discount is no reason to show a product.
inline constexpr double kSaleDiscountMin = 0.02;
// Categories and brands of a shopper's own words that are asked for candidates, the strongest.
inline constexpr size_t kDeclaredShelvesMax = 8;
// Slates of a shopper that rotation looks back at: what a profile remembers (features/limits.h).
inline constexpr uint32_t kRotationSlatesMax = 20;

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

// Merchandising rules and curated lists of one store: every rule is looked at by every decision.
inline constexpr size_t kRulesMax = 1000;
inline constexpr size_t kListsMax = 500;
inline constexpr size_t kListProductsMax = 1000;
// Groups of synonyms, and words of one.
inline constexpr size_t kSynonymsMax = 2000;
inline constexpr size_t kSynonymWordsMax = 100;
// "de-AT", and longer ones of private use.
inline constexpr size_t kLocaleBytesMax = 35;
// Of one rule: what it does, and the alternatives of one of its conditions.
inline constexpr size_t kRuleActionsMax = 20;
inline constexpr size_t kRuleAlternativesMax = 100;
inline constexpr size_t kRuleProductsMax = 300;
inline constexpr int kRulePriorityMax = 1000;
// The last position that can be pinned: nobody turns to later pages.
inline constexpr uint32_t kPinPositionMax = 299;
// Scores of one source differ by less than three times over its whole list; more than this is a pin.
inline constexpr double kBoostFactorMax = 100;
// Bytes of an address or a text that is shown, and of a query.
inline constexpr size_t kRuleTextBytesMax = 2048;
inline constexpr size_t kRuleQueryBytesMax = 512;
// Words of a query that conditions look at.
inline constexpr size_t kQueryWordsMax = 64;
// Contradictions that one report names.
inline constexpr size_t kRuleConflictsMax = 200;
// Products that one rule's conflict names.
inline constexpr size_t kConflictProductsMax = 20;
// Products of the catalogue that one report looks at: a second of work.
inline constexpr size_t kConflictChecksMax = 1'000'000;
// Decisions that one dry run makes again, and those that it shows in full.
inline constexpr uint64_t kDryRunDecisionsMax = 10'000;
inline constexpr uint64_t kDryRunDecisionsDefault = 1000;
inline constexpr size_t kDryRunExamplesMax = 20;
inline constexpr size_t kDryRunProductsMax = 50;

// Removed products named one by one in an explanation, per reason.
inline constexpr size_t kExplainedProductsMax = 20;

// Decision records waiting to be written.  At 300 bytes each about 20 MB; when full the oldest are dropped
// and counted.
inline constexpr size_t kDecisionLogRecordsMax = 65'536;
// Records of one written batch.
inline constexpr size_t kDecisionLogBatchMax = 4096;

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_LIMITS_H_
