// The settings of the feature store, with their units and the reason of each default.
//
// Half-lives shape what is stored: a change applies to what is folded from then on, and `attune rebuild`
// applies it to everything.
//
// Thread safety: value type.

#ifndef ATTUNE_FEATURES_FEATURE_SETTINGS_H_
#define ATTUNE_FEATURES_FEATURE_SETTINGS_H_

#include <cstdint>

#include "base/clock.h"

namespace attune::features {

struct FeatureSettings {
  // After this time an interest counts half.  A month: a season of browsing, not a lifetime.
  int64_t affinity_half_life_ms = 30 * kDayMs;
  // What a shopper declared holds longer than what it clicked: half a year.
  int64_t preference_half_life_ms = 180 * kDayMs;
  // What one is willing to pay moves slower than what one looks for.
  int64_t price_band_half_life_ms = 90 * kDayMs;
  // A pause longer than this starts a new session, as in every analytics tool since 2005.
  int64_t session_idle_ms = 30 * kMinuteMs;
  // A cart untouched for this long is empty.
  int64_t cart_expiry_ms = 30 * kDayMs;
  // Silence after which the profile of an anonymous shopper without orders is dropped; 0: never.
  int64_t anonymous_expiry_ms = 90 * kDayMs;
  // Product features are kept at two half-lives; trend is the short one against the long one.
  int64_t product_short_half_life_ms = 7 * kDayMs;
  int64_t product_long_half_life_ms = 30 * kDayMs;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_FEATURE_SETTINGS_H_
