#include "models/exact_neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "base/status.h"
#include "models/als_scan.h"
#include "models/als_solver.h"

namespace attune::models {
namespace {

// The bounds themselves are rounded; a hundredth covers that.
constexpr float kBoundSlack = 1.01f;

// Rows between two looks at whether the scan may stop.
constexpr size_t kBlockRows = 512;

float SumOfMagnitudes(std::span<const float> values) {
  float sum = 0;
  for (const float value : values) sum += std::abs(value);
  return sum;
}

float NormOf(std::span<const float> vector) {
  return std::sqrt(DotProduct(vector.data(), vector.data(), vector.size()));
}

// The `count` largest of the numbers offered: a heap, the smallest of them in front.
class LargestBounds {
 public:
  explicit LargestBounds(size_t count) : count_(count) {}
  void Offer(float bound) {
    if (heap_.size() == count_) {
      if (bound <= heap_.front()) return;
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      heap_.pop_back();
    }
    heap_.push_back(bound);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  // The least of the largest; below everything while there are fewer than `count`.
  float least() const { return heap_.size() == count_ ? heap_.front() : -INFINITY; }

 private:
  const size_t count_;
  std::vector<float> heap_;
};

}  // namespace

bool IsNearer(const VectorTable& table, const NearRow& a, const NearRow& b) {
  if (a.similarity != b.similarity) return a.similarity > b.similarity;
  const uint32_t hash_a = table.tie_hashes[a.row];
  const uint32_t hash_b = table.tie_hashes[b.row];
  return hash_a != hash_b ? hash_a < hash_b : a.row < b.row;
}

float InverseNorm(std::span<const float> vector) {
  const float square = DotProduct(vector.data(), vector.data(), vector.size());
  return square > 0 ? 1 / std::sqrt(square) : 0;
}

ExactNeighbours::ExactNeighbours(std::shared_ptr<const VectorTable> table, Similarity similarity)
    : table_(std::move(table)), similarity_(similarity), rows_(Layout(*table_, similarity)) {
  const size_t width = PaddedCodeWidth(table_->dimensions);
  CHECK(table_->dimensions % 8 == 0 && table_->dimensions <= kVectorDimensionsMax);
  CHECK(table_->values.size() == rows_.size() * table_->dimensions);
  codes_.assign(rows_.size() * width, 0);
  scales_.resize(rows_.size());
  half_sums_.resize(rows_.size());
  norms_.resize(rows_.size());
  for (size_t place = 0; place < rows_.size(); ++place) {
    const std::span<const float> values = table_->Row(rows_[place]);
    norms_[place] = NormOf(values);
    const float factor = similarity_ == Similarity::kCosine ? InverseNorm(values) : 1;
    scales_[place] = factor * Encode(values, std::span(codes_).subspan(place * width, width));
    half_sums_[place] = factor * SumOfMagnitudes(values) / 2;
  }
}

std::vector<uint32_t> ExactNeighbours::Layout(const VectorTable& table, Similarity similarity) {
  std::vector<uint32_t> rows(table.row_count());
  std::iota(rows.begin(), rows.end(), 0u);
  if (similarity == Similarity::kCosine) return rows;
  std::vector<float> norms(rows.size());
  for (const uint32_t row : rows) norms[row] = NormOf(table.Row(row));
  std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
    return norms[a] != norms[b] ? norms[a] > norms[b] : a < b;
  });
  return rows;
}

void ExactNeighbours::Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const {
  static thread_local std::vector<float> scores;
  CHECK(query.size() == table_->dimensions);
  out.clear();
  std::array<int8_t, kVectorDimensionsMax> codes{};
  const std::span<int8_t> query_codes(codes.data(), PaddedCodeWidth(query.size()));
  const float query_scale = Encode(query, query_codes);
  if (limit == 0 || query_scale == 0) return;
  const float query_norm = NormOf(query) / query_scale;  // Scores and bounds are over the query's scale, too.
  float half_code_sum = 0;
  for (const int8_t code : query_codes) half_code_sum += std::abs(static_cast<float>(code)) / 2;
  const auto error = [&](size_t place) {
    return kBoundSlack * (half_sums_[place] + scales_[place] * half_code_sum);
  };
  scores.resize(rows_.size());
  LargestBounds lower_bounds(limit);
  size_t seen = 0;
  while (seen < rows_.size()) {
    const bool can_stop = similarity_ == Similarity::kInnerProduct &&
                          kBoundSlack * query_norm * norms_[seen] < lower_bounds.least();
    if (can_stop) break;
    const size_t count = std::min(kBlockRows, rows_.size() - seen);
    const std::span<float> block = std::span(scores).subspan(seen, count);
    Scan(std::span(codes_).subspan(seen * query_codes.size(), count * query_codes.size()),
         std::span(scales_).subspan(seen, count), query_codes, block);
    for (size_t i = 0; i < count; ++i) lower_bounds.Offer(block[i] - error(seen + i));
    seen += count;
  }
  const float bound = lower_bounds.least();
  const float query_factor = similarity_ == Similarity::kCosine ? InverseNorm(query) : 1;
  for (size_t place = 0; place < seen; ++place) {
    if (scores[place] + error(place) < bound) continue;
    const std::span<const float> row = table_->Row(rows_[place]);
    const float product = DotProduct(query.data(), row.data(), query.size());
    const float row_factor = similarity_ == Similarity::kCosine ? InverseNorm(row) : 1;
    out.push_back({rows_[place], product * query_factor * row_factor});
  }
  const auto is_nearer = [&](const NearRow& a, const NearRow& b) { return IsNearer(*table_, a, b); };
  if (limit < out.size()) {
    std::nth_element(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(limit), out.end(), is_nearer);
    out.resize(limit);
  }
  std::sort(out.begin(), out.end(), is_nearer);
}

size_t ExactNeighbours::memory_bytes() const {
  return codes_.size() + (scales_.size() + half_sums_.size() + norms_.size()) * sizeof(float) +
         rows_.size() * sizeof(uint32_t);
}

}  // namespace attune::models
