// How many requests a key, an address or a store may make: token buckets in a table of fixed size.
//
// A bucket holds up to `burst` tokens and gains `per_second` of them a second; a request takes one.  The
// table is an array of sets of eight: a source that is new to a full set takes the place of the one unseen
// for longest, which by then is most likely full again, so forgetting it gives nothing away.  Memory is fixed
// whatever the number of sources.
//
// Thread safety: all methods from any thread.

#ifndef ATTUNE_HTTP_RATE_LIMITER_H_
#define ATTUNE_HTTP_RATE_LIMITER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "http/limits.h"

namespace attune::http {

struct Rate {
  double per_second = 0;  // 0: no limit.
  double burst = 0;       // At least 1 when there is a limit.

  bool is_unlimited() const { return per_second <= 0; }
};

enum class RateSource : uint8_t { kKey = 1, kAddress = 2, kStore = 3 };

class RateLimiter {
 public:
  RateLimiter(const Clock& clock, size_t sources_max = kRateLimitSourcesMax);

  // 0 when the request may pass, which takes a token; else the whole seconds after which one more will (at
  // least 1).
  int Take(RateSource source, std::string_view name, const Rate& rate);

 private:
  static constexpr size_t kWays = 8;
  static constexpr size_t kLocks = 64;
  struct Bucket {
    uint64_t source_hash = 0;  // 0: unused.
    int64_t updated_us = 0;
    double tokens = 0;
  };

  const Clock& clock_;
  const size_t set_count_;
  std::vector<std::array<Bucket, kWays>> sets_;  // Set i is guarded by locks_[i % kLocks].
  std::array<Mutex, kLocks> locks_;
};

// What stands for an address in the table: itself, or the /64 network of an IPv6 address, which one client
// owns whole.
std::string AddressForRate(std::string_view address);

}  // namespace attune::http

#endif  // ATTUNE_HTTP_RATE_LIMITER_H_
