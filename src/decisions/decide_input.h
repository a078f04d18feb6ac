// Everything a decision is a function of.
//
// Thread safety: const references to what the caller pins for the length of one decision.

#ifndef ATTUNE_DECISIONS_DECIDE_INPUT_H_
#define ATTUNE_DECISIONS_DECIDE_INPUT_H_

#include <cstdint>

#include "base/ids.h"
#include "catalog/catalog_view.h"
#include "decisions/placement.h"
#include "decisions/resolved_request.h"
#include "decisions/rule.h"
#include "decisions/store_view.h"
#include "features/shopper_profile.h"

namespace attune::decisions {

struct DecideInput {
  const ResolvedRequest& request;
  const StoreView& view;
  const Placement& placement;
  const features::ShopperProfile* profile;  // Null: contextual only.
  const catalog::CatalogView& catalog;
  int64_t now_ms = 0;
  uint64_t seed = 0;
  Touchpoint touchpoint = Touchpoint::kRecommendations;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_DECIDE_INPUT_H_
