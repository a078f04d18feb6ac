// Anonymous shoppers who have not come for long are forgotten: profile, identity record and the keys to it.
//
//   sweep (maintaining thread)   looks at some saved identities at a time, and names those that seem idle
//   ExpireCommand (strand)       appends one kExpired record for each that still is
//   fold                         asks once more, then forgets                   (server/store_state.cc)
//
// What the fold forgets is what a record of the log says, so a replay and a rebuild forget the same ones at
// the same places, whenever and however far a sweep went.  The events stay in the log under a handle that no
// longer leads to anybody.
//
// Kept are customers and browsers linked to one, shoppers with orders, and what an anonymous shopper chose
// about consent (its profile goes, the choice and its handle stay).
//
// Thread safety: IsIdleShopper is a pure function; an ExpirySweep belongs to one thread.

#ifndef ATTUNE_SERVER_SHOPPER_EXPIRY_H_
#define ATTUNE_SERVER_SHOPPER_EXPIRY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "events/identity_record.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"
#include "server/store_state.h"

namespace attune::server {

// Identities looked at in one step: half a millisecond, most of it reads, so that requests hardly wait; two
// steps a second are 17 million a day.
inline constexpr size_t kExpiryStepShoppers = 100;
// Pause between two rounds over all identities.  Retention is counted in days.
inline constexpr int64_t kExpiryRoundPauseMs = kHourMs;

// Silent for longer than settings.anonymous_expiry_ms, and with something to forget.  Who has no profile is
// silent since its handle was made.
bool IsIdleShopper(const events::IdentityState& identity, const features::ShopperProfile& profile,
                   int64_t now_ms, const features::FeatureSettings& settings);

class ExpirySweep {
 public:
  // Both must outlive the sweep.
  ExpirySweep(const StoreState* state, const storage::StorageEngine* engine)
      : state_(state), engine_(engine) {}

  // The next step: shoppers that seem idle.  Empty in the pause between rounds, and when nothing expires.
  Result<std::vector<ShopperHandle>> Step(int64_t now_ms);

 private:
  const StoreState* const state_;
  const storage::StorageEngine* const engine_;
  ShopperHandle cursor_;       // The last one looked at; 0: a round begins.
  int64_t resumes_at_ms_ = 0;  // No step before.
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SHOPPER_EXPIRY_H_
