// Where time comes from.  Everything that needs the hour takes a Clock, so that a whole store runs in a test
// on a VirtualClock that moves only when told to.
//
// Units: milliseconds since the Unix epoch (UTC); durations that measure work are microseconds of a steady
// clock. Thread safety: all methods may be called from any thread.

#ifndef ATTUNE_BASE_CLOCK_H_
#define ATTUNE_BASE_CLOCK_H_

#include <atomic>
#include <cstdint>

namespace attune {

inline constexpr int64_t kSecondMs = 1000;
inline constexpr int64_t kMinuteMs = 60 * kSecondMs;
inline constexpr int64_t kHourMs = 60 * kMinuteMs;
inline constexpr int64_t kDayMs = 24 * kHourMs;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMs() const = 0;
  // Never goes back; only differences mean anything.
  virtual int64_t SteadyMicros() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t NowMs() const override;
  int64_t SteadyMicros() const override;
};

class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(int64_t now_ms) : now_ms_(now_ms) {}
  int64_t NowMs() const override { return now_ms_.load(std::memory_order_relaxed); }
  // Stands still between Advance() calls, so that took_ms is 0 in golden files.
  int64_t SteadyMicros() const override { return NowMs() * 1000; }
  void Set(int64_t now_ms) { now_ms_.store(now_ms, std::memory_order_relaxed); }
  void Advance(int64_t by_ms) { now_ms_.fetch_add(by_ms, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> now_ms_;
};

}  // namespace attune

#endif  // ATTUNE_BASE_CLOCK_H_
