// Latencies, counted in buckets of constant relative width (1.6 %), so that a p99.9 costs no sorting and no
// list.
//
// Units: microseconds.  Thread safety: one thread at a time.

#ifndef ATTUNE_BENCH_LOAD_LATENCY_HISTOGRAM_H_
#define ATTUNE_BENCH_LOAD_LATENCY_HISTOGRAM_H_

#include <array>
#include <cstdint>

namespace attune::bench {

class LatencyHistogram {
 public:
  void Add(int64_t micros);
  // The upper edge of the bucket below which `share` (0..1) of the latencies lie; 0 when there is none.
  int64_t Percentile(double share) const;
  int64_t max_micros() const { return max_micros_; }
  uint64_t count() const { return count_; }

 private:
  static constexpr int kBucketsPerOctave = 44;  // 2^(1/44) = 1.6 %.
  static constexpr int kOctaves = 30;           // Up to 18 minutes.
  std::array<uint64_t, kBucketsPerOctave * kOctaves> buckets_{};
  uint64_t count_ = 0;
  int64_t max_micros_ = 0;
};

}  // namespace attune::bench

#endif  // ATTUNE_BENCH_LOAD_LATENCY_HISTOGRAM_H_
