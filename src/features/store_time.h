// Local time of a store: how far its clocks are from UTC at a given moment, summer time included.
//
//   StoreTime::Load("Europe/Berlin") -> OffsetMs(July) = 2 h, OffsetMs(January) = 1 h
//
// Rules come from the machine's time zone database; "UTC" needs none.
//
// Thread safety: immutable; safe from any thread.

#ifndef ATTUNE_FEATURES_STORE_TIME_H_
#define ATTUNE_FEATURES_STORE_TIME_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "base/status.h"

namespace attune::features {

class StoreTime {
 public:
  StoreTime() : zone_(absl::UTCTimeZone()) {}

  // Fails with kInvalidArgument (field "time_zone") for a name the database does not know.
  static Result<StoreTime> Load(const std::string& zone_name);

  // Local time minus UTC at `utc_ms`.
  int64_t OffsetMs(int64_t utc_ms) const;

 private:
  explicit StoreTime(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
};

}  // namespace attune::features

#endif  // ATTUNE_FEATURES_STORE_TIME_H_
