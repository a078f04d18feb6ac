#include "server/shopper_expiry.h"

#include "features/fold_event.h"
#include "features/profile_record.h"

namespace attune::server {

bool IsIdleShopper(const events::IdentityState& identity, const features::ShopperProfile& profile,
                   int64_t now_ms, const features::FeatureSettings& settings) {
  if (identity.kind != events::IdentityKind::kAnonymous || identity.owner != ShopperHandle()) return false;
  if (profile.last_received_ms != 0) return features::IsExpired(profile, now_ms, settings);
  // No visit on record.  With a choice on record there is nothing left to forget.
  if (identity.consent || profile.is_customer || profile.order_count > 0) return false;
  return settings.anonymous_expiry_ms > 0 && now_ms - identity.made_at_ms > settings.anonymous_expiry_ms;
}

Result<std::vector<ShopperHandle>> ExpirySweep::Step(int64_t now_ms) {
  std::vector<ShopperHandle> idle;
  const features::FeatureSettings settings = state_->feature_settings();
  if (settings.anonymous_expiry_ms <= 0 || now_ms < resumes_at_ms_) return idle;
  Status read;
  const auto look = [&](ShopperHandle shopper, const events::IdentityState& identity) {
    // By the bytes on disk, so that a sweep does not push busy profiles out of the cache.  What is newer in
    // memory is asked by the command.
    const auto stored = engine_->Get(storage::Column::kProfiles, storage::OrderedKey(shopper.value()));
    if (!stored.ok()) {
      read = stored.status();
      return;
    }
    features::ShopperProfile profile;
    if (*stored) {
      auto decoded = features::DecodeProfile(shopper, **stored, settings);
      if (!decoded.ok()) return;  // Damaged: left for the next event or a rebuild.
      profile = std::move(decoded).value();
    }
    if (IsIdleShopper(identity, profile, now_ms, settings)) idle.push_back(shopper);
  };
  ASSIGN_OR_RETURN(const auto last, state_->identities().VisitSaved(cursor_, kExpiryStepShoppers, look));
  RETURN_IF_ERROR(read);
  cursor_ = last.value_or(ShopperHandle());
  if (!last) resumes_at_ms_ = now_ms + kExpiryRoundPauseMs;
  return idle;
}

}  // namespace attune::server
