#include "decisions/placement_set.h"

#include <utility>

namespace attune::decisions {

PlacementSet::PlacementSet() {
  for (const Placement& placement : BuiltInPlacements()) {
    placements_.emplace(placement.id, std::make_shared<const Placement>(placement));
  }
}

const Placement* PlacementSet::Find(std::string_view id) const {
  const auto found = placements_.find(id);
  return found == placements_.end() ? nullptr : found->second.get();
}

std::vector<const Placement*> PlacementSet::All() const {
  std::vector<const Placement*> all;
  for (const auto& [id, placement] : placements_) all.push_back(placement.get());
  return all;
}

std::string PlacementSet::Suggest(std::string_view wrong) const {
  std::vector<std::string_view> names;
  for (const auto& [id, placement] : placements_) names.push_back(id);
  return expressions::ClosestName(wrong, names);
}

Result<std::shared_ptr<const PlacementSet>> PlacementSet::Put(Placement placement) const {
  auto next = std::make_shared<PlacementSet>(*this);
  std::string id = placement.id;
  next->placements_[std::move(id)] = std::make_shared<const Placement>(std::move(placement));
  if (next->placements_.size() > kPlacementsMax) {
    return ResourceExhausted("a store has at most " + std::to_string(kPlacementsMax) + " placements");
  }
  return std::shared_ptr<const PlacementSet>(std::move(next));
}

std::shared_ptr<const PlacementSet> PlacementSet::Delete(std::string_view id) const {
  auto next = std::make_shared<PlacementSet>(*this);
  if (const auto found = next->placements_.find(id); found != next->placements_.end()) {
    next->placements_.erase(found);
  }
  for (const Placement& placement : BuiltInPlacements()) {
    if (placement.id == id) next->placements_[placement.id] = std::make_shared<const Placement>(placement);
  }
  return next;
}

}  // namespace attune::decisions
