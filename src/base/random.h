// Random numbers: seeded ones that repeat, and secret ones that must not.
//
// Random is SplitMix64 (Steele, Lea, Flood 2014): one word of state, equal on every machine.  A store draws
// handles and decision ids from a RandomSource, which is the operating system in production and seeded in
// tests.
//
// Thread safety: Random belongs to one thread; RandomSource may be called from any thread.

#ifndef ATTUNE_BASE_RANDOM_H_
#define ATTUNE_BASE_RANDOM_H_

#include <atomic>
#include <cstdint>

namespace attune {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next();
  // Uniform in [0, 1).
  double NextUnit();
  // Uniform in [0, bound).  REQUIRES: bound > 0.
  uint64_t NextBelow(uint64_t bound);
  // Standard normal (Box-Muller; draws two words a call).
  double NextNormal();

 private:
  uint64_t state_;
};

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual uint64_t Next64() = 0;
};

// The operating system's generator, by libsodium: for handles, ids and keys.
class SecureRandomSource final : public RandomSource {
 public:
  SecureRandomSource();
  uint64_t Next64() override;
};

// Repeats from its seed: for tests, and for `attune serve --seed`.
class SeededRandomSource final : public RandomSource {
 public:
  explicit SeededRandomSource(uint64_t seed) : seed_(seed) {}
  uint64_t Next64() override;

 private:
  const uint64_t seed_;
  std::atomic<uint64_t> drawn_{0};
};

}  // namespace attune

#endif  // ATTUNE_BASE_RANDOM_H_
