#include "decisions/rank.h"

namespace attune::decisions {

void Rank(const DecideInput& input, DecisionTrace& trace) {
  const models::FusionRecipe& recipe = input.placement.recipe;
  trace.fused = models::Fuse(recipe, trace.answers, input.view.sources->ties());
  double best_possible = 0;
  for (const models::FusionPart& part : recipe.parts) best_possible += part.weight / (recipe.k + 1);
  trace.ranked.reserve(trace.fused.products.size());
  for (models::FusedCandidate& fused : trace.fused.products) {
    if (best_possible > 0) fused.score /= best_possible;
    const uint32_t row = trace.row_of.at(fused.product);
    trace.rows[row].rank = static_cast<uint32_t>(trace.ranked.size());
    trace.ranked.push_back(row);
  }
}

}  // namespace attune::decisions
