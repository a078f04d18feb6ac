#include "server/ranker_options_of.h"

#include <utility>

#include "decisions/rank.h"

namespace attune::server {

std::optional<models::RankerOptions> RankerOptionsOf(const StoreState& state,
                                                     std::shared_ptr<const models::Ranker> previous) {
  const auto documents = state.documents_view();
  models::RankerOptions options;
  options.surfaces.clear();
  for (const decisions::Placement* placement : documents->placements->All()) {
    if (placement->objective == models::RankObjective::kBlend) continue;
    if (!decisions::IsRankerSurface(*placement)) continue;
    if (options.surfaces.size() == kRankerSurfacesMax) break;
    options.surfaces.push_back({placement->id, placement->recipe, decisions::IsAboutPage(*placement)});
  }
  if (options.surfaces.empty()) return std::nullopt;
  options.previous = std::move(previous);
  options.features = FeatureSettingsOf(documents->settings);
  options.base_currency = documents->settings.base_currency;
  return options;
}

}  // namespace attune::server
