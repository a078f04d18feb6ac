// The order of relevance: how well the words fit, a little of how popular a product is, and, as far as the
// dial says, how well it fits this shopper.
//
//   score = (text + wish + kBehaviourWeight * lift + kPopularityWeight * popularity
//            + kPersonalWeight * dial / 100 * personal) * factor
//
//   text        the words' score over the largest of the list; without a query 0
//   wish        what a wish for low or high prices adds (product_search.h)
//   lift        what shoppers of this query chose more often than others, in [-1, 1]
//               (models/query_clicks.h)
//   popularity  log(1 + counted) over the largest of the list (models/product_tally.h)
//   personal    kTasteShare * taste + kPriceShare * price fit, in [0, 1]
//     taste       category, brand, attributes (decisions/taste.h)
//     price fit   exp(-|log(price / (typical price of the list * the shopper's price band))|); where the
//                 shopper's band is not known, taste counts alone
//
//   factor      what merchandising rules multiply it by; a score below 0 is divided, and of equal scores the
//               larger factor goes first: a category page may have no other score
//
// What is called exactly as the query stays in front, what a rule alone names comes last, and between them
// stands first what has the price that is asked for: the parts order within id, title, brand, and the rest.
// The first `window` hits by words (without a query: by popularity) are ranked so, and what lies behind them
// keeps its order; so pages have neither gaps nor repeats.  With the dial at 0, or for a shopper of whom
// nothing is known, the order is the same as for nobody, exactly.
//
// Thread safety: pure function.

#ifndef ATTUNE_SEARCH_RANK_HITS_H_
#define ATTUNE_SEARCH_RANK_HITS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "decisions/store_view.h"
#include "features/shopper_profile.h"
#include "search/match.h"
#include "search/product_search.h"

namespace attune::search {

// At the dial's end a product that fits the shopper in everything overtakes one that fits in nothing when its
// words fit at least .4 as well.
inline constexpr double kPersonalWeight = 0.6;
// A product that is chosen much more often than the others of its query overtakes one whose words fit twice
// as well.
inline constexpr double kBehaviourWeight = 0.5;
// Of products whose words fit alike, and of category pages.
inline constexpr double kPopularityWeight = 0.05;
inline constexpr double kTasteShare = 0.8;
inline constexpr double kPriceShare = 0.2;

struct RankInput {
  const decisions::StoreView& view;
  const catalog::CatalogView& catalog;
  const features::ShopperProfile* profile = nullptr;  // Null: nobody.
  uint32_t dial = 0;                                  // 0 to 100.
  int64_t now_ms = 0;
  std::function<std::optional<double>(ProductIndex)> price_of;  // Of the request.
  std::function<double(ProductIndex)> factor_of;                // Empty: 1.
  uint32_t window = kRankedHits;
  uint64_t behaviour = 0;  // BehaviourKey() of the request.
};

struct RankedHit {
  Hit hit;
  // Parts of the score, weights included.
  double text = 0;
  double wish = 0;
  double behaviour = 0;
  double popularity = 0;
  double personal = 0;
  double factor = 1;
  double score() const {
    const double sum = text + wish + behaviour + popularity + personal;
    return sum < 0 && factor > 0 ? sum / factor : sum * factor;
  }
};

std::vector<RankedHit> RankHits(const SearchCandidates& candidates, const RankInput& input);

}  // namespace attune::search

#endif  // ATTUNE_SEARCH_RANK_HITS_H_
