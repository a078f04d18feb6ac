// What a shopper said of itself: quiz answers, favourite brands, sizes.
//
//   preferences_declared {"brands":["Lumo"],"attributes":{"colour":"black"}}
//     => (brand, "Lumo", 1), (attribute, "colour=black", 1)
//
// Kept apart from the affinities that are counted from behaviour: a word weighs more than a click, holds
// longer (FeatureSettings::preference_half_life_ms), is replaced by the next word about the same value, and
// can be taken back (strength 0).  At time t a preference weighs
//
//   kPreferenceWeight * strength * 2^(-(t - declared_at) / half_life)
//
// in the unit of affinities (features/event_weights.h), so both add up.
//
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_PREFERENCES_H_
#define ATTUNE_FEATURES_PREFERENCES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "events/event.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::features {

// As much as three purchases of such a product: one answer outweighs some browsing, not a habit.
inline constexpr double kPreferenceWeight = 24;

// Takes the words of a kPreferencesDeclared event.  The latest about a value counts; of two of the same
// millisecond the weaker one.  At most kPreferencesMax are held, the oldest leave.
void AddPreferences(const events::Event& event, std::vector<Preference>& preferences);

// Joins what another handle of the same person said.
void MergePreferences(const std::vector<Preference>& from, std::vector<Preference>& preferences);

struct PreferenceStrength {
  Affinity::Kind kind = Affinity::Kind::kCategory;
  std::string_view value;  // Lives as long as the profile.
  double weight = 0;
};

// Those that are not taken back as of `now_ms`, strongest first (ties: by kind and value).
std::vector<PreferenceStrength> StrongestPreferences(const std::vector<Preference>& preferences,
                                                     int64_t now_ms, const FeatureSettings& settings);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PREFERENCES_H_
