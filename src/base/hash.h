// Hashes that are part of what we store: the same bytes give the same number in every build, for ever.
//
// StableHash64 is XXH3 (64 bit).  Tie-breaks and seeds use it over external ids, never over arrival order.
// Not for secrets: keyed hashes of identities live in events/identity.h.

#ifndef ATTUNE_BASE_HASH_H_
#define ATTUNE_BASE_HASH_H_

#include <cstdint>
#include <string_view>

namespace attune {

uint64_t StableHash64(std::string_view bytes, uint64_t seed = 0);

// Mixes two numbers into one (the finalizer of SplitMix64 over their combination).
constexpr uint64_t MixHash64(uint64_t a, uint64_t b) {
  uint64_t z = a + 0x9e3779b97f4a7c15ULL * (b + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace attune

#endif  // ATTUNE_BASE_HASH_H_
