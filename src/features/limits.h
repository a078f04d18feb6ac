// Bounds of the feature store: what a profile may hold, what a product may cost, and why.
//
// At a bound of a list the oldest or weakest entry leaves and nothing is refused: a shopper never sees these
// limits. They hold one decoded profile below about 40 kB and one stored profile below about 6 kB in the
// worst case; a heavy shopper of a real shop stays under 2 kB (docs/formats/profiles.md has measured sizes).

#ifndef ATTUNE_FEATURES_LIMITS_H_
#define ATTUNE_FEATURES_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace attune::features {

// Affinities of one kind.  When more than Max are held, only the strongest Kept stay: the slack lets a new
// interest grow past an old one before it is compared, and makes pruning rare.
inline constexpr size_t kCategoryAffinitiesMax = 32;
inline constexpr size_t kCategoryAffinitiesKept = 24;
inline constexpr size_t kBrandAffinitiesMax = 16;
inline constexpr size_t kBrandAffinitiesKept = 12;
inline constexpr size_t kAttributeAffinitiesMax = 24;
inline constexpr size_t kAttributeAffinitiesKept = 16;
// Longer names are data by mistake (a description in the brand column); they would fill a profile with one
// value.
inline constexpr size_t kAffinityValueBytesMax = 96;
// What one product may say about taste: more paths or attributes would drown the ones that matter.
inline constexpr size_t kCategoryPathsPerProductMax = 3;
inline constexpr size_t kCategoryLevelsMax = 8;
inline constexpr size_t kAttributesPerProductMax = 6;
// Smaller weights are rounding left over from a cancelled order.
inline constexpr double kAffinityWeightMin = 1e-4;

inline constexpr size_t kRecentProductsMax = 50;  // A page of "recently viewed" shows 20 at most.
// Of the last slates: eight of twelve products.  Resting what was shown needs no longer memory.
inline constexpr size_t kShownProductsMax = 96;
inline constexpr size_t kPreferencesMax = 48;      // A long quiz.
inline constexpr size_t kSessionProductsMax = 20;  // What next-click models look at.
inline constexpr size_t kEarlierSessionsMax = 4;   // Bounds between which late events find their session.
inline constexpr size_t kPurchasesMax = 200;    // Distinct products; a wholesale customer buys some hundreds.
inline constexpr size_t kPurchaseTimesMax = 8;  // Orders of one product whose times are kept.
inline constexpr size_t kOrdersMax = 24;        // Last orders kept one by one.
inline constexpr size_t kOrderProductsMax = 32;  // Products named per kept order.
inline constexpr size_t kCartLinesMax = 50;      // Larger carts keep the lines added last.
inline constexpr size_t kCartStepsMax = 16;  // Changes of the cart that late events can still get between.
inline constexpr int64_t kCartReorderMs = kDayMs;  // Changes older than this are settled.
inline constexpr int64_t kCartQuantityMax = 1'000'000;
inline constexpr size_t kVariantIdBytesMax = 64;     // Longer variant ids are dropped from cart lines.
inline constexpr size_t kEventLinesFoldedMax = 500;  // Lines of one event that are looked at.

// Decoded profiles: of visits under way.  8 kB is a busy shopper's; most take a third.
inline constexpr size_t kWorkbenchBudgetShare = 8;  // One part in eight of the profile budget.
inline constexpr size_t kWorkbenchEntryBytes = 8 << 10;
inline constexpr size_t kWorkbenchEntriesMin = 8;
inline constexpr size_t kShelfPlaces = 4;
inline constexpr size_t kWorkbenchEntriesMax = 32'768;
// A save is one batch; far below storage's kBatchBytesMax, and short enough not to hold up the writer.
inline constexpr uint64_t kUnsavedBytesMax = 64u << 20;
// Reads of a person's handles before they are answered as they are: each takes microseconds, and one shopper
// sends a few events a second at most.
inline constexpr int kConsistentReadsMax = 16;

// Product prices that a category needs before its median means anything; below, the broader level is asked.
inline constexpr uint32_t kCategoryPricesMin = 5;

// Conversion (features/product_features.h).  Trials are capped so that sums of squares stay exact in 64 bits.
inline constexpr int64_t kConversionTrialsMax = 1'000'000;
inline constexpr int64_t kConversionCountMax = int64_t{1} << 40;
inline constexpr int64_t kConversionProductsMin = 10;
inline constexpr double kConversionStrengthDefault = 50;
inline constexpr double kConversionStrengthMin = 1;
inline constexpr double kConversionStrengthMax = 1000;

// Trend: less activity than ten views in the long term is noise; five views pull it towards 1.
inline constexpr double kTrendSupportMin = 10;
inline constexpr double kTrendPrior = 5;
inline constexpr int64_t kTrendStoreAgeMinMs = 2 * kDayMs;  // Before that nothing can be more than usual.

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_LIMITS_H_
