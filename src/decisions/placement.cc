#include "decisions/placement.h"

#include <iterator>

#include "decisions/source_names.h"
#include "models/for_you.h"

namespace attune::decisions {
namespace {

constexpr std::string_view kRungNames[] = {"session_context", "category", "editorial", "bestsellers",
                                           "newest"};

models::FusionPart Share(std::string_view source, double weight) {
  return {std::string(source), weight, kSourceDepthDefault};
}

Placement Make(std::string_view id, std::string_view title, std::vector<models::FusionPart> sources,
               SeedWeights seeds) {
  Placement placement;
  placement.id = id;
  placement.title = title;
  placement.recipe = {kRankOffset, std::move(sources), false};
  placement.seeds = seeds;
  return placement;
}

std::vector<Placement> MakeBuiltIn() {
  std::vector<Placement> all;
  all.push_back(Make("product_similar", "Similar products",
                     {Share(kAlsoViewed, 1), Share(kContentSimilar, 0.7), Share(kAlsoBought, 0.3)},
                     {.page = 1}));
  all.back().is_about_views = true;
  all.back().objective = models::RankObjective::kClick;

  all.push_back(Make("product_bought_together", "Often bought together",
                     {Share(kBoughtTogether, 1), Share(kBoughtAfter, 0.4)}, {.page = 1}));
  all.back().diversity.category_max = 2;  // Complements: one more lamp is no complement to a lamp.

  all.push_back(Make("cart_cross_sell", "Goes well with your cart",
                     {Share(kBoughtTogether, 1), Share(kBoughtAfter, 0.4)}, {.cart = 1}));
  all.back().diversity.category_max = 2;
  all.back().exclude.bought_within_days = 7;

  all.push_back(Make("category_top", "Top products", {Share(kBestsellers, 1), Share(kTrending, 0.5)}, {}));
  all.back().is_within_category = true;

  all.push_back(Make("home_for_you", "For you", {}, {.page = 1, .profile = 1}));
  all.back().objective = models::RankObjective::kConversion;
  all.back().recipe = models::ForYouRecipe();  // What `attune evaluate` measures is what is served.

  all.push_back(Make("home_trending", "Trending now", {Share(kTrending, 1)}, {}));
  all.back().diversity = {.brand_max = 0, .category_max = 4};

  all.push_back(Make("recently_viewed", "Recently viewed", {Share(kRecentlyViewed, 1)}, {}));
  all.back().is_about_views = true;
  all.back().exclude.cart = false;

  all.push_back(Make("buy_again", "Buy again", {Share(kBuyAgain, 1)}, {}));
  return all;
}

}  // namespace

std::string_view RungName(Rung rung) { return kRungNames[static_cast<size_t>(rung)]; }

std::optional<Rung> ParseRung(std::string_view name) {
  for (size_t i = 0; i < std::size(kRungNames); ++i) {
    if (kRungNames[i] == name) return static_cast<Rung>(i);
  }
  return std::nullopt;
}

const std::vector<Placement>& BuiltInPlacements() {
  static const auto* const placements = new std::vector<Placement>(MakeBuiltIn());
  return *placements;
}

}  // namespace attune::decisions
