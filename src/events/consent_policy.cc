#include "events/consent_policy.h"

namespace attune::events {

Consent ConsentDefaults::For(std::string_view market) const {
  const auto found = markets.find(market);
  const bool is_granted = (found != markets.end() ? found->second : store) == ConsentDefault::kGranted;
  return {is_granted, is_granted};
}

Consent ResolveConsent(const ConsentDefaults& defaults, std::string_view market,
                       std::span<const std::optional<Consent>> recorded, const StatedConsent& stated) {
  Consent consent = defaults.For(market);
  bool has_record = false;
  for (const std::optional<Consent>& record : recorded) {
    if (!record) continue;
    consent = has_record ? Consent{consent.analytics && record->analytics,
                                   consent.personalization && record->personalization}
                         : *record;
    has_record = true;
  }
  if (stated.analytics) consent.analytics = *stated.analytics;
  if (stated.personalization) consent.personalization = *stated.personalization;
  return consent;
}

std::optional<Consent> ConsentToRecord(const std::optional<Consent>& recorded, const Consent& fallback,
                                       const StatedConsent& stated) {
  if (!stated.is_stated()) return std::nullopt;
  const Consent before = recorded.value_or(fallback);
  const Consent after = {stated.analytics.value_or(before.analytics),
                         stated.personalization.value_or(before.personalization)};
  if (after == before) return std::nullopt;
  return after;
}

void StripIdentity(Event& event) {
  event.id.clear();
  event.shopper = ShopperHandle();
  event.decision = DecisionId();
  for (EventLine& line : event.lines) line.decision = DecisionId();
  event.query.clear();
  event.page_url.clear();
  event.referrer.clear();
  event.traits_json.clear();
  event.preferences.clear();
}

}  // namespace attune::events
