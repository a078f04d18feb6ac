#include "models/ranking_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "base/status.h"

namespace attune::models {
namespace {

// Of a hit at `position`, from 0.
double Discount(size_t position) { return 1.0 / std::log2(static_cast<double>(position) + 2.0); }

template <double (*OfRank)(double, uint32_t)>
double MeanOverRanks(std::span<const double> mid_ranks, uint32_t k) {
  if (mid_ranks.empty()) return 0;
  double sum = 0;
  for (const double rank : mid_ranks) sum += OfRank(rank, k);
  return sum / static_cast<double>(mid_ranks.size());
}

}  // namespace

double RecallOfRank(double mid_rank, uint32_t k) { return mid_rank <= static_cast<double>(k) ? 1.0 : 0.0; }

double NdcgOfRank(double mid_rank, uint32_t k) {
  return mid_rank <= static_cast<double>(k) ? 1.0 / std::log2(mid_rank + 1.0) : 0.0;
}

double MrrOfRank(double mid_rank, uint32_t k) {
  return mid_rank <= static_cast<double>(k) ? 1.0 / mid_rank : 0.0;
}

double RecallAt(std::span<const double> mid_ranks, uint32_t k) {
  return MeanOverRanks<RecallOfRank>(mid_ranks, k);
}
double NdcgAt(std::span<const double> mid_ranks, uint32_t k) {
  return MeanOverRanks<NdcgOfRank>(mid_ranks, k);
}
double MrrAt(std::span<const double> mid_ranks, uint32_t k) { return MeanOverRanks<MrrOfRank>(mid_ranks, k); }

double ListRecallAt(std::span<const uint32_t> ranked, std::span<const uint32_t> held_out, uint32_t k) {
  if (held_out.empty()) return 0;
  const auto shown = ranked.first(std::min<size_t>(k, ranked.size()));
  const auto hits = std::count_if(shown.begin(), shown.end(), [&](uint32_t product) {
    return std::binary_search(held_out.begin(), held_out.end(), product);
  });
  return static_cast<double>(hits) / static_cast<double>(held_out.size());
}

double ListNdcgAt(std::span<const uint32_t> ranked, std::span<const uint32_t> held_out, uint32_t k) {
  if (held_out.empty()) return 0;
  double gained = 0;
  for (size_t position = 0; position < std::min<size_t>(k, ranked.size()); ++position) {
    if (std::binary_search(held_out.begin(), held_out.end(), ranked[position])) gained += Discount(position);
  }
  double ideal = 0;
  for (size_t position = 0; position < std::min<size_t>(k, held_out.size()); ++position) {
    ideal += Discount(position);
  }
  return ideal > 0 ? gained / ideal : 0;
}

double MeanOf(std::span<const double> values) {
  if (values.empty()) return 0;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double QuantileOf(std::vector<double> values, double share) {
  CHECK(share > 0 && share <= 1);
  if (values.empty()) return 0;
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(values.size())));
  const auto nth = values.begin() + static_cast<std::ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(values.begin(), nth, values.end());
  return *nth;
}

}  // namespace attune::models
