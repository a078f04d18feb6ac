// How a store's ranker is trained: on which placements, in which currency, after which ranker.
//
// Surfaces are the store's placements that name an objective and that training can ask
// (decisions::IsRankerSurface), as they are configured now; at most kRankerSurfacesMax, in the order of their
// ids.
//
// Thread safety: pure function of what the state publishes.

#ifndef ATTUNE_SERVER_RANKER_OPTIONS_OF_H_
#define ATTUNE_SERVER_RANKER_OPTIONS_OF_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "models/ranker.h"
#include "models/ranker_options.h"
#include "server/store_state.h"

namespace attune::server {

// Each surface needs held-out lists of its own, and there are some thousand in all.
inline constexpr size_t kRankerSurfacesMax = 8;

// Nothing when no such placement of the store names an objective.
std::optional<models::RankerOptions> RankerOptionsOf(const StoreState& state,
                                                     std::shared_ptr<const models::Ranker> previous);

}  // namespace attune::server

#endif  // ATTUNE_SERVER_RANKER_OPTIONS_OF_H_
