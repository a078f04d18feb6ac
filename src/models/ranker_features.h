// What the ranker knows of a candidate: one list of numbers, made by the same code for training and for
// requests.
//
//   RankerFeatures features(context);         once per decision: what is known of the shopper
//   features.Fill(fused, answers, rows);      one row of kRankerFeatureCount floats per candidate
//
// All is read from arguments: the answers of the sources, the profile, the catalogue and the statistics of
// the generation.  No clock, no state: the same arguments give the same bits.  NaN: not known.
//
// Candidates lie all over the memory, so it is asked for before it is read, and what candidates have in
// common is worked out once.
//
// Order and names are those of kRankerFeatures.  A generation keeps the names that it was trained with, and
// is not asked by a build with other ones (ranker.h), so the list may change.
//
// Thread safety: immutable after construction.

#ifndef ATTUNE_MODELS_RANKER_FEATURES_H_
#define ATTUNE_MODELS_RANKER_FEATURES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "base/money.h"
#include "catalog/catalog_view.h"
#include "catalog/product_groups.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"
#include "models/candidate_source.h"
#include "models/fusion.h"
#include "models/product_statistics.h"
#include "models/taste_shares.h"

namespace attune::models {

// What a feature is about; explanations speak of these.
enum class FeatureGroup : uint8_t {
  kSources,
  kTaste,
  kPrice,
  kProduct,
  kOwnHistory,
  kVisit,
  kShopper,
  kTime
};
inline constexpr size_t kFeatureGroupCount = 8;
// In the words of an explanation: "how the candidate sources ranked it".
std::string_view FeatureGroupWords(FeatureGroup group);

// Sources with a rank and, for the first kScoredSourceCount of them, a score.  Others count in the fused
// score alone: training cannot ask them for the past (on_sale, declared_preferences), or another feature
// knows as much (newest: kDaysKnown).
inline constexpr std::array<std::string_view, 14> kRankerSources = {
    "viewed_next",     "also_viewed", "session_next",          "next_order", "bought_after",
    "bought_together", "also_bought", "for_shoppers_like_you", "buy_again",  "own_frequency",
    "content_similar", "new_for_you", "bestsellers",           "trending"};
inline constexpr size_t kScoredSourceCount = 12;

enum class RankerFeature : uint8_t {
  // Sources: 1 / (1 + rank) of each of kRankerSources, then score / best score of the scored ones.
  kFirstRank = 0,
  kFirstScore = kFirstRank + kRankerSources.size(),
  kFusedScore = kFirstScore + kScoredSourceCount,  // Against that of the first candidate.
  kSourceCount,                                    // Of kRankerSources, those that answered it.
  // Taste: the share of the shopper's interest, 0..1.
  kCategory1,
  kCategory2,
  kCategoryLeaf,
  kBrand,
  kAttributes,  // The strongest of its attributes.
  // Price.
  kLogPrice,      // log of minor units, sale price included.
  kPriceRatio,    // log(price / median of the category).
  kPriceBandGap,  // Distance of that to where the shopper buys.
  kDiscount,      // Share that the sale takes off.
  kMargin,        // (price - cost) / price.
  // Product: product_statistics.h, log(1 + count).
  kViewsShort,
  kViewsLong,
  kCartsLong,
  kOrdersShort,
  kOrdersLong,
  kConversion,
  kCartRate,
  kTrend,
  kDaysKnown,  // log(1 + days) since it is in the catalogue, or was first seen.
  // Own history with the product.
  kOwnViews,
  kDaysSinceOwnView,
  kOwnOrders,
  kDaysSinceOwnOrder,
  kOwnRhythm,  // Days since its last order against the mean time between its orders.
  kInCart,
  // Visit: against the product of the page, or what was looked at last.
  kIsPage,          // 1: the page shows a product.
  kAnchorCategory,  // Shared levels of the main category, in share of the deeper one.
  kAnchorBrand,
  kAnchorPrice,  // log(price / its price).
  kVisitProducts,
  kVisitMinutes,
  // Shopper.
  kShopperOrders,  // log(1 + orders).
  kDaysSinceOrder,
  // Time, in UTC.
  kHour,
  kWeekday,  // 0: Monday.
  // Of the slate that was shown, in training without an estimate of position bias; 0 otherwise.
  kPosition,
  kCount
};
inline constexpr uint32_t kRankerFeatureCount = static_cast<uint32_t>(RankerFeature::kCount);
static_assert(kRankerFeatureCount <= 64);

// "rank_of_buy_again", "days_since_own_order".
std::string_view RankerFeatureName(size_t feature);
FeatureGroup GroupOfFeature(size_t feature);

struct RankerContext {
  const FusionRecipe& recipe;
  const features::ShopperProfile* profile = nullptr;  // Null: contextual only.
  const catalog::CatalogView* catalog = nullptr;      // Null: nothing is known of products.
  const ProductStatistics& statistics;
  std::optional<ProductIndex> page;    // The product that the page shows.
  std::span<const ProductIndex> cart;  // Of the request; empty: that of the profile.
  int64_t now_ms = 0;
  Currency base_currency;
  features::FeatureSettings settings;
};

// What a product costs at `now_ms` in the base market, in minor units; nothing without a price.
std::optional<int64_t> PriceMinorAt(const catalog::Product& product, int64_t now_ms);

class RankerFeatures {
 public:
  // `context` and what it names must outlive this.
  explicit RankerFeatures(const RankerContext& context);

  // Rows for fused.products[first..], rows.size() / kRankerFeatureCount of them.  `answers` are those that
  // were fused.
  void Fill(const FusionResult& fused, std::span<const std::vector<Candidate>> answers, size_t first,
            std::span<float> rows) const;

 private:
  struct Own {
    const features::RecentProduct* recent = nullptr;
    const features::Purchase* purchase = nullptr;
    bool is_in_cart = false;
  };
  // What the page shows, or what was looked at last.
  struct Anchor {
    const catalog::Product* product = nullptr;
    uint64_t brand = 0;  // ProductGroups::brand.
    std::optional<double> log_price;
  };
  // What is the same for all candidates of one main category.
  struct OfCategory {
    TasteShares::Levels shares;
    float anchor_levels = 0;  // Those that it shares with the anchor's.
  };
  // By ProductGroups::category: many candidates are of few categories.
  using Categories = absl::flat_hash_map<uint64_t, OfCategory>;
  // A candidate, and where what is known of it lies.
  struct Subject {
    const catalog::Product* product = nullptr;
    const ProductStatistics::Row* known = nullptr;
    catalog::ProductGroups groups;
  };

  void ReadTaste();
  void ReadHistory();
  void ReadVisit();
  // The first `count` from `first` on; their memory is on its way.
  std::vector<Subject> SubjectsOf(const FusionResult& fused, size_t first, size_t count) const;
  OfCategory CategoryOf(const catalog::Product& product) const;
  const OfCategory& CategoryOf(const Subject& subject, Categories& categories) const;
  void FillSources(const FusionResult& fused, std::span<const std::vector<Candidate>> answers, size_t first,
                   std::span<float> rows) const;
  void FillTaste(const Subject& subject, const OfCategory& category, std::span<float> row) const;
  // Returns the logarithm of the price.
  std::optional<double> FillPrice(const Subject& subject, std::span<float> row) const;
  void FillProduct(const catalog::Product* product, const ProductStatistics::Row& known,
                   std::span<float> row) const;
  void FillOwn(ProductIndex product, std::span<float> row) const;
  void FillAnchor(const Subject& subject, const OfCategory& category, std::optional<double> log_price,
                  std::span<float> row) const;

  const RankerContext& context_;
  std::array<float, kRankerFeatureCount> common_;  // What is the same for all candidates.
  TasteShares taste_;
  absl::flat_hash_map<uint32_t, Own> own_;
  std::optional<double> log_price_band_;
  Anchor anchor_;
  float fade_short_ = 1;
  float fade_long_ = 1;
};

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKER_FEATURES_H_
