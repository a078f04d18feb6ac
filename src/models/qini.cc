#include "models/qini.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "models/bootstrap.h"
#include "models/sparse_parallel.h"

namespace attune::models {
namespace {

constexpr uint32_t kResamplesMin = 100;
constexpr uint32_t kResamplesMax = 100'000;
constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

// What a prefix of an order holds.
struct Sums {
  double treated = 0, untreated = 0;                  // Rows.
  double treated_outcome = 0, untreated_outcome = 0;  // Of them.

  void Add(bool is_treated, double outcome, double weight) {
    (is_treated ? treated : untreated) += weight;
    (is_treated ? treated_outcome : untreated_outcome) += weight * outcome;
  }
  double rows() const { return treated + untreated; }
  double Incremental() const {
    return treated_outcome - (untreated > 0 ? untreated_outcome * treated / untreated : 0);
  }
  double Uplift() const {
    if (treated <= 0 || untreated <= 0) return kNoValue;
    return treated_outcome / treated - untreated_outcome / untreated;
  }
};

}  // namespace

QiniMeasure::Order QiniMeasure::OrderBy(std::span<const double> values) {
  Order order;
  order.rows.resize(values.size());
  std::iota(order.rows.begin(), order.rows.end(), 0u);
  std::sort(order.rows.begin(), order.rows.end(),
            [&](uint32_t a, uint32_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });
  for (uint32_t i = 1; i <= order.rows.size(); ++i) {
    if (i == order.rows.size() || values[order.rows[i]] != values[order.rows[i - 1]]) {
      order.ends.push_back(i);
    }
  }
  return order;
}

QiniMeasure::QiniMeasure(const UpliftRows& rows, std::span<const double> scores)
    : rows_(rows), by_score_(OrderBy(scores)) {
  std::vector<double> effect(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    effect[i] = rows.is_treated[i] != 0 ? rows.outcome[i] : -rows.outcome[i];
  }
  perfect_ = OrderBy(effect);
}

Result<QiniMeasure> QiniMeasure::Create(const UpliftRows& rows, std::span<const double> scores) {
  if (scores.size() != rows.size() || rows.is_treated.size() != rows.size()) {
    return InvalidArgument("there must be one score and one arm a row", "scores");
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!std::isfinite(scores[i])) return InvalidArgument("scores must be finite", "scores");
    if (!std::isfinite(rows.outcome[i])) return InvalidArgument("outcomes must be finite", "outcome");
  }
  const auto is_treated = [](uint8_t arm) { return arm != 0; };
  if (std::all_of(rows.is_treated.begin(), rows.is_treated.end(), is_treated)) {
    return InvalidArgument("no row is untreated", "control");
  }
  if (std::none_of(rows.is_treated.begin(), rows.is_treated.end(), is_treated)) {
    return InvalidArgument("no row is treated", "treatment");
  }
  QiniMeasure measure(rows, scores);
  if (std::isnan(measure.Figures().qini)) {
    return InvalidArgument("no order of the rows is better than another: all outcomes are equal", "outcome");
  }
  return measure;
}

double QiniMeasure::AreaOf(const Order& order, std::span<const uint32_t> weights) const {
  Sums sums;
  double area = 0, last_rows = 0, last_value = 0;
  size_t begin = 0;
  for (const uint32_t end : order.ends) {
    for (; begin < end; ++begin) {
      const uint32_t row = order.rows[begin];
      sums.Add(rows_.is_treated[row] != 0, rows_.outcome[row], weights[row]);
    }
    const double value = sums.Incremental();
    area += (sums.rows() - last_rows) * (value + last_value) / 2;
    last_rows = sums.rows();
    last_value = value;
  }
  return area;
}

double QiniMeasure::EndOf(std::span<const uint32_t> weights) const {
  Sums sums;
  for (size_t row = 0; row < rows_.size(); ++row) {
    sums.Add(rows_.is_treated[row] != 0, rows_.outcome[row], weights[row]);
  }
  return sums.rows() * sums.Incremental() / 2;
}

double QiniMeasure::UpliftAt(double share, std::span<const uint32_t> weights) const {
  const auto total = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
  double wanted = std::ceil(share * static_cast<double>(total));
  Sums sums;
  size_t begin = 0;
  for (const uint32_t end : by_score_.ends) {
    double group = 0;
    for (size_t i = begin; i < end; ++i) group += weights[by_score_.rows[i]];
    const double part = group > wanted ? wanted / group : 1;
    for (; begin < end; ++begin) {
      const uint32_t row = by_score_.rows[begin];
      sums.Add(rows_.is_treated[row] != 0, rows_.outcome[row], part * weights[row]);
    }
    wanted -= part * group;
    if (wanted <= 0) break;
  }
  return sums.Uplift();
}

UpliftFigures QiniMeasure::FiguresOf(std::span<const uint32_t> weights) const {
  UpliftFigures figures;
  const double random = EndOf(weights);
  const double room = AreaOf(perfect_, weights) - random;
  figures.qini = room > 0 ? (AreaOf(by_score_, weights) - random) / room : kNoValue;
  for (size_t i = 0; i < figures.uplift_at.size(); ++i) {
    figures.uplift_at[i] = UpliftAt(UpliftFigures::kShares[i], weights);
  }
  return figures;
}

UpliftFigures QiniMeasure::Figures() const { return FiguresOf(std::vector<uint32_t>(rows_.size(), 1)); }

Result<UpliftInterval> QiniMeasure::Bootstrap(const QiniBootstrapOptions& options) const {
  if (options.resamples < kResamplesMin || options.resamples > kResamplesMax) {
    return InvalidArgument("resamples must be 100 to 100000", "resamples");
  }
  if (!(options.confidence > 0 && options.confidence < 1)) {
    return InvalidArgument("confidence must lie between 0 and 1", "confidence");
  }
  if (!(options.widening >= 1)) return InvalidArgument("widening must be at least 1", "widening");
  std::vector<UpliftFigures> drawn(options.resamples);
  std::vector<std::vector<uint32_t>> weights(WorkerCount(options.threads));
  ForEachBlock(drawn.size(), 8, options.threads, [&](uint32_t worker, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      Random random(MixHash64(options.seed, i));
      weights[worker].assign(rows_.size(), 0);
      for (size_t draw = 0; draw < rows_.size(); ++draw) ++weights[worker][random.NextBelow(rows_.size())];
      drawn[i] = FiguresOf(weights[worker]);
    }
  });
  const UpliftFigures figures = Figures();
  UpliftInterval result;
  const auto interval = [&](const auto& figure) {
    std::vector<double> values;
    for (UpliftFigures& one : drawn) values.push_back(figure(one));
    const auto [low, high] = PercentileInterval(std::move(values), options.confidence);
    const double center = figure(figures);
    figure(result.low) = center - options.widening * (center - low);
    figure(result.high) = center + options.widening * (high - center);
  };
  interval([](auto& one) -> auto& { return one.qini; });
  for (size_t share = 0; share < UpliftFigures::kShares.size(); ++share) {
    interval([share](auto& one) -> auto& { return one.uplift_at[share]; });
  }
  return result;
}

}  // namespace attune::models
