#include "decisions/shopper_reading.h"

#include <utility>

#include "base/status.h"
#include "decisions/decide.h"

namespace attune::decisions {

std::optional<ProfileReading> ReadShopper(const ProfileReader& profiles, const DecisionRequest& request,
                                          const StoreSettings& settings, int64_t now_ms,
                                          std::vector<std::string>& degraded) {
  if (request.anonymous_id.empty() && request.customer_id.empty()) return std::nullopt;
  if (request.personalization_consent == std::optional<bool>(false)) return std::nullopt;
  Result<ProfileReading> reading = profiles.Read(request.anonymous_id, request.customer_id,
                                                 {.now_ms = now_ms, .settings = settings.features});
  if (!reading.ok()) {
    degraded.emplace_back("shopper_unavailable");
    return std::nullopt;
  }
  if (reading->handles.empty()) return std::nullopt;
  const features::ShopperProfile& profile = reading->profile;
  std::optional<bool> recorded = reading->personalization;
  if (!recorded && profile.has_consent_record) recorded = profile.consent.personalization;
  if (!MayPersonalize(settings, request.personalization_consent, recorded, request.context.market)) {
    return std::nullopt;
  }
  return std::move(reading).value();
}

}  // namespace attune::decisions
