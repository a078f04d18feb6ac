// How a ranker is trained, with the reason of each default, and what it may be asked for.
//
// Thread safety: value types.

#ifndef ATTUNE_MODELS_RANKER_OPTIONS_H_
#define ATTUNE_MODELS_RANKER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/money.h"
#include "features/feature_settings.h"
#include "models/boosted_trees.h"
#include "models/for_you.h"
#include "models/fusion.h"

namespace attune::models {

// What a placement's order is to bring.
enum class RankObjective : uint8_t {
  kBlend,       // The blend of the sources as it is: no ranker.
  kClick,       // That the shopper turns to the product.
  kConversion,  // That the shopper buys it.
  kRevenue,     // Chance of a purchase * price.
  kProfit,      // Chance of a purchase * (price - cost).
};

// "blend", "click", "conversion", "revenue", "profit".
std::string_view RankObjectiveName(RankObjective objective);
std::optional<RankObjective> ParseRankObjective(std::string_view name);

// A placement that training asks as a request would.
struct RankerSurface {
  std::string name = "home_for_you";
  FusionRecipe recipe = ForYouRecipe();
  bool is_page = false;  // A product page: its product speaks, not the shopper's profile.
};

class ImpressionLog;
class Ranker;

struct RankerOptions {
  std::vector<RankerSurface> surfaces = {RankerSurface()};
  // What was shown, and what became of it; null: only what shoppers did next is learned from.
  const ImpressionLog* impressions = nullptr;
  // The latest share of the interactions makes the lists to learn from; the rest is what the models knew.
  double window_share = 0.3;
  // Parts of the window: before each, the models are trained on what came before it, as a server does.  The
  // last part is held out: its first half chooses the number of trees and fits probabilities, its second half
  // is the guard.
  uint32_t parts = 3;
  // The most interactions that models of the past are trained on.  In a larger log they are those of a sample
  // of the shoppers, and there are two parts that both ask the models of the first part's begin: one
  // training on at most this, however large the store.  Statistics of products are always of the whole log.
  uint64_t past_rows_max = 1'500'000;
  size_t train_lists_max = 6000;
  size_t held_out_lists_max = 2400;
  // Of both, where the memory that a trainer may take holds no more: a quarter still tells the guard enough.
  double sparse_share = 0.25;
  // Below these the store stays with the blend.
  uint64_t rows_min = 2000;
  size_t train_lists_min = 300;
  size_t held_out_lists_min = 100;
  // Of one list in training: what was wanted, and a sample of the rest.
  size_t negatives_max = 40;
  BoostedTreesOptions trees;
  // Trees that score all candidates of a request, and candidates that the rest of the trees then score.
  uint32_t first_trees = 30;
  size_t finalists = 64;
  // A ranker is trained anew when it is this old, or the log has grown by this share.
  int64_t retrain_every_ms = kDayMs;
  double retrain_growth = 0.1;
  std::shared_ptr<const Ranker> previous;  // Null: none.
  features::FeatureSettings features;
  Currency base_currency;
};

// Candidates of a request that are ranked, the first of the blend; the rest keeps its order behind them.
inline constexpr size_t kRankedProductsMax = 200;

}  // namespace attune::models

#endif  // ATTUNE_MODELS_RANKER_OPTIONS_H_
