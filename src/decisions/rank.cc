#include "decisions/rank.h"

#include <cmath>
#include <optional>
#include <utility>

namespace attune::decisions {
namespace {

// Null: the blend is the order.
const models::Ranker* RankerFor(const DecideInput& input) {
  const models::Ranker* const ranker = input.view.sources->ranker();
  const Placement& placement = input.placement;
  if (ranker == nullptr || !ranker->Serves(placement.id, IsAboutPage(placement), placement.objective)) {
    return nullptr;
  }
  return ranker;
}

// Brings fused.products into the order of the ranker, each with what the sources gave to it.
void Reorder(const models::RankedOrder& ranked, DecisionTrace& trace) {
  models::FusionResult ordered;
  ordered.part_count = trace.fused.part_count;
  ordered.products.reserve(trace.fused.products.size());
  ordered.contributions.reserve(trace.fused.contributions.size());
  const auto take = [&](size_t place) {
    ordered.products.push_back(trace.fused.products[place]);
    const std::span<const float> parts = trace.fused.ContributionsOf(place);
    ordered.contributions.insert(ordered.contributions.end(), parts.begin(), parts.end());
  };
  for (size_t i = 0; i < ranked.order.size(); ++i) {
    take(ranked.order[i]);
    ordered.products.back().score = ranked.values[i];
  }
  const double last = ranked.values.empty() ? 1 : ranked.values.back();
  for (size_t i = ranked.order.size(); i < trace.fused.products.size(); ++i) {
    take(i);
    // Below all that was ranked, a loss (profit) included, and still falling.
    double& score = ordered.products.back().score;
    score = last - std::abs(last) * (1 - score);
  }
  trace.fused = std::move(ordered);
}

// Of trace.fused as it was blended, as in training.
models::RankedOrder OrderBy(const models::Ranker& ranker, const DecideInput& input,
                            const DecisionTrace& trace) {
  models::RankerContext context{.recipe = input.placement.recipe,
                                .profile = input.profile,
                                .catalog = &input.catalog,
                                .statistics = *ranker.parts().statistics,
                                .page = {},
                                .cart = input.request.cart,
                                .now_ms = input.now_ms,
                                .base_currency = input.view.settings.base_currency,
                                .settings = input.view.settings.features};
  if (IsAboutPage(input.placement) && !input.request.page_products.empty()) {
    context.page = input.request.page_products.front();
  }
  return ranker.Rank(context, trace.fused, trace.answers, input.placement.objective,
                     input.view.sources->ties());
}

}  // namespace

bool IsAboutPage(const Placement& placement) {
  return placement.seeds.page > 0 && placement.seeds.profile <= 0;
}

bool IsRankerSurface(const Placement& placement) {
  const bool is_asked = IsAboutPage(placement) || placement.seeds.profile > 0;
  return is_asked && placement.row_seed == RowSeed::kNone && !placement.is_within_category;
}

void Rank(const DecideInput& input, DecisionTrace& trace) {
  const models::FusionRecipe& recipe = input.placement.recipe;
  trace.fused = models::Fuse(recipe, trace.answers, input.view.sources->ties());
  std::optional<models::RankedOrder> ranked;
  if (const models::Ranker* const ranker = RankerFor(input)) ranked = OrderBy(*ranker, input, trace);
  double best_possible = 0;
  for (const models::FusionPart& part : recipe.parts) best_possible += part.weight / (recipe.k + 1);
  if (best_possible > 0) {
    for (models::FusedCandidate& fused : trace.fused.products) fused.score /= best_possible;
  }
  if (ranked) {
    Reorder(*ranked, trace);
    trace.ranking = {true, std::move(ranked->features), std::move(ranked->order)};
  }
  trace.ranked.reserve(trace.fused.products.size());
  for (const models::FusedCandidate& fused : trace.fused.products) {
    const uint32_t row = trace.row_of.at(fused.product);
    trace.rows[row].rank = static_cast<uint32_t>(trace.ranked.size());
    trace.ranked.push_back(row);
  }
}

}  // namespace attune::decisions
