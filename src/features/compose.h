// A person seen through all of its handles: the profiles of its browsers and of its customer account, as one.
//
//   Compose({phone, laptop, customer}): counts and weights add up, lists merge by time, the session is the
//   latest one, a product in two carts is there once
//
// The profiles themselves do not change, so a link can be undone.  Compose of one profile is that profile.
//
// Two handles of one person may report the same cart (before and after a login), so quantities of the same
// line are not added: the larger one counts.  The latest word on consent counts for the person.
//
// Thread safety: function of its arguments.

#ifndef ATTUNE_FEATURES_COMPOSE_H_
#define ATTUNE_FEATURES_COMPOSE_H_

#include <span>

#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::features {

// The handle is that of the first; apart from it the order of the profiles does not matter.  An empty span
// gives an empty profile.  cart_history is not merged (it belongs to one handle); `cart` is, as of the latest
// cart change.
ShopperProfile Compose(std::span<const ShopperProfile> profiles, const FeatureSettings& settings = {});

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_COMPOSE_H_
