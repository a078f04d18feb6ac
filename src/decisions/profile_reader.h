// Where a decision gets the shopper from: the profiles of all handles of one person, seen as one.
//
// Thread safety: safe from any thread.

#ifndef ATTUNE_DECISIONS_PROFILE_READER_H_
#define ATTUNE_DECISIONS_PROFILE_READER_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "features/feature_settings.h"
#include "features/shopper_profile.h"

namespace attune::decisions {

struct ProfileReading {
  std::vector<ShopperHandle> handles;  // Empty: nobody known under these names.
  features::ShopperProfile profile;    // Composed of the handles' profiles.
  Sequence sequence;                   // The largest last_sequence of them, read twice until stable.
  // What those named chose about personalisation, the stricter of several; nothing when nobody chose.
  std::optional<bool> personalization;
};

// When, and under which settings, a profile is looked at: what is older than they allow reads as empty.
struct ProfileMoment {
  int64_t now_ms = 0;
  const features::FeatureSettings& settings;
};

class ProfileReader {
 public:
  virtual ~ProfileReader() = default;
  // An unknown shopper is an empty reading, not an error.
  virtual Result<ProfileReading> Read(std::string_view anonymous_id, std::string_view customer_id,
                                      const ProfileMoment& moment) const = 0;
};

}  // namespace attune::decisions

#endif  // ATTUNE_DECISIONS_PROFILE_READER_H_
