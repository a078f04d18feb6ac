#include "models/exact_neighbours.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "base/status.h"
#include "models/als_scan.h"
#include "models/als_solver.h"

namespace attune::models {
namespace {

// The bounds themselves are rounded; a hundredth covers that.
constexpr float kBoundSlack = 1.01f;

float SumOfMagnitudes(std::span<const float> values) {
  float sum = 0;
  for (const float value : values) sum += std::abs(value);
  return sum;
}

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
    : table_(std::move(table)), similarity_(similarity) {
  const size_t rows = table_->row_count();
  const size_t width = PaddedCodeWidth(table_->dimensions);
  CHECK(table_->dimensions % 8 == 0 && table_->dimensions <= kVectorDimensionsMax);
  CHECK(table_->values.size() == rows * table_->dimensions);
  codes_.assign(rows * width, 0);
  scales_.resize(rows);
  half_sums_.resize(rows);
  if (similarity_ == Similarity::kCosine) inverse_norms_.resize(rows);
  for (size_t row = 0; row < rows; ++row) {
    const std::span<const float> values = table_->Row(row);
    scales_[row] = Encode(values, std::span(codes_).subspan(row * width, width));
    half_sums_[row] = SumOfMagnitudes(values) / 2;
    if (similarity_ == Similarity::kInnerProduct) continue;
    inverse_norms_[row] = InverseNorm(values);
    scales_[row] *= inverse_norms_[row];
    half_sums_[row] *= inverse_norms_[row];
  }
}

void ExactNeighbours::Find(std::span<const float> query, size_t limit, std::vector<NearRow>& out) const {
  static thread_local std::vector<float> scores;
  static thread_local std::vector<float> largest;
  CHECK(query.size() == table_->dimensions);
  out.clear();
  std::array<int8_t, kVectorDimensionsMax> codes{};
  const std::span<int8_t> query_codes(codes.data(), PaddedCodeWidth(query.size()));
  if (limit == 0 || Encode(query, query_codes) == 0) return;
  scores.resize(scales_.size());
  Scan(codes_, scales_, query_codes, scores);
  float half_code_sum = 0;
  for (const int8_t code : query_codes) half_code_sum += std::abs(static_cast<float>(code)) / 2;
  const auto error = [&](size_t row) {
    return kBoundSlack * (half_sums_[row] + scales_[row] * half_code_sum);
  };
  // The limit-th largest lower bound: a heap of the largest so far, the smallest of them in front.
  largest.clear();
  for (size_t row = 0; row < scores.size(); ++row) {
    const float lower = scores[row] - error(row);
    if (largest.size() == limit) {
      if (lower <= largest.front()) continue;
      std::pop_heap(largest.begin(), largest.end(), std::greater<>());
      largest.pop_back();
    }
    largest.push_back(lower);
    std::push_heap(largest.begin(), largest.end(), std::greater<>());
  }
  const float bound = largest.size() == limit ? largest.front() : -INFINITY;
  const float query_factor = similarity_ == Similarity::kCosine ? InverseNorm(query) : 1;
  for (size_t row = 0; row < scores.size(); ++row) {
    if (scores[row] + error(row) < bound) continue;
    const float product = DotProduct(query.data(), table_->Row(row).data(), query.size());
    const float row_factor = similarity_ == Similarity::kCosine ? inverse_norms_[row] : 1;
    out.push_back({static_cast<uint32_t>(row), product * query_factor * row_factor});
  }
  const size_t kept = std::min(limit, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(kept), out.end(),
                    [&](const NearRow& a, const NearRow& b) { return IsNearer(*table_, a, b); });
  out.resize(kept);
}

size_t ExactNeighbours::memory_bytes() const {
  return codes_.size() + (scales_.size() + half_sums_.size() + inverse_norms_.size()) * sizeof(float);
}

}  // namespace attune::models
