#include "features/preferences.h"

#include <algorithm>
#include <tuple>

#include "features/decayed_value.h"
#include "features/limits.h"

namespace attune::features {
namespace {

bool IsBefore(const Preference& a, const Preference& b) {
  return a.kind != b.kind ? a.kind < b.kind : a.value < b.value;
}

void Put(const Preference& said, std::vector<Preference>& preferences) {
  const auto place = std::lower_bound(preferences.begin(), preferences.end(), said, IsBefore);
  if (place == preferences.end() || IsBefore(said, *place)) {
    preferences.insert(place, said);
    return;
  }
  const bool is_later = said.declared_at_ms > place->declared_at_ms ||
                        (said.declared_at_ms == place->declared_at_ms && said.permille < place->permille);
  if (is_later) *place = said;
}

// The oldest leave; of equal times the last by kind and value.
void HoldBound(std::vector<Preference>& preferences) {
  while (preferences.size() > kPreferencesMax) {
    auto oldest = preferences.begin();
    for (auto it = preferences.begin(); it != preferences.end(); ++it) {
      if (it->declared_at_ms <= oldest->declared_at_ms) oldest = it;
    }
    preferences.erase(oldest);
  }
}

}  // namespace

void AddPreferences(const events::Event& event, std::vector<Preference>& preferences) {
  for (const events::DeclaredPreference& said : event.preferences) {
    if (said.value.empty() || said.value.size() > kAffinityValueBytesMax) continue;
    Put({static_cast<Affinity::Kind>(said.kind), said.value, said.permille, event.occurred_at_ms},
        preferences);
  }
  HoldBound(preferences);
}

void MergePreferences(const std::vector<Preference>& from, std::vector<Preference>& preferences) {
  for (const Preference& said : from) Put(said, preferences);
  HoldBound(preferences);
}

std::vector<PreferenceStrength> StrongestPreferences(const std::vector<Preference>& preferences,
                                                     int64_t now_ms, const FeatureSettings& settings) {
  std::vector<PreferenceStrength> strongest;
  for (const Preference& said : preferences) {
    if (said.permille == 0) continue;
    const double fading = DecayFactor(now_ms - said.declared_at_ms, settings.preference_half_life_ms);
    strongest.push_back({said.kind, said.value, kPreferenceWeight * said.permille / 1000.0 * fading});
  }
  std::sort(strongest.begin(), strongest.end(), [](const PreferenceStrength& a, const PreferenceStrength& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    return std::tie(a.kind, a.value) < std::tie(b.kind, b.value);
  });
  return strongest;
}

}  // namespace attune::features
