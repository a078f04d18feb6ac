// Tells the processor which memory is needed soon, so that it is there when it is.
//
// For loops whose next steps are known and whose data is spread over more than the caches hold: a shop's
// profiles and products.  It never changes a result, and a wrong address costs nothing but the fetch.
//
// Thread safety: any memory, any thread.

#ifndef ATTUNE_BASE_PREFETCH_H_
#define ATTUNE_BASE_PREFETCH_H_

#include <cstddef>

namespace attune {

inline void PrefetchBytes(const void* begin, size_t bytes) {
  constexpr size_t kCacheLineBytes = 64;
  for (size_t at = 0; at < bytes; at += kCacheLineBytes) {
    __builtin_prefetch(static_cast<const char*>(begin) + at);
  }
}

}  // namespace attune

#endif  // ATTUNE_BASE_PREFETCH_H_
