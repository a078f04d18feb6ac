// When a service that failed is asked again.
//
//   busy (no answer, 429, 5xx)   after 1 s, 2 s, 4 s, ... 15 min, or when the service says, an hour at most
//   anything else                after 15 min
//
// Thread safety: one thread at a time.

#ifndef ATTUNE_SERVER_SERVICE_BACKOFF_H_
#define ATTUNE_SERVER_SERVICE_BACKOFF_H_

#include <cstdint>

#include "base/clock.h"
#include "server/service_request.h"

namespace attune::server {

inline constexpr int64_t kServiceRetryMinMs = kSecondMs;
inline constexpr int64_t kServiceRetryMaxMs = 15 * kMinuteMs;
// What a service may ask to wait (Retry-After).
inline constexpr int64_t kServiceWaitMaxMs = kHourMs;

class ServiceBackoff {
 public:
  bool MayAsk(int64_t now_ms) const { return now_ms >= not_before_ms_; }
  void NoteFailure(ServiceFault fault, int64_t retry_after_ms, int64_t now_ms);
  void NoteAnswer() { backoff_ms_ = 0; }

 private:
  int64_t not_before_ms_ = 0;
  int64_t backoff_ms_ = 0;
};

}  // namespace attune::server

#endif  // ATTUNE_SERVER_SERVICE_BACKOFF_H_
