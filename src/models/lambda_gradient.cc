#include "models/lambda_gradient.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

namespace attune::models {
namespace {

double Discount(size_t rank) { return 1 / std::log2(2 + static_cast<double>(rank)); }

// Rows of a list, best score first.
std::vector<size_t> OrderOf(std::span<const float> scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  return order;
}

struct List {
  std::span<const float> gains;
  std::span<const float> weights;
  std::span<const float> scores;
  std::span<float> gradients;
  std::span<float> hessians;
};

void AddList(const List& list) {
  const double ideal = IdealGain(list.gains, list.gains.size());
  if (ideal <= 0) return;
  const std::vector<size_t> order = OrderOf(list.scores);
  std::vector<double> discounts(order.size());
  for (size_t rank = 0; rank < order.size(); ++rank) discounts[order[rank]] = Discount(rank);
  double total = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (!(list.gains[i] > 0)) continue;
    for (size_t j = 0; j < order.size(); ++j) {
      if (!(list.gains[i] > list.gains[j])) continue;
      const double swap = static_cast<double>(list.gains[i] - list.gains[j]) *
                          std::abs(discounts[i] - discounts[j]) / ideal *
                          static_cast<double>(list.weights[i]);
      const double rho = 1 / (1 + std::exp(static_cast<double>(list.scores[i] - list.scores[j])));
      const auto lambda = static_cast<float>(rho * swap);
      const auto curve = static_cast<float>(rho * (1 - rho) * swap);
      list.gradients[i] -= lambda;
      list.gradients[j] += lambda;
      list.hessians[i] += curve;
      list.hessians[j] += curve;
      total += 2 * rho * swap;
    }
  }
  if (!(total > 0)) return;
  const auto scale = static_cast<float>(std::log2(1 + total) / total);
  for (float& gradient : list.gradients) gradient *= scale;
  for (float& hessian : list.hessians) hessian *= scale;
}

}  // namespace

void LambdaGradients(std::span<const RankedRows> lists, std::span<const float> gains,
                     std::span<const float> weights, std::span<const float> scores,
                     std::span<float> gradients, std::span<float> hessians) {
  std::fill(gradients.begin(), gradients.end(), 0.0f);
  std::fill(hessians.begin(), hessians.end(), 0.0f);
  for (const RankedRows& rows : lists) {
    const size_t count = rows.end - rows.begin;
    AddList({gains.subspan(rows.begin, count), weights.subspan(rows.begin, count),
             scores.subspan(rows.begin, count), gradients.subspan(rows.begin, count),
             hessians.subspan(rows.begin, count)});
  }
}

double NdcgOfScores(std::span<const float> gains, std::span<const float> scores, size_t cutoff,
                    double ideal) {
  if (!(ideal > 0)) return 0;
  const std::vector<size_t> order = OrderOf(scores);
  double gain = 0;
  for (size_t rank = 0; rank < std::min(cutoff, order.size()); ++rank) {
    gain += static_cast<double>(gains[order[rank]]) * Discount(rank);
  }
  return gain / ideal;
}

double IdealGain(std::span<const float> gains, size_t cutoff) {
  std::vector<float> sorted(gains.begin(), gains.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  double ideal = 0;
  for (size_t rank = 0; rank < std::min(cutoff, sorted.size()); ++rank) {
    ideal += static_cast<double>(sorted[rank]) * Discount(rank);
  }
  return ideal;
}

}  // namespace attune::models
