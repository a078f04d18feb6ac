#include "decisions/placement.h"

#include <iterator>

#include "decisions/source_names.h"
#include "models/for_you.h"

namespace attune::decisions {
namespace {

constexpr std::string_view kRungNames[] = {"session_context", "category", "editorial", "bestsellers",
                                           "newest"};

constexpr std::string_view kMethodNames[] = {"none", "mmr", "dpp"};
constexpr std::string_view kGoalNames[] = {"click", "cart"};

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
  // And what the shopper said, which no history tells; silent for who said nothing.
  all.back().recipe.parts.push_back(Share(kDeclared, 1));

  all.push_back(Make("home_trending", "Trending now", {Share(kTrending, 1)}, {}));
  all.back().diversity.category_max = 4;

  all.push_back(Make("recently_viewed", "Recently viewed", {Share(kRecentlyViewed, 1)}, {}));
  all.back().is_about_views = true;
  all.back().exclude.cart = false;

  all.push_back(Make("buy_again", "Buy again", {Share(kBuyAgain, 1)}, {}));

  all.push_back(Make("because_you_bought", "Because you bought",
                     {Share(kBoughtAfter, 1), Share(kAlsoBought, 1), Share(kBoughtTogether, 0.7),
                      Share(kContentSimilar, 0.3)},
                     {}));
  all.back().row_seed = RowSeed::kPurchase;
  all.back().exclude.bought_within_days = 90;

  all.push_back(Make("on_sale_for_you", "On sale for you", {Share(kOnSale, 1)}, {}));
  all.back().diversity.category_max = 4;

  all.push_back(Make("product_looks_alike", "Looks like this", {Share(kLooksAlike, 1)}, {.page = 1}));
  return all;
}

}  // namespace

std::string_view RungName(Rung rung) { return kRungNames[static_cast<size_t>(rung)]; }

std::string_view DiversityMethodName(Diversity::Method method) {
  return kMethodNames[static_cast<size_t>(method)];
}

std::optional<Diversity::Method> ParseDiversityMethod(std::string_view name) {
  for (size_t i = 0; i < std::size(kMethodNames); ++i) {
    if (kMethodNames[i] == name) return static_cast<Diversity::Method>(i);
  }
  return std::nullopt;
}

std::string_view GoalName(Exploration::Goal goal) { return kGoalNames[static_cast<size_t>(goal)]; }

std::optional<Exploration::Goal> ParseGoal(std::string_view name) {
  for (size_t i = 0; i < std::size(kGoalNames); ++i) {
    if (kGoalNames[i] == name) return static_cast<Exploration::Goal>(i);
  }
  return std::nullopt;
}

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
