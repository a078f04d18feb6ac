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

inline void PrefetchBetween(const void* begin, const void* end) {
  constexpr ptrdiff_t kCacheLineBytes = 64;
  const char* const last = static_cast<const char*>(end);
  for (const char* at = static_cast<const char*>(begin); at < last; at += kCacheLineBytes) {
    __builtin_prefetch(at);
  }
}

// All of an object.
template <class Object>
void Prefetch(const Object& object) {
  PrefetchBetween(&object, &object + 1);
}

}  // namespace attune

#endif  // ATTUNE_BASE_PREFETCH_H_
