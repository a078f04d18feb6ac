// The bytes of a shopper's profile in Column::kProfiles: about 200 for a visit of five views, under 2 kB for
// a heavy shopper.
//
// Protocol Buffers wire format.  Lists are columns of packed numbers, times are relative to the last visit,
// affinity names share their beginnings with the one before.  Layout and worked example:
// docs/formats/profiles.md.
//
// The handle is the key of the row and not in the record; session.products and cart are built anew.
//
// Invariant: DecodeProfile(EncodeProfile(p)) == p for every profile that the fold makes.
// Thread safety: functions of their arguments.

#ifndef ATTUNE_FEATURES_PROFILE_RECORD_H_
#define ATTUNE_FEATURES_PROFILE_RECORD_H_

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::features {

std::string EncodeProfile(const ShopperProfile& profile);

// Fails with kCorruption when the bytes are not what EncodeProfile writes; fields of a later version are
// skipped.
Result<ShopperProfile> DecodeProfile(ShopperHandle shopper, std::string_view bytes,
                                     const FeatureSettings& settings);

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_PROFILE_RECORD_H_
