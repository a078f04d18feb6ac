#include "load/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace attune::bench {

void LatencyHistogram::Add(int64_t micros) {
  const double octaves = std::log2(static_cast<double>(std::max<int64_t>(micros, 1)));
  const auto bucket = static_cast<size_t>(octaves * kBucketsPerOctave);
  ++buckets_[std::min(bucket, buckets_.size() - 1)];
  ++count_;
  max_micros_ = std::max(max_micros_, micros);
}

int64_t LatencyHistogram::Percentile(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) {
      const auto edge = static_cast<int64_t>(std::exp2(static_cast<double>(i + 1) / kBucketsPerOctave));
      return std::min(edge, max_micros_);
    }
  }
  return max_micros_;
}

}  // namespace attune::bench
