#include "models/sparse_accumulator.h"

#include <algorithm>
#include <memory>

#include "base/status.h"

namespace attune::models {
namespace {

// The order of indexes that no catalogue knows.
const ProductTies& TiesOfIndexes() {
  static const std::shared_ptr<const ProductTies> ties = ProductTies::Make(nullptr);
  return *ties;
}

}  // namespace

void SparseAccumulator::Start(uint32_t product_count) {
  if (cells_.size() < product_count) cells_.resize(product_count);
  product_count_ = product_count;
  masked_count_ = 0;
  touched_.clear();
  if (++epoch_ == kMaskedBit) {
    std::fill(cells_.begin(), cells_.end(), Cell{});
    epoch_ = 1;
  }
}

void SparseAccumulator::AddRow(std::span<const Neighbour> row, float factor, uint32_t seed) {
  for (const Neighbour& neighbour : row) Add(neighbour.product, factor * neighbour.weight, seed);
}

void SparseAccumulator::AddScaled(const SparseAccumulator& from, float factor) {
  CHECK(&from != this);
  CHECK(from.product_count_ <= product_count_);
  for (const uint32_t product : from.touched_) {
    const Cell& cell = from.cells_[product];
    Add(product, factor * cell.score, cell.because);
  }
}

double SparseAccumulator::PositiveSum() const {
  double sum = 0;
  for (const uint32_t product : touched_) sum += std::max(static_cast<double>(cells_[product].score), 0.0);
  return sum;
}

void SparseAccumulator::Mask(uint32_t product) {
  if (product >= product_count_ || IsMasked(product)) return;
  Cell& cell = cells_[product];
  if (cell.epoch != epoch_) {
    cell = {0, 0, 0, epoch_};
    touched_.push_back(product);
  }
  cell.epoch |= kMaskedBit;
  ++masked_count_;
}

bool SparseAccumulator::IsMasked(uint32_t product) const {
  return product < product_count_ && cells_[product].epoch == (epoch_ | kMaskedBit);
}

float SparseAccumulator::ScoreOf(uint32_t product) const {
  if (product >= product_count_ || (cells_[product].epoch & ~kMaskedBit) != epoch_) return 0;
  return cells_[product].score;
}

float SparseAccumulator::LargestPartOf(uint32_t product) const {
  if (product >= product_count_ || (cells_[product].epoch & ~kMaskedBit) != epoch_) return 0;
  return cells_[product].largest_part;
}

void SparseAccumulator::Strongest(size_t limit, std::vector<ScoredProduct>& out, const ProductTies* ties) {
  const ProductTies& order = ties != nullptr ? *ties : TiesOfIndexes();
  picked_.clear();
  for (const uint32_t product : touched_) {
    const Cell& cell = cells_[product];
    if (cell.epoch == epoch_ && cell.score > 0) picked_.push_back({product, cell.score, cell.because});
  }
  const auto is_stronger = [&](const ScoredProduct& a, const ScoredProduct& b) {
    return a.score != b.score ? a.score > b.score : order.IsBefore(a.product, b.product);
  };
  // Not partial_sort: its heap is slower once an answer is a tenth of what was touched.
  if (limit < picked_.size()) {
    std::nth_element(picked_.begin(), picked_.begin() + static_cast<std::ptrdiff_t>(limit), picked_.end(),
                     is_stronger);
    picked_.resize(limit);
  }
  std::sort(picked_.begin(), picked_.end(), is_stronger);
  out.insert(out.end(), picked_.begin(), picked_.end());
}

TargetRank SparseAccumulator::RankOf(uint32_t target) const {
  CHECK(target < product_count_);
  CHECK(!IsMasked(target));
  const float target_score = ScoreOf(target);
  TargetRank rank;
  uint64_t seen = 0;  // Products with a score of their own that may be shown, without the target.
  for (const uint32_t product : touched_) {
    const Cell& cell = cells_[product];
    if (cell.epoch != epoch_ || product == target) continue;
    ++seen;
    rank.better += cell.score > target_score;
    rank.tied += cell.score == target_score;
  }
  const uint64_t unseen = uint64_t{product_count_} - masked_count_ - 1 - seen;
  if (target_score < 0) rank.better += unseen;
  if (target_score == 0) rank.tied += unseen;
  return rank;
}

}  // namespace attune::models
