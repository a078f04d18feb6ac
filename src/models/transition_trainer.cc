#include "models/transition_trainer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "models/sequence_limits.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr double kUnitsPerWeight = 4294967296.0;  // 2^32: sums of up to 2^31 whole pairs fit 63 bits.
constexpr size_t kRowBlock = 64;
constexpr uint32_t kWindowMax = 1000;
constexpr uint32_t kCellsPerRowMax = 1'000'000;

// Of evidence that is `age_ms` old.
double Aging(int64_t age_ms, int64_t half_life_ms) {
  if (half_life_ms == 0 || age_ms <= 0) return 1;
  return std::exp2(-static_cast<double>(age_ms) / static_cast<double>(half_life_ms));
}

bool Within(double value, double low, double high) { return value >= low && value <= high; }

Status CheckOptions(const TransitionOptions& options) {
  if (!Within(options.gap, 0.01, 1000)) return InvalidArgument("gap must be 0.01 to 1000", "gap");
  if (!Within(options.reverse, 0, 1)) return InvalidArgument("reverse must be 0 to 1", "reverse");
  if (!Within(options.row_exponent, 0, 1)) return InvalidArgument("exponent must be 0 to 1", "row_exponent");
  if (!Within(options.column_exponent, 0, 1))
    return InvalidArgument("exponent must be 0 to 1", "column_exponent");
  if (options.window_max == 0 || options.window_max > kWindowMax) {
    return InvalidArgument("window must be 1 to 1000 positions", "window_max");
  }
  if (options.half_life_ms < 0) return InvalidArgument("half-life must not be negative", "half_life_ms");
  if (options.neighbours_max == 0 || options.neighbours_max > kNeighboursMax) {
    return InvalidArgument("neighbours must be 1 to 10000", "neighbours_max");
  }
  if (options.cells_per_row_max < options.neighbours_max || options.cells_per_row_max > kCellsPerRowMax) {
    return InvalidArgument("cells must be neighbours_max to 1000000", "cells_per_row_max");
  }
  return {};
}

}  // namespace

// The waiting steps, findable by product.
struct TransitionTrainer::PendingIndex {
  std::vector<uint32_t> sequence_of_step;
  std::vector<double> decay_of_step;
  std::vector<size_t> offsets;  // Steps of product p are steps[offsets[p] .. offsets[p + 1]).
  std::vector<uint32_t> steps;
};

TransitionTrainer::TransitionTrainer(const TransitionOptions& options) : options_(options) {
  for (uint32_t distance = 0; distance < options.window_max; ++distance) {
    gap_weights_.push_back(std::exp(-static_cast<double>(distance) / options.gap));
  }
}

Result<TransitionTrainer> TransitionTrainer::Create(const TransitionOptions& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  return TransitionTrainer(options);
}

Status TransitionTrainer::Add(std::span<const TransitionStep> steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const std::string field = "steps[" + std::to_string(i) + "]";
    if (steps[i].product.value() >= kModelProductsMax)
      return InvalidArgument("product past the limit", field);
    if (i == 0) continue;
    if (steps[i].position < steps[i - 1].position) return InvalidArgument("position goes back", field);
    if (steps[i].at_ms < steps[i - 1].at_ms) return InvalidArgument("time goes back", field);
  }
  if (steps.empty()) return {};
  pending_.insert(pending_.end(), steps.begin(), steps.end());
  pending_ends_.push_back(pending_.size());
  if (pending_.size() >= kPendingStepsMax) Fold(as_of_ms_);
  return {};
}

TransitionTrainer::PendingIndex TransitionTrainer::IndexPending(int64_t as_of_ms) const {
  PendingIndex index;
  index.sequence_of_step.resize(pending_.size());
  index.decay_of_step.resize(pending_.size());
  index.offsets.assign(rows_.size() + 1, 0);
  index.steps.resize(pending_.size());
  for (size_t sequence = 0, step = 0; sequence < pending_ends_.size(); ++sequence) {
    for (; step < pending_ends_[sequence]; ++step) {
      index.sequence_of_step[step] = static_cast<uint32_t>(sequence);
      index.decay_of_step[step] = Aging(as_of_ms - pending_[step].at_ms, options_.half_life_ms);
      ++index.offsets[pending_[step].product.value() + 1];
    }
  }
  for (size_t product = 0; product < rows_.size(); ++product)
    index.offsets[product + 1] += index.offsets[product];
  std::vector<size_t> next(index.offsets.begin(), index.offsets.end() - 1);
  for (size_t step = 0; step < pending_.size(); ++step) {
    index.steps[next[pending_[step].product.value()]++] = static_cast<uint32_t>(step);
  }
  return index;
}

// Counts the waiting pairs that start at `product`.  `sums` is all zeros before and after.
void TransitionTrainer::CountRow(const PendingIndex& index, uint32_t product, std::vector<uint64_t>& sums,
                                 std::vector<uint32_t>& touched, std::vector<Cell>& fresh) const {
  const auto add = [&](size_t other, double weight) {
    const uint32_t to = pending_[other].product.value();
    if (to == product) return;
    const auto units = static_cast<uint64_t>(std::llround(weight * kUnitsPerWeight));
    if (units == 0) return;
    if (sums[to] == 0) touched.push_back(to);
    sums[to] += units;
  };
  for (size_t at = index.offsets[product]; at < index.offsets[product + 1]; ++at) {
    const size_t step = index.steps[at];
    const uint32_t sequence = index.sequence_of_step[step];
    const size_t begin = sequence == 0 ? 0 : pending_ends_[sequence - 1];
    const uint32_t position = pending_[step].position;
    for (size_t later = step + 1; later < pending_ends_[sequence]; ++later) {
      const uint32_t distance = pending_[later].position - position;
      if (distance > options_.window_max) break;
      if (distance > 0) add(later, index.decay_of_step[later] * gap_weights_[distance - 1]);
    }
    for (size_t earlier = step; earlier > begin; --earlier) {
      const uint32_t distance = position - pending_[earlier - 1].position;
      if (distance > options_.window_max) break;
      if (distance > 0) {
        add(earlier - 1, options_.reverse * index.decay_of_step[step] * gap_weights_[distance - 1]);
      }
    }
  }
  std::sort(touched.begin(), touched.end());
  fresh.clear();
  for (const uint32_t to : touched) {
    fresh.push_back({to, static_cast<float>(static_cast<double>(sums[to]) / kUnitsPerWeight)});
    sums[to] = 0;
  }
  touched.clear();
}

void TransitionTrainer::MergeRow(std::span<const Cell> fresh, double aging, Row& row) const {
  if (aging < 1) {
    for (Cell& cell : row.cells) cell.weight = static_cast<float>(static_cast<double>(cell.weight) * aging);
    row.lost *= aging;
  }
  if (fresh.empty()) return;
  std::vector<Cell> merged;
  merged.reserve(row.cells.size() + fresh.size());
  auto old = row.cells.cbegin();
  for (const Cell& cell : fresh) {
    for (; old != row.cells.cend() && old->product < cell.product; ++old) merged.push_back(*old);
    merged.push_back(cell);
    if (old != row.cells.cend() && old->product == cell.product) merged.back().weight += (old++)->weight;
  }
  merged.insert(merged.end(), old, row.cells.cend());
  if (merged.size() > options_.cells_per_row_max) {
    const auto stronger = [](const Cell& a, const Cell& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.product < b.product;
    };
    const auto cut = merged.begin() + static_cast<std::ptrdiff_t>(options_.cells_per_row_max);
    std::nth_element(merged.begin(), cut, merged.end(), stronger);
    row.lost += static_cast<double>(cut->weight);
    merged.erase(cut, merged.end());
    std::sort(merged.begin(), merged.end(), [](auto& a, auto& b) { return a.product < b.product; });
  }
  row.cells.assign(merged.begin(), merged.end());
}

void TransitionTrainer::Fold(int64_t as_of_ms) {
  if (has_folded_) as_of_ms = std::max(as_of_ms, as_of_ms_);
  uint32_t product_end = static_cast<uint32_t>(rows_.size());
  for (const TransitionStep& step : pending_) {
    as_of_ms = std::max(as_of_ms, step.at_ms);
    product_end = std::max(product_end, step.product.value() + 1);
  }
  const double aging = has_folded_ ? Aging(as_of_ms - as_of_ms_, options_.half_life_ms) : 1;
  rows_.resize(product_end);
  const PendingIndex index = IndexPending(as_of_ms);
  const uint32_t workers = WorkerCount(options_.threads);
  std::vector<std::vector<uint64_t>> sums(workers);
  std::vector<std::vector<uint32_t>> touched(workers);
  std::vector<std::vector<Cell>> fresh(workers);
  ForEachBlock(rows_.size(), kRowBlock, workers, [&](uint32_t worker, size_t begin, size_t end) {
    sums[worker].resize(product_end);
    for (size_t product = begin; product < end; ++product) {
      CountRow(index, static_cast<uint32_t>(product), sums[worker], touched[worker], fresh[worker]);
      Row& row = rows_[product];
      MergeRow(fresh[worker], aging, row);
      uint64_t count_units = 0;
      for (size_t at = index.offsets[product]; at < index.offsets[product + 1]; ++at) {
        count_units +=
            static_cast<uint64_t>(std::llround(index.decay_of_step[index.steps[at]] * kUnitsPerWeight));
      }
      row.count = row.count * aging + static_cast<double>(count_units) / kUnitsPerWeight;
    }
  });
  pending_.clear();
  pending_ends_.clear();
  as_of_ms_ = as_of_ms;
  has_folded_ = true;
}

SparseRows TransitionTrainer::Train(uint32_t product_count) {
  CHECK(product_count <= kModelProductsMax);
  if (!pending_.empty()) Fold(as_of_ms_);
  const size_t known = std::min<size_t>(product_count, rows_.size());
  std::vector<double> column_factors(known);
  for (size_t product = 0; product < known; ++product) {
    column_factors[product] = std::pow(rows_[product].count + 1, -options_.column_exponent);
  }
  std::vector<std::vector<Neighbour>> rows(product_count);
  ForEachBlock(known, kRowBlock, options_.threads, [&](uint32_t, size_t begin, size_t end) {
    for (size_t product = begin; product < end; ++product) {
      const Row& from = rows_[product];
      const double row_factor = std::pow(from.count + 1, -options_.row_exponent);
      for (const Cell& cell : from.cells) {
        if (cell.product >= known) continue;
        const double weight = static_cast<double>(cell.weight) * row_factor * column_factors[cell.product];
        if (static_cast<float>(weight) > 0)
          rows[product].push_back({cell.product, static_cast<float>(weight)});
      }
      KeepStrongest(rows[product], options_.neighbours_max);
      rows[product].shrink_to_fit();
    }
  });
  return SparseRows(std::move(rows));
}

double TransitionTrainer::CountOf(ProductIndex product) const {
  return product.value() < rows_.size() ? rows_[product.value()].count : 0;
}

double TransitionTrainer::TransitionWeight(ProductIndex from, ProductIndex to) const {
  if (from.value() >= rows_.size()) return 0;
  const auto& cells = rows_[from.value()].cells;
  const auto cell = std::lower_bound(cells.begin(), cells.end(), to.value(),
                                     [](const Cell& a, uint32_t product) { return a.product < product; });
  return cell != cells.end() && cell->product == to.value() ? static_cast<double>(cell->weight) : 0;
}

double TransitionTrainer::LostWeight(ProductIndex from) const {
  return from.value() < rows_.size() ? rows_[from.value()].lost : 0;
}

size_t TransitionTrainer::cell_count() const {
  size_t count = 0;
  for (const Row& row : rows_) count += row.cells.size();
  return count;
}

}  // namespace attune::models
