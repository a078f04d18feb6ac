// The placements of a store at one moment: the built-in ones, changed and joined by configuration.
//
// Thread safety: immutable; Put() and Delete() give a new set.

#ifndef ATTUNE_DECISIONS_PLACEMENT_SET_H_
#define ATTUNE_DECISIONS_PLACEMENT_SET_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "decisions/placement.h"

namespace attune::decisions {

class PlacementSet {
 public:
  // Only the built-in ones.
  PlacementSet();

  // Null for an unknown id.
  const Placement* Find(std::string_view id) const;
  // In the order of their ids.
  std::vector<const Placement*> All() const;
  // The known id closest to a wrong one; empty when none is close.
  std::string Suggest(std::string_view wrong) const;

  // Fails with kResourceExhausted at kPlacementsMax.
  Result<std::shared_ptr<const PlacementSet>> Put(Placement placement) const;
  // A deleted built-in one is as it was built in.
  std::shared_ptr<const PlacementSet> Delete(std::string_view id) const;

 private:
  std::map<std::string, std::shared_ptr<const Placement>, std::less<>> placements_;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_PLACEMENT_SET_H_
