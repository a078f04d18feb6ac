// When does a kEventIds entry count as absent?
//
//   expired  <=>  received_at_ms + window_ms <= now_ms
//
// The value of an entry begins with its received_at_ms (TimeValue).  A value too short to hold a time never
// expires: it was not written by us, and keeping it is the harmless error.
//
// Thread safety: pure functions.

#ifndef ATTUNE_STORAGE_EVENT_ID_EXPIRY_H_
#define ATTUNE_STORAGE_EVENT_ID_EXPIRY_H_

#include <cstdint>
#include <string_view>

#include "storage/storage_engine.h"

namespace attune::storage {

inline bool IsExpiredEventId(std::string_view value, int64_t window_ms, int64_t now_ms) {
  if (value.size() < 8) return false;
  const auto received_at_ms = static_cast<int64_t>(NumberFromOrderedKey(value));
  return received_at_ms <= now_ms - window_ms;
}

}  // namespace attune::storage

#endif  // ATTUNE_STORAGE_EVENT_ID_EXPIRY_H_
