#include "server/service_backoff.h"

#include <algorithm>

namespace attune::server {

void ServiceBackoff::NoteFailure(ServiceFault fault, int64_t retry_after_ms, int64_t now_ms) {
  const int64_t doubled = std::clamp(2 * backoff_ms_, kServiceRetryMinMs, kServiceRetryMaxMs);
  backoff_ms_ = fault == ServiceFault::kBusy ? doubled : kServiceRetryMaxMs;
  not_before_ms_ = now_ms + std::max(backoff_ms_, std::min(retry_after_ms, kServiceWaitMaxMs));
}

}  // namespace attune::server
