#include "http/rate_limiter.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "base/hash.h"

namespace attune::http {
namespace {

constexpr int kRetryAfterSecondsMax = 3'600;

}  // namespace

RateLimiter::RateLimiter(const Clock& clock, size_t sources_max)
    : clock_(clock), set_count_(std::max<size_t>(1, sources_max / kWays)), sets_(set_count_) {}

int RateLimiter::Take(RateSource source, std::string_view name, const Rate& rate) {
  if (rate.is_unlimited()) return 0;
  const uint64_t hash = StableHash64(name, static_cast<uint64_t>(source)) | 1;
  const size_t set_index = static_cast<size_t>((hash >> 1) % set_count_);
  const int64_t now_us = clock_.SteadyMicros();
  const double burst = std::max(1.0, rate.burst);
  MutexLock lock(locks_[set_index % kLocks]);
  std::array<Bucket, kWays>& set = sets_[set_index];
  Bucket* bucket = &set[0];
  for (Bucket& candidate : set) {
    if (candidate.source_hash == hash) {
      bucket = &candidate;
      break;
    }
    const bool is_older = candidate.source_hash == 0 || candidate.updated_us < bucket->updated_us;
    if (bucket->source_hash != 0 && is_older) bucket = &candidate;
  }
  if (bucket->source_hash != hash) *bucket = {hash, now_us, burst};
  const double gained =
      static_cast<double>(std::max<int64_t>(0, now_us - bucket->updated_us)) / 1e6 * rate.per_second;
  bucket->tokens = std::min(burst, bucket->tokens + gained);
  bucket->updated_us = now_us;
  if (bucket->tokens >= 1) {
    bucket->tokens -= 1;
    return 0;
  }
  const double wait_seconds = std::ceil((1 - bucket->tokens) / rate.per_second);
  return static_cast<int>(std::clamp(wait_seconds, 1.0, static_cast<double>(kRetryAfterSecondsMax)));
}

std::string AddressForRate(std::string_view address) {
  std::string text(address);
  if (address.find(':') == std::string_view::npos) return text;
  std::array<char, sizeof(in6_addr)> bytes;
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  return std::string(bytes.data(), 8);
}

}  // namespace attune::http
