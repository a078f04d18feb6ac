// A placement: a spot of a shop's page, and how its slate is made.
//
//   sources      where candidates come from, each with its weight in the fusion
//   seeds        what speaks for the shopper: the page's products, the session, recent products, cart, orders
//   row_seed     or one purchase alone, which the title names
//   filter       which products may stand here at all (expressions/)
//   exclusions   what this shopper should not see here: already in the cart, bought lately
//   diversity    how many products of one brand or one category, and how unlike each other
//   rotation, popularity_exponent, exploration    what is shown less, and what is tried
//   fallback     the ladder for whoever has no history
//
// Eleven placements are built in (BuiltInPlacements()); others, and changed ones under the same id, are
// configuration (placement_json.h).  Hidden and sold-out products are never shown, whatever a placement says.
//
// Thread safety: value type; placements of a view are const.

#ifndef ATTUNE_DECISIONS_PLACEMENT_H_
#define ATTUNE_DECISIONS_PLACEMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decisions/limits.h"
#include "expressions/expression.h"
#include "models/fusion.h"
#include "models/ranker_options.h"

namespace attune::decisions {

// Weights of what speaks for the shopper; 0: not used.
struct SeedWeights {
  double page = 0;     // The products of the page.
  double cart = 0;     // The cart: of the request, else of the profile.
  double session = 0;  // Products of the running visit, the latest strongest.
  double profile = 0;  // What was viewed, put in the cart and bought, faded by age (models/for_you.h).

  friend bool operator==(const SeedWeights&, const SeedWeights&) = default;
};

struct Exclusions {
  bool page_products = true;
  bool cart = true;
  int bought_within_days = 0;  // 0: what was bought may be shown.
  // Category path -> days; the longest matching path wins over bought_within_days.
  std::vector<std::pair<std::vector<std::string>, int>> bought_within_days_by_category;

  friend bool operator==(const Exclusions&, const Exclusions&) = default;
};

struct Diversity {
  enum class Method : uint8_t { kNone, kMmr, kDpp };

  // Soft: they give way, and the record says so, when the slate would stay short.
  uint32_t brand_max = 0;     // 0: no cap.
  uint32_t category_max = 0;  // Per leaf category.
  Method method = Method::kNone;
  double relevance = 0.7;  // 1: only the ranking counts (decisions/spread.h).

  friend bool operator==(const Diversity&, const Diversity&) = default;
};

std::string_view DiversityMethodName(Diversity::Method method);
std::optional<Diversity::Method> ParseDiversityMethod(std::string_view name);

// What a row as a whole stands on (decisions/row_seed.h).
enum class RowSeed : uint8_t { kNone, kPurchase };

// Products that the shopper's last slates showed in vain move down (decisions/adjust.h).
struct Rotation {
  uint32_t slates = 0;  // How many of the last slates are looked at; 0: off.
  double keep = 0.7;    // What a score keeps per slate that showed the product in vain.

  friend bool operator==(const Rotation&, const Rotation&) = default;
};

// Products are tried at random, with known chances (decisions/explore.h).
struct Exploration {
  enum class Goal : uint8_t { kClick, kCart };

  double epsilon = 0;      // Share of positions that are filled uniformly from the candidates; 0: none.
  uint32_t new_slots = 0;  // Last positions of the slate that are kept for new products; 0: none.
  uint32_t new_impressions_max = 200;  // A product is new until it was shown so often.
  Goal goal = Goal::kClick;            // What counts as a success of an impression.

  bool is_on() const { return epsilon > 0 || new_slots > 0; }
  friend bool operator==(const Exploration&, const Exploration&) = default;
};

// The rungs, from the one that knows most to the one that knows least.
enum class Rung : uint8_t { kSessionContext, kCategory, kEditorial, kBestsellers, kNewest };

std::string_view RungName(Rung rung);
std::optional<Rung> ParseRung(std::string_view name);

std::string_view GoalName(Exploration::Goal goal);
std::optional<Exploration::Goal> ParseGoal(std::string_view name);

struct Placement {
  std::string id;
  std::string title;
  models::FusionRecipe
      recipe;  // Which sources, how much each counts, how many eligible candidates each brings.
  SeedWeights seeds;
  RowSeed row_seed = RowSeed::kNone;  // Else the seeds' weights are not used.
  uint32_t limit_default = kSlateProductsDefault;
  uint32_t limit_max = 50;
  bool is_within_category = false;  // Only products within the request's category, when it names one.
  bool is_about_views = false;      // Stands on product_viewed events: says so when the store has none.
  std::string filter;               // As written; empty: none.
  std::shared_ptr<const expressions::Expression> parsed_filter;  // Null: none.
  Exclusions exclude;
  Diversity diversity;
  Rotation rotation;
  double popularity_exponent = 0;  // How much the popular gives way (decisions/adjust.h); 0: not.
  Exploration exploration;
  // What the order is to bring, once the store has a ranker that its guard lets serve; kBlend: the order of
  // the recipe, always.
  models::RankObjective objective = models::RankObjective::kBlend;
  std::vector<Rung> fallback = {Rung::kSessionContext, Rung::kCategory, Rung::kEditorial, Rung::kBestsellers,
                                Rung::kNewest};
  std::vector<std::string> editorial;  // Product ids, in the merchant's order.
  double record_share = 1;  // Share of decisions whose records are kept, by hash of the decision id.
};

// In a fixed order; made once.
const std::vector<Placement>& BuiltInPlacements();

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_PLACEMENT_H_
