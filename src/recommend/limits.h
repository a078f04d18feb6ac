// The bounds of a recommendation request; those of a decision are in decisions/limits.h.

#ifndef ATTUNE_RECOMMEND_LIMITS_H_
#define ATTUNE_RECOMMEND_LIMITS_H_

#include <cstddef>

namespace attune::recommend {

// Bytes of a request body: two hundred ids of each kind and a filter fit several times.
inline constexpr size_t kRequestBytesMax = 256 * 1024;
// Bytes of the page address and of the referrer; what is longer is cut off, since nothing depends on it.
inline constexpr size_t kAddressBytesMax = 2048;

}  // namespace attune::recommend

#endif  // ATTUNE_RECOMMEND_LIMITS_H_
