#include "features/store_time.h"

#include "base/clock.h"

namespace attune::features {

Result<StoreTime> StoreTime::Load(const std::string& zone_name) {
  absl::TimeZone zone;
  if (zone_name.empty() || !absl::LoadTimeZone(zone_name.c_str(), &zone)) {
    return InvalidArgument("unknown time zone: " + zone_name, "time_zone");
  }
  return StoreTime(zone);
}

int64_t StoreTime::OffsetMs(int64_t utc_ms) const {
  return int64_t{zone_.At(absl::FromUnixMillis(utc_ms)).offset} * kSecondMs;
}

}  // namespace attune::features
