#include "base/random.h"

#include <sodium.h>

#include <cmath>
#include <numbers>

#include "base/hash.h"
#include "base/status.h"

namespace attune {

uint64_t Random::Next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double Random::NextUnit() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

uint64_t Random::NextBelow(uint64_t bound) {
  CHECK(bound > 0);
  const uint64_t usable = UINT64_MAX - UINT64_MAX % bound;  // Rejection keeps it exactly uniform.
  uint64_t word = Next();
  while (word >= usable) word = Next();
  return word % bound;
}

double Random::NextNormal() {
  const double u = 1.0 - NextUnit();  // (0, 1]: the logarithm is finite.
  const double v = NextUnit();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

SecureRandomSource::SecureRandomSource() { CHECK(sodium_init() >= 0); }

uint64_t SecureRandomSource::Next64() {
  uint64_t word = 0;
  randombytes_buf(&word, sizeof(word));
  return word;
}

uint64_t SeededRandomSource::Next64() {
  return MixHash64(seed_, drawn_.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace attune
